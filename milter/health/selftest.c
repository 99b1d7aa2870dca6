/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/selftest.c - the questions of a test, all asked at once, and what their answers
 * say of the list.  The names asked are made from raw addresses: the IPv6 test
 * entries are written as IPv4 ones, and must not be folded.
 */
#include "config.h"

#include "health/selftest.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "dns/dns.h"
#include "lists/subject.h"

#define ENTRIES_MAX 8 /* two of each family, and one or two in each of three other ways */
#define QUESTIONS_MAX (ENTRIES_MAX + SELFTEST_CANARIES_MAX)
#define NAME_MAX_DNS 256

static const uint8_t ENTRY[4] = {127, 0, 0, 2};
static const uint8_t NO_ENTRY[4] = {127, 0, 0, 1};

/* The same of a list of names (RFC 5782, 5). */
#define NAME_ENTRY "test"
#define NAME_NO_ENTRY "invalid"

struct selftest;

/* What is to be found out by a question. */
enum aim {
	AIM_ENTRY,    /* it is listed */
	AIM_NO_ENTRY, /* it is not */
	AIM_CANARY,   /* nor is this one */
	AIM_TYPES,    /* whether a listed name is there for another type, too */
	AIM_SIGNED,   /* whether answers are signed */
	AIM_UNCHECKED /* what is said where nobody validates it */
};

struct question {
	struct selftest *selftest;
	struct canary asked; /* or a test entry in its place */
	enum aim aim;
};

struct selftest {
	struct roster *roster;
	const struct listing *listing;
	selftest_done *done;
	void *arg;
	unsigned open; /* questions, and one while they are being asked */
	unsigned n, ncanaries;
	struct selftest_report report;
	struct question question[QUESTIONS_MAX];
};

const char *
selftest_name(enum selftest_result result)
{
	switch (result) {
	case SELFTEST_GOOD:
		return "good";
	case SELFTEST_SILENT:
		return "silent";
	case SELFTEST_UNANSWERED:
		return "unanswered";
	case SELFTEST_EMPTY:
		return "empty";
	case SELFTEST_UNDECLARED:
		return "undeclared";
	case SELFTEST_REFUSED:
		return "error-code";
	case SELFTEST_OUTSIDE:
		return "outside";
	case SELFTEST_LISTS_ALL:
		break;
	}
	return "lists-everything";
}

const char *
selftest_hint(const struct selftest_report *report, enum selftest_result result)
{
	switch (result) {
	case SELFTEST_GOOD:
	case SELFTEST_SILENT:
		break;
	case SELFTEST_UNANSWERED:
	case SELFTEST_EMPTY:
		return diagnosis_hint(&report->diagnosis);
	case SELFTEST_UNDECLARED:
		return "the list has a code that its answer table lacks: see what it says of its "
		       "codes";
	case SELFTEST_REFUSED:
		return diagnosis_of_refusal(report->code);
	case SELFTEST_OUTSIDE:
		return "the domain of the list is parked, or the resolver rewrites NXDOMAIN: ask "
		       "for a name that nobody has, and another resolver";
	case SELFTEST_LISTS_ALL:
		if (report->entries == SELFTEST_GOOD)
			return "if it holds networks without senders on purpose, name others as "
			       "its canary (an address that nobody has)";
		return "a list that closes may list everybody: see whether it is still there";
	}
	return NULL;
}

/* Whether canaries were answered. */
static bool
is_answered(const struct selftest *e)
{
	unsigned answered = 0;

	for (unsigned i = 0; i < e->ncanaries; i++)
		answered += e->report.canary[i] != SELFTEST_SILENT;
	return answered > 0 && answered == e->ncanaries;
}

/* Where the canaries have answers, somebody takes that of the entry away. */
static void
sum_up(struct selftest *e)
{
	struct selftest_report *r = &e->report;

	if (r->entries != SELFTEST_SILENT || !is_answered(e))
		return;
	r->entries = SELFTEST_UNANSWERED;
	if (r->worst < SELFTEST_UNANSWERED)
		r->worst = SELFTEST_UNANSWERED;
}

static void
leave(struct selftest *e)
{
	if (--e->open > 0)
		return;
	sum_up(e);
	e->done(e->arg, &e->report);
	roster_unref(&e->roster);
	free(e);
}

