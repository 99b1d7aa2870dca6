/* SPDX-License-Identifier: BSD-2-Clause */
/* test_diagnosis.c - what a list and a resolver say, and what is told of that. */
#include "config.h"

#include "health/diagnosis.h"

#include <string.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct {
	struct dns_reply reply;
	enum answer_kind kind;
	const char *name;
} kinds[] = {
    {{.status = DNS_FOUND, .rcode = DNS_NOERROR, .n = 1}, ANSWER_LISTED, "listed"},
    {{.status = DNS_ABSENT, .rcode = DNS_NXDOMAIN, .soa = true}, ANSWER_NXDOMAIN, "NXDOMAIN"},
    {{.status = DNS_ABSENT, .rcode = DNS_NXDOMAIN}, ANSWER_NXDOMAIN_BARE,
	"NXDOMAIN-without-SOA"},
    {{.status = DNS_ABSENT, .rcode = DNS_NOERROR, .soa = true}, ANSWER_NODATA, "no-data"},
    {{.status = DNS_FAILED, .rcode = DNS_NOERROR}, ANSWER_NODATA_BARE, "no-data-without-SOA"},
    {{.status = DNS_FAILED, .rcode = DNS_SERVFAIL}, ANSWER_SERVFAIL, "SERVFAIL"},
    {{.status = DNS_FAILED, .rcode = DNS_REFUSED}, ANSWER_REFUSED, "REFUSED"},
    {{.status = DNS_FAILED, .rcode = DNS_FORMERR}, ANSWER_OTHER, "other"},
    {{.status = DNS_TIMEOUT, .rcode = DNS_NO_RCODE}, ANSWER_NOTHING, "nothing"},
};

/* Each with a word of the hint that no other one has; "": none. */
static const struct {
	const char *label;
	struct diagnosis seen;
	const char *word;
} rows[] = {
    {"all is well", {ANSWER_LISTED, ANSWER_NXDOMAIN, ANSWER_UNASKED}, ""},
    {"unbound private-address, dnsmasq stop-dns-rebind",
	{ANSWER_NODATA_BARE, ANSWER_NXDOMAIN, ANSWER_NODATA_BARE}, "private-domain"},
    {"unbound private-address, in a test of every day",
	{ANSWER_NODATA_BARE, ANSWER_NXDOMAIN, ANSWER_UNASKED}, "private-domain"},
    {"kresd, module rebinding", {ANSWER_REFUSED, ANSWER_NXDOMAIN, ANSWER_REFUSED},
	"ALLOW_LOCAL"},
    {"BIND deny-answer-addresses", {ANSWER_SERVFAIL, ANSWER_NXDOMAIN, ANSWER_SERVFAIL},
	"deny-answer-addresses"},
    {"RPZ", {ANSWER_NXDOMAIN_BARE, ANSWER_NXDOMAIN, ANSWER_NXDOMAIN_BARE}, "RPZ"},
    {"unbound qname-minimisation-strict", {ANSWER_NXDOMAIN, ANSWER_NXDOMAIN, ANSWER_NXDOMAIN},
	"minimises"},
    {"BIND qname-minimization strict",
	{ANSWER_NXDOMAIN_BARE, ANSWER_NXDOMAIN_BARE, ANSWER_NXDOMAIN_BARE}, "minimises"},
    {"the same, while it fails now and then",
	{ANSWER_SERVFAIL, ANSWER_NXDOMAIN_BARE, ANSWER_NXDOMAIN_BARE}, "minimises"},
    {"a private zone below a signed one", {ANSWER_SERVFAIL, ANSWER_SERVFAIL, ANSWER_NXDOMAIN},
	"validation"},
    {"unbound do-not-query-localhost, tcp-upstream, pdns dont-query, a lame list",
	{ANSWER_SERVFAIL, ANSWER_SERVFAIL, ANSWER_SERVFAIL}, "are gone, or"},
    {"unbound private-address, a list that refuses to answer",
	{ANSWER_NODATA_BARE, ANSWER_NODATA_BARE, ANSWER_NODATA_BARE}, "leaves all answers"},
    {"a lame list behind dnsmasq", {ANSWER_REFUSED, ANSWER_REFUSED, ANSWER_REFUSED},
	"refuses to answer us"},
    {"nobody is there", {ANSWER_NOTHING, ANSWER_NOTHING, ANSWER_NOTHING}, "says nothing"},
    {"a resolver that waits, and gives up", {ANSWER_NOTHING, ANSWER_SERVFAIL, ANSWER_UNASKED},
	"are gone, or"},
    {"and the other way round", {ANSWER_SERVFAIL, ANSWER_NOTHING, ANSWER_UNASKED},
	"are gone, or"},
    {"nobody is there, no test entry", {ANSWER_UNASKED, ANSWER_NOTHING, ANSWER_UNASKED},
	"says nothing"},
    {"a lame list, no test entry", {ANSWER_UNASKED, ANSWER_SERVFAIL, ANSWER_UNASKED},
	"are gone, or"},
    {"nobody is there, the entry is in a cache",
	{ANSWER_LISTED, ANSWER_NOTHING, ANSWER_UNASKED}, "says nothing"},
    {"it fails, the entry is in a cache", {ANSWER_LISTED, ANSWER_SERVFAIL, ANSWER_LISTED},
	"are gone, or"},
    {"nobody was asked", {ANSWER_UNASKED, ANSWER_UNASKED, ANSWER_UNASKED}, ""},
};

/* A hint has its own word, and none of the others'. */
static void
test_hint(size_t i)
{
	const char *hint = diagnosis_hint(&rows[i].seen);

	if (rows[i].word[0] == '\0') {
		ok(hint == NULL, "%s: nothing to say", rows[i].label);
		return;
	}
	ok(hint != NULL && strstr(hint, rows[i].word) != NULL, "%s: its hint", rows[i].label);
	for (size_t k = 0; k < COUNT(rows) && hint != NULL; k++)
		if (rows[k].word[0] != '\0' && strcmp(rows[k].word, rows[i].word) != 0)
			ok(strstr(hint, rows[k].word) == NULL, "%s: not that of %s",
			    rows[i].label, rows[k].label);
}

/* What has answers in a test, and had none for clients; else a silent list has the same. */
static void
test_silent(void)
{
	static const enum answer_kind entries[] = {ANSWER_LISTED, ANSWER_UNASKED},
				      clear[] = {ANSWER_NXDOMAIN, ANSWER_NXDOMAIN_BARE};
	const char *hint;

	for (size_t i = 0; i < COUNT(entries); i++)
		for (size_t k = 0; k < COUNT(clear); k++) {
			struct diagnosis seen = {entries[i], clear[k], ANSWER_UNASKED};

			hint = diagnosis_of_silence(&seen);
			ok(hint != NULL && strstr(hint, "rate limit") != NULL,
			    "silent, %s, %s: its hint", answer_kind_name(entries[i]),
			    answer_kind_name(clear[k]));
		}
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (rows[i].seen.entry == ANSWER_LISTED &&
		    rows[i].seen.clear == ANSWER_NXDOMAIN)
			continue;
		ok(diagnosis_of_silence(&rows[i].seen) == diagnosis_hint(&rows[i].seen),
		    "silent: %s", rows[i].label);
	}
}

int
main(void)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		same_num(answer_kind_of(&kinds[i].reply), kinds[i].kind, kinds[i].name);
		same_str(answer_kind_name(kinds[i].kind), kinds[i].name, kinds[i].name);
	}
	for (size_t i = 0; i < COUNT(rows); i++)
		test_hint(i);
	test_silent();
	return done();
}
