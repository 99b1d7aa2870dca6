/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/diagnosis.c - a table of what resolvers do to lists, as seen at Unbound, BIND, the
 * PowerDNS Recursor, Knot Resolver and dnsmasq.
 */
#include "config.h"

#include "health/diagnosis.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"

#define BIT(kind) (1U << ANSWER_##kind)
#define NO_SUCH_NAME (BIT(NXDOMAIN) | BIT(NXDOMAIN_BARE))
#define KEPT (BIT(LISTED) | BIT(UNASKED)) /* by a resolver, or by nobody: it says nothing */
#define ANY (~0U)

#define MANUAL "; see servers in relayguard.conf(5)"

/* The first row that all answers are in. */
static const struct {
	unsigned entry, clear, unchecked; /* kinds */
	const char *hint;
} rows[] = {
    {BIT(NODATA_BARE), NO_SUCH_NAME, ANY,
	"the resolver leaves answers in 127.0.0.0/8 out (rebinding protection): "
	"unbound private-domain, dnsmasq rebind-localhost-ok" MANUAL},
    {BIT(REFUSED), NO_SUCH_NAME, ANY,
	"the resolver refuses answers in 127.0.0.0/8 (rebinding protection): "
	"kresd policy.FLAGS({'ALLOW_LOCAL'})" MANUAL},
    {BIT(SERVFAIL), BIT(NXDOMAIN), ANY,
	"the resolver fails at answers in 127.0.0.0/8 (rebinding protection): "
	"BIND deny-answer-addresses ... except-from" MANUAL},
    {BIT(NXDOMAIN_BARE), BIT(NXDOMAIN), ANY,
	"a policy of the resolver denies answers in 127.0.0.0/8 (RPZ, or dnsmasq "
	"bogus-nxdomain)" MANUAL},
    {NO_SUCH_NAME | BIT(SERVFAIL), NO_SUCH_NAME, ANY,
	"the list is empty, or the resolver minimises query names strictly" MANUAL},
    {BIT(SERVFAIL), BIT(SERVFAIL), NO_SUCH_NAME | BIT(LISTED),
	"DNSSEC validation fails: a private zone below a signed one must be excepted "
	"from it at the resolver" MANUAL},
    {BIT(NOTHING) | KEPT, BIT(NOTHING), ANY,
	"whoever is asked says nothing: it is gone, or waits for the servers of the list"},
    {BIT(SERVFAIL) | BIT(NOTHING) | KEPT, BIT(SERVFAIL) | BIT(NOTHING), ANY,
	"the resolver has no answer of the list to give: its servers are gone, or refuse, or it "
	"may not ask them, or not so often" MANUAL},
    {BIT(NODATA_BARE), BIT(NODATA_BARE), ANY,
	"the resolver leaves all answers out, those to what nobody has, too: the list lists "
	"everything, or says that it refuses to answer" MANUAL},
    {BIT(REFUSED) | KEPT, BIT(REFUSED), ANY, "whoever is asked refuses to answer us at all"},
};

enum answer_kind
answer_kind_of(const struct dns_reply *reply)
{
	switch (reply->rcode) {
	case DNS_NOERROR:
		if (reply->status == DNS_FOUND)
			return ANSWER_LISTED;
		return reply->soa ? ANSWER_NODATA : ANSWER_NODATA_BARE;
	case DNS_NXDOMAIN:
		return reply->soa ? ANSWER_NXDOMAIN : ANSWER_NXDOMAIN_BARE;
	case DNS_SERVFAIL:
		return ANSWER_SERVFAIL;
	case DNS_REFUSED:
		return ANSWER_REFUSED;
	case DNS_NO_RCODE:
		return ANSWER_NOTHING;
	default:
		return ANSWER_OTHER;
	}
}

const char *
answer_kind_name(enum answer_kind kind)
{
	static const char *const names[] = {
	    [ANSWER_UNASKED] = "unasked",
	    [ANSWER_LISTED] = "listed",
	    [ANSWER_NXDOMAIN] = "NXDOMAIN",
	    [ANSWER_NXDOMAIN_BARE] = "NXDOMAIN-without-SOA",
	    [ANSWER_NODATA] = "no-data",
	    [ANSWER_NODATA_BARE] = "no-data-without-SOA",
	    [ANSWER_SERVFAIL] = "SERVFAIL",
	    [ANSWER_REFUSED] = "REFUSED",
	    [ANSWER_OTHER] = "other",
	    [ANSWER_NOTHING] = "nothing",
	};

	return names[kind];
}

static bool
is_in(unsigned kinds, enum answer_kind kind)
{
	return (kinds >> kind & 1) != 0;
}

const char *
diagnosis_hint(const struct diagnosis *d)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (is_in(rows[i].entry, d->entry) && is_in(rows[i].clear, d->clear) &&
		    is_in(rows[i].unchecked, d->unchecked))
			return rows[i].hint;
	return NULL;
}

const char *
diagnosis_of_silence(const struct diagnosis *d)
{
	if (is_in(KEPT, d->entry) && is_in(NO_SUCH_NAME, d->clear))
		return "its tests are answered, clients' questions are not: a rate limit at the "
		       "resolver or the list, a short outage, or a resolver that answers from "
		       "what it has kept of a signed zone" MANUAL;
	return diagnosis_hint(d);
}

/* As Spamhaus uses them, and others after it; Validity has one for all. */
const char *
diagnosis_of_refusal(uint32_t code)
{
	switch (code) {
	case 0x7ffffffc: /* 127.255.255.252 */
		return "the list has no zone of that name: look for a slip in its zone or its key";
	case 0x7ffffffe: /* .254 */
		return "the list does not serve the resolver that we ask, as a public one: run your "
		       "own" MANUAL;
	case 0x7fffffff: /* .255 */
		return "the list has had too many questions from the resolver, or wants it "
		       "registered: share it with nobody, and see what the list says of that";
	default:
		return "the list refuses to answer: ask it through a resolver of your own, or "
		       "register" MANUAL;
	}
}

const char *
diagnosis_of_denial(void)
{
	return "the resolver minimises query names strictly, and misses the first clients of each "
	       "network; or it was restarted, keeps nothing, or is several" MANUAL;
}

static void
add_answer(struct logline *line, const char *key, enum answer_kind kind)
{
	if (kind != ANSWER_UNASKED)
		logline_str(line, key, answer_kind_name(kind));
}

void
diagnosis_log(const char *label, enum answer_kind missed, const struct diagnosis *d)
{
	struct logline line;

	logline_event(&line, "list-silent");
	logline_str(&line, "list", label);
	add_answer(&line, "answer", missed);
	add_answer(&line, "entry", d->entry);
	add_answer(&line, "clear", d->clear);
	logline_str(&line, "hint", diagnosis_of_silence(d));
	logline_end(&line, LOG_LEVEL_WARNING);
}