static enum selftest_result
judge(const struct question *q, const struct dns_reply *reply, uint32_t *code)
{
	bool listed = q->aim == AIM_ENTRY;
	struct fact fact = {.state = FACT_UNKNOWN};

	*code = 0;
	if (reply->status == DNS_ABSENT)
		return listed ? SELFTEST_EMPTY : SELFTEST_GOOD;
	if (reply->status != DNS_FOUND)
		return SELFTEST_SILENT;
	*code = reply->address[0];
	switch (listing_read(q->selftest->listing, reply->address, reply->n, &fact, code)) {
	case ANOMALY_OUTSIDE:
		return SELFTEST_OUTSIDE;
	case ANOMALY_ERROR_CODE:
		return SELFTEST_REFUSED;
	case ANOMALY_UNDECLARED:
	case ANOMALY_LOOPBACK:
	case ANOMALY_NONE:
		break;
	}
	if (*code == 0)
		*code = reply->address[0];
	if (fact.state != FACT_LISTED)
		return SELFTEST_UNDECLARED;
	return listed ? SELFTEST_GOOD : SELFTEST_LISTS_ALL;
}

static void
explain(struct selftest_report *r, const struct question *q, uint32_t code)
{
	char subject[SUBJECT_NAME_SIZE], answer[INET_ADDRSTRLEN];
	struct in_addr in = {.s_addr = htonl(code)};
	struct strbuf sb;

	subject_format(&q->asked.subject, subject, sizeof(subject));
	strbuf_init(&sb, r->evidence, sizeof(r->evidence));
	strbuf_add(&sb, subject);
	if (r->worst == SELFTEST_SILENT)
		strbuf_add(&sb, " gets no answer");
	else if (code == 0)
		strbuf_add(&sb, " is not listed");
	else
		strbuf_addf(&sb, " gives %s", inet_ntop(AF_INET, &in, answer, sizeof(answer)));
}

/* What is wrong with a list shows in one family as in the other. */
static void
diagnose(struct diagnosis *d, enum aim aim, const struct dns_reply *reply)
{
	switch (aim) {
	case AIM_ENTRY:
		d->entry = answer_kind_of(reply);
		break;
	case AIM_CANARY:
		d->clear = answer_kind_of(reply);
		break;
	case AIM_UNCHECKED:
		/* Some resolvers keep that a name has failed, others fail at absences. */
		if (d->unchecked == ANSWER_UNASKED || reply->status <= DNS_ABSENT)
			d->unchecked = answer_kind_of(reply);
		break;
	case AIM_NO_ENTRY:
	case AIM_TYPES:
	case AIM_SIGNED:
		break;
	}
}

/* Canaries stand in the report as they do in the plan, behind the test entries. */
static void
note(struct selftest_report *r, const struct question *q, enum selftest_result result)
{
	if (q->aim == AIM_CANARY)
		r->canary[q - q->selftest->question -
		    (q->selftest->n - q->selftest->ncanaries)] = result;
	else if (result > r->entries)
		r->entries = result;
}

static void
on_dns(void *arg, const struct dns_reply *reply)
{
	struct question *q = arg;
	struct selftest_report *r = &q->selftest->report;
	uint32_t code;
	enum selftest_result result = judge(q, reply, &code);

	note(r, q, result);
	diagnose(&r->diagnosis, q->aim, reply);
	if (q->aim == AIM_ENTRY && result == SELFTEST_GOOD)
		r->ttl = reply->ttl;
	if (q->aim == AIM_ENTRY && result == SELFTEST_EMPTY && reply->soa)
		r->denied = reply->ttl;
	if (result > r->worst) {
		r->worst = result;
		r->code = code;
		explain(r, q, code);
	}
	leave(q->selftest);
}

/* A name that is listed is there for all types (RFC 8020, 2). */
static void
on_types(void *arg, const struct dns_reply *reply)
{
	struct question *q = arg;

	q->selftest->report.has_types = reply->rcode == DNS_NOERROR;
	leave(q->selftest);
}

/* By a question of its own: some servers fail at one that asks for signatures. */
static void
on_signed(void *arg, const struct dns_reply *reply)
{
	struct question *q = arg;

	q->selftest->report.is_signed = reply->is_signed;
	leave(q->selftest);
}

static void
on_unchecked(void *arg, const struct dns_reply *reply)
{
	struct question *q = arg;

	diagnose(&q->selftest->report.diagnosis, q->aim, reply);
	leave(q->selftest);
}

static struct question *
add(struct selftest *e, enum aim aim)
{
	struct question *q = &e->question[e->n++];

	q->selftest = e;
	q->aim = aim;
	return q;
}

/* The address as a list of the family keeps it: as it is, or as ::ffff:a.b.c.d. */
static void
add_address(struct selftest *e, bool v6, const uint8_t octets[4], enum aim aim)
{
	struct subject *subject = &add(e, aim)->asked.subject;
	struct ipaddr *address = &subject->key;

	subject->role = ROLE_ADDRESS;
	address->bits = v6 ? 128 : 32;
	if (v6)
		memset(address->byte + 10, 0xff, 2);
	memcpy(address->byte + (v6 ? 12 : 0), octets, 4);
}

static void
add_name(struct selftest *e, const char *own, const char *usual, enum aim aim)
{
	add(e, aim)->asked.subject = subject_name(e->listing->role, own != NULL ? own : usual);
}

static void
add_entries(struct selftest *e, bool unchecked)
{
	const struct listing *list = e->listing;

	if (list->role != ROLE_ADDRESS) {
		if (list->test_entry) {
			add_name(e, list->test_listed, NAME_ENTRY, AIM_ENTRY);
			add_name(e, list->test_listed, NAME_ENTRY, AIM_TYPES);
			if (unchecked)
				add_name(e, list->test_listed, NAME_ENTRY, AIM_UNCHECKED);
		}
		add_name(e, list->test_clear, NAME_NO_ENTRY, AIM_NO_ENTRY);
		add_name(e, list->test_clear, NAME_NO_ENTRY, AIM_SIGNED);
		return;
	}
	for (int v6 = 0; v6 < 2; v6++) {
		if (!(v6 ? list->ipv6 : list->ipv4))
			continue;
		if (list->test_entry)
			add_address(e, v6, ENTRY, AIM_ENTRY);
		add_address(e, v6, NO_ENTRY, AIM_NO_ENTRY);
	}
	if (list->test_entry)
		add_address(e, !list->ipv4, ENTRY, AIM_TYPES);
	if (list->test_entry && unchecked)
		add_address(e, !list->ipv4, ENTRY, AIM_UNCHECKED);
	add_address(e, !list->ipv4, NO_ENTRY, AIM_SIGNED);
}

static bool
add_canaries(struct selftest *e, const struct selftest_plan *plan)
{
	assert(plan->ncanaries <= SELFTEST_CANARIES_MAX);
	if (plan->unchecked && plan->ncanaries > 0 &&
	    !canary_draw(&add(e, AIM_UNCHECKED)->asked, e->listing, plan->canary[0]))
		return false;
	e->ncanaries = plan->ncanaries;
	for (unsigned i = 0; i < plan->ncanaries; i++)
		if (!canary_draw(&add(e, AIM_CANARY)->asked, e->listing, plan->canary[i]))
			return false;
	return true;
}

/* The test entries of a list of names are asked as they are. */
static bool
make_name(const struct selftest *e, const struct subject *subject, char *out, size_t size)
{
	struct listing whole = *e->listing;

	whole.registered = false;
	return listing_query(&whole, subject, out, size);
}

static void
ask(struct question *q, struct dns *dns, unsigned server)
{
	const struct listing *listing = q->selftest->listing;
	char name[NAME_MAX_DNS];

	if (!make_name(q->selftest, &q->asked.subject, name, sizeof(name)))
		leave(q->selftest);
	else if (q->aim == AIM_TYPES)
		dns_query(dns, DNS_TXT, name, NULL, 0, on_types, q);
	else if (q->aim == AIM_SIGNED)
		dns_ask_server(dns, name, server, DNS_DNSSEC_OK, on_signed, q);
	else if (q->aim == AIM_UNCHECKED)
		dns_ask_server(dns, name, server, DNS_CHECKING_DISABLED, on_unchecked, q);
	else
		dns_ask_list(dns, &(struct dns_list){listing->zone, listing}, name, server, 0,
		    on_dns, q);
}

static void
ask_all(struct selftest *e, struct dns *dns, unsigned server)
{
	e->open = e->n + 1;
	for (unsigned i = 0; i < e->n; i++)
		ask(&e->question[i], dns, server);
	leave(e);
}

bool
selftest_start(struct dns *dns, struct roster *roster, unsigned list,
    const struct selftest_plan *plan, selftest_done *done, void *arg)
{
	struct selftest *e = dns != NULL ? calloc(1, sizeof(*e)) : NULL;

	if (e == NULL)
		return false;
	e->listing = roster->list[list];
	e->done = done;
	e->arg = arg;
	if (plan->entries)
		add_entries(e, plan->unchecked);
	if (!add_canaries(e, plan)) {
		free(e);
		return false;
	}
	e->roster = roster_ref(roster);
	ask_all(e, dns, plan->server);
	return true;
}
