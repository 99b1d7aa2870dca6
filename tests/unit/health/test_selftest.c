/* SPDX-License-Identifier: BSD-2-Clause */
/* test_exam.c - the questions of a test, and the worst of their answers. */
#include "config.h"

#include "health/selftest.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/dns.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"

#include "tap.h"

#define ENTRY "2.0.0.127.zen.example"
#define NO_ENTRY "1.0.0.127.zen.example"
#define V6 "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.zen.example"
#define ENTRY6 "2.0.0.0.0.0.f.7.f.f.f.f." V6
#define NO_ENTRY6 "1.0.0.0.0.0.f.7.f.f.f.f." V6
#define TEN "*.10.zen.example" /* canaries of 10.0.0.0/8, */
#define ANY "*.zen.example"    /* of whatever else is not taught, */
#define DOC6 "*.3.zen.example" /* and of 3fff::/20 */
#define ANSWERS_TAUGHT 4
#define BLOCKS 3

/* Codes are as in 127.0.0.2; these are none: */
#define SILENT 1
#define FAILED 2
#define ABSENT 3 /* and signed */

struct taught {
	const char *name;
	uint32_t code;
};

/* A list of addresses, or of names. */
enum kind { V4, BOTH, V6_ALONE, NAMES, KINDS };

static const struct {
	const char *label;
	enum kind kind;
	bool entry, entries;
	unsigned ncanaries;
	struct canary_block canary[BLOCKS];
	struct taught taught[ANSWERS_TAUGHT]; /* others are absent */
	enum selftest_result worst, entries_are;
	const char *canaries; /* a letter each: g, s, l for SELFTEST_LISTS_ALL, o for others */
	const char *evidence; /* a pattern of the shell */
	unsigned asked;
} rows[] = {
    {"a good list", V4, true, true, 1, {{CANARY_0, 1}}, {{ENTRY, 0x7f000002}}, SELFTEST_GOOD,
	SELFTEST_GOOD, "g", "", 5},
    {"another declared code", V4, true, true, 0, {{0}}, {{ENTRY, 0x7f000004}}, SELFTEST_GOOD,
	SELFTEST_GOOD, "", "", 4},
    {"of both families", BOTH, true, true, 2, {{CANARY_192, 0}, {CANARY_V6, 1}},
	{{ENTRY, 0x7f000002}, {ENTRY6, 0x7f000002}}, SELFTEST_GOOD, SELFTEST_GOOD, "gg", "", 8},
    {"of IPv6 alone", V6_ALONE, true, true, 1, {{CANARY_V6, 0}}, {{ENTRY6, 0x7f000002}},
	SELFTEST_GOOD, SELFTEST_GOOD, "g", "", 5},
    {"IPv6 is empty", BOTH, true, true, 0, {{0}}, {{ENTRY, 0x7f000002}}, SELFTEST_EMPTY,
	SELFTEST_EMPTY, "", "::ffff:127.0.0.2 is not listed", 6},
    {"IPv6 holds all", BOTH, true, true, 2, {{CANARY_0, 1}, {CANARY_V6, 1}},
	{{ENTRY, 0x7f000002}, {ENTRY6, 0x7f000002}, {DOC6, 0x7f000002}}, SELFTEST_LISTS_ALL,
	SELFTEST_GOOD, "gl", "3fff:* gives 127.0.0.2", 8},
    {"IPv6 has 127.0.0.1", V6_ALONE, true, true, 0, {{0}},
	{{ENTRY6, 0x7f000002}, {NO_ENTRY6, 0x7f000002}}, SELFTEST_LISTS_ALL, SELFTEST_LISTS_ALL,
	"", "::ffff:127.0.0.1 gives 127.0.0.2", 4},
    {"empty", V4, true, true, 1, {{CANARY_0, 1}}, {{NULL, 0}}, SELFTEST_EMPTY, SELFTEST_EMPTY,
	"g", "127.0.0.2 is not listed", 5},
    {"no test entry", V4, false, true, 1, {{CANARY_0, 1}}, {{NULL, 0}}, SELFTEST_GOOD,
	SELFTEST_GOOD, "g", "", 3},
    {"no test entry, holds all", V4, false, true, 1, {{CANARY_0, 1}}, {{TEN, 0x7f000004}},
	SELFTEST_LISTS_ALL, SELFTEST_GOOD, "l", "10.* gives 127.0.0.4", 3},
    {"an undeclared entry", V4, true, true, 0, {{0}}, {{ENTRY, 0x7f000063}},
	SELFTEST_UNDECLARED, SELFTEST_UNDECLARED, "", "127.0.0.2 gives 127.0.0.99", 4},
    {"127.0.0.1 for all", V4, true, true, 1, {{CANARY_0, 1}}, {{ANY, 0x7f000001}},
	SELFTEST_UNDECLARED, SELFTEST_UNDECLARED, "o", "127.0.0.2 gives 127.0.0.1", 5},
    {"127.0.0.1 is listed", V4, true, true, 0, {{0}},
	{{ENTRY, 0x7f000002}, {NO_ENTRY, 0x7f000002}}, SELFTEST_LISTS_ALL, SELFTEST_LISTS_ALL,
	"", "127.0.0.1 gives 127.0.0.2", 4},
    {"holds all", V4, true, true, 2, {{CANARY_0, 1}, {CANARY_192, 1}}, {{ANY, 0x7f000002}},
	SELFTEST_LISTS_ALL, SELFTEST_LISTS_ALL, "ll", "127.0.0.1 gives 127.0.0.2", 6},
    {"an error code", V4, true, true, 1, {{CANARY_0, 1}}, {{ANY, 0x7ffffffe}}, SELFTEST_REFUSED,
	SELFTEST_REFUSED, "o", "127.0.0.2 gives 127.255.255.254", 5},
    {"parked", V4, true, true, 1, {{CANARY_0, 1}}, {{ANY, 0x5bc3f075}}, SELFTEST_OUTSIDE,
	SELFTEST_OUTSIDE, "o", "127.0.0.2 gives 91.195.240.117", 5},
    {"silent", V4, true, true, 1, {{CANARY_0, 1}}, {{ANY, SILENT}}, SELFTEST_SILENT,
	SELFTEST_SILENT, "s", "127.0.0.2 gets no answer", 5},
    {"fails", V4, true, true, 1, {{CANARY_0, 1}}, {{ANY, FAILED}}, SELFTEST_SILENT,
	SELFTEST_SILENT, "s", "127.0.0.2 gets no answer", 5},
    {"half silent, half empty", V4, true, true, 0, {{0}}, {{NO_ENTRY, SILENT}}, SELFTEST_EMPTY,
	SELFTEST_EMPTY, "", "127.0.0.2 is not listed", 4},
    {"the worst counts", V4, true, true, 1, {{CANARY_0, 1}},
	{{ENTRY, 0x7ffffffe}, {NO_ENTRY, SILENT}, {TEN, 0x7f000002}}, SELFTEST_LISTS_ALL,
	SELFTEST_REFUSED, "l", "10.* gives 127.0.0.2", 5},
    {"canaries alone", V4, true, false, 1, {{CANARY_0, 1}}, {{NULL, 0}}, SELFTEST_GOOD,
	SELFTEST_GOOD, "g", "", 1},
    {"the second one of three", V4, true, false, 3,
	{{CANARY_0, 0}, {CANARY_0, 1}, {CANARY_192, 0}}, {{TEN, 0x7f000002}},
	SELFTEST_LISTS_ALL, SELFTEST_GOOD, "glg", "10.* gives 127.0.0.2", 3},
    {"the same block twice", V4, true, false, 3, {{CANARY_0, 1}, {CANARY_0, 1}, {CANARY_0, 0}},
	{{TEN, 0x7f000002}}, SELFTEST_LISTS_ALL, SELFTEST_GOOD, "llg", "10.* gives 127.0.0.2",
	3},
    {"one silent, one listed", V4, true, false, 2, {{CANARY_192, 0}, {CANARY_0, 1}},
	{{ANY, SILENT}, {TEN, 0x7f000002}}, SELFTEST_LISTS_ALL, SELFTEST_GOOD, "sl",
	"10.* gives 127.0.0.2", 2},
    {"canary of IPv6", BOTH, true, false, 1, {{CANARY_V6, 1}}, {{TEN, 0x7f000002}},
	SELFTEST_GOOD, SELFTEST_GOOD, "g", "", 1},
    {"canary, silent", V4, true, false, 1, {{CANARY_0, 1}}, {{TEN, SILENT}}, SELFTEST_SILENT,
	SELFTEST_GOOD, "s", "10.* gets no answer", 1},
    {"canary, undeclared", V4, true, false, 1, {{CANARY_0, 1}}, {{TEN, 0x7f000063}},
	SELFTEST_UNDECLARED, SELFTEST_GOOD, "o", "10.* gives 127.0.0.99", 1},
    {"a list of names", NAMES, true, true, 1, {{CANARY_NAME, 0}},
	{{"test.zen.example", 0x7f000002}}, SELFTEST_GOOD, SELFTEST_GOOD, "g", "", 5},
    {"a list of names is empty", NAMES, true, true, 1, {{CANARY_NAME, 0}}, {{NULL, 0}},
	SELFTEST_EMPTY, SELFTEST_EMPTY, "g", "test is not listed", 5},
    {"a list of names holds all", NAMES, true, true, 1, {{CANARY_NAME, 0}},
	{{"test.zen.example", 0x7f000002}, {"*.invalid.zen.example", 0x7f000002}},
	SELFTEST_LISTS_ALL, SELFTEST_GOOD, "l", "????????????????.invalid gives 127.0.0.2", 5},
    {"a list of names without an entry", NAMES, false, true, 1, {{CANARY_NAME, 2}}, {{NULL, 0}},
	SELFTEST_GOOD, SELFTEST_GOOD, "g", "", 3},
};

/* What a test finds out beside. */
static const struct {
	const char *label;
	enum kind kind;
	bool entry;
	struct taught taught[ANSWERS_TAUGHT];
	bool is_signed, has_types;
} traits[] = {
    {"plain", V4, true, {{ENTRY, 0x7f000002}}, false, true},
    {"of no types", V4, true, {{NULL, 0}}, false, false},
    {"types are not known without an entry", V4, false, {{NULL, 0}}, false, false},
    {"no answer says nothing of types", V4, true, {{ENTRY, SILENT}}, false, false},
    {"signed", V4, true, {{ENTRY, 0x7f000002}, {NO_ENTRY, ABSENT}}, true, true},
    {"of IPv6 alone", V6_ALONE, true, {{ENTRY6, 0x7f000002}, {NO_ENTRY6, ABSENT}}, true, true},
    {"of names", NAMES, true,
	{{"test.zen.example", 0x7f000002}, {"invalid.zen.example", ABSENT}}, true, true},
};

/* Each with words of its hint that no other one has. */
static const struct {
	const char *label;
	struct selftest_report report;
	enum selftest_result result;
	const char *words;
} hints[] = {
    {"no zone of that name", {.code = 0x7ffffffc}, SELFTEST_REFUSED, "no zone of that name"},
    {"a public resolver", {.code = 0x7ffffffe}, SELFTEST_REFUSED, "as a public one"},
    {"too many questions", {.code = 0x7fffffff}, SELFTEST_REFUSED, "too many questions"},
    {"another code of its kind", {.code = 0x7ffffffd}, SELFTEST_REFUSED, "or register;"},
    {"an error code of its own", {.code = 0x7f0000ff}, SELFTEST_REFUSED, "or register;"},
    {"outside", {.code = 0x5bc3f075}, SELFTEST_OUTSIDE, "rewrites NXDOMAIN"},
    {"undeclared", {.code = 0x7f000063}, SELFTEST_UNDECLARED, "answer table"},
    {"everything", {.entries = SELFTEST_LISTS_ALL}, SELFTEST_LISTS_ALL, "closes"},
    {"a network", {.entries = SELFTEST_GOOD}, SELFTEST_LISTS_ALL, "on purpose"},
    {"its entry is taken away",
	{.diagnosis = {ANSWER_NODATA_BARE, ANSWER_NXDOMAIN, ANSWER_UNASKED}},
	SELFTEST_UNANSWERED, "private-domain"},
    {"empty", {.diagnosis = {ANSWER_NXDOMAIN, ANSWER_NXDOMAIN, ANSWER_UNASKED}}, SELFTEST_EMPTY,
	"list is empty"},
};

struct outcome {
	unsigned times;
	struct selftest_report report;
};

static void
on_selftest(void *arg, const struct selftest_report *report)
{
	struct outcome *o = arg;

	o->times++;
	o->report = *report;
}

static struct roster *
new_roster(enum kind kind, bool entry)
{
	struct roster *roster = roster_new();
	struct listing *l = calloc(1, sizeof(*l));

	l->label = strdup("zen");
	l->zone = strdup("zen.example");
	l->name = strdup("Zen");
	l->role = kind == NAMES ? ROLE_SENDER : ROLE_ADDRESS;
	l->registered = kind == NAMES; /* and yet test entries are asked as they are */
	l->ipv4 = kind == V4 || kind == BOTH;
	l->ipv6 = kind == V6_ALONE || kind == BOTH;
	l->test_entry = entry;
	l->nanswers = 1;
	l->answers = calloc(1, sizeof(*l->answers));
	l->answers[0] = (struct answer){.codes = {0x7f000002, 0x7f000009, 0}, .score = 5};
	listing_seal(l);
	roster->list[roster->n++] = l;
	return roster;
}

static void
teach(const struct taught *t, const char *server)
{
	struct dns_reply reply = {.status = DNS_FOUND, .ttl = 60, .n = 1};

	if (t->code == SILENT || t->code == FAILED)
		reply = fake_dns_reply(t->code == SILENT ? DNS_TIMEOUT : DNS_FAILED);
	else if (t->code == ABSENT)
		reply = fake_dns_reply(DNS_ABSENT);
	reply.is_signed = t->code == ABSENT;
	reply.address[0] = t->code;
	fake_dns_teach(t->name, server, &reply, t->code == SILENT ? 5000 : 1);
}

static void
teach_all(const struct taught *taught)
{
	fake_dns_reset();
	for (int k = 0; k < ANSWERS_TAUGHT && taught[k].name != NULL; k++)
		teach(&taught[k], NULL);
}

/* A letter for the result of each canary. */
static void
spell(const struct selftest_report *report, unsigned n, char *out)
{
	for (unsigned i = 0; i < n; i++)
		*out++ = report->canary[i] == SELFTEST_GOOD   ? 'g'
		    : report->canary[i] == SELFTEST_SILENT    ? 's'
		    : report->canary[i] == SELFTEST_LISTS_ALL ? 'l'
							      : 'o';
	*out = '\0';
}

static void
test_rows(struct loop *loop, struct dns *dns)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct roster *roster = new_roster(rows[i].kind, rows[i].entry);
		struct selftest_plan plan = {.entries = rows[i].entries,
		    .server = DNS_ANY_SERVER,
		    .ncanaries = rows[i].ncanaries};
		struct outcome o = {0};
		char canaries[BLOCKS + 1];

		memcpy(plan.canary, rows[i].canary, sizeof(rows[i].canary));
		teach_all(rows[i].taught);
		ok(selftest_start(dns, roster, 0, &plan, on_selftest, &o) && o.times == 0,
		    "%s: begins", rows[i].label);
		roster_unref(&roster); /* the exam has its own */
		fake_loop_pass(loop, 6000);
		same_num(o.times, 1, rows[i].label);
		same_str(
		    selftest_name(o.report.worst), selftest_name(rows[i].worst), rows[i].label);
		same_str(selftest_name(o.report.entries), selftest_name(rows[i].entries_are),
		    rows[i].label);
		spell(&o.report, plan.ncanaries, canaries);
		same_str(canaries, rows[i].canaries, rows[i].label);
		ok(fnmatch(rows[i].evidence, o.report.evidence, 0) == 0, "%s: \"%s\"",
		    rows[i].label, o.report.evidence);
		same_num(o.report.code != 0, strstr(o.report.evidence, " gives ") != NULL,
		    "the address in it");
		same_num(fake_dns_asked("*.zen.example"), rows[i].asked, rows[i].label);
	}
}

/* A hint has its own words, and none of another's. */
static void
test_hints(void)
{
	const size_t n = sizeof(hints) / sizeof(hints[0]);

	ok(selftest_hint(&(struct selftest_report){0}, SELFTEST_GOOD) == NULL,
	    "hints: none where all is well");
	for (size_t i = 0; i < n; i++) {
		const char *hint = selftest_hint(&hints[i].report, hints[i].result);

		ok(hint != NULL, "hints: %s", hints[i].label);
		for (size_t k = 0; k < n && hint != NULL; k++)
			same_num(strstr(hint, hints[k].words) != NULL,
			    strcmp(hints[k].words, hints[i].words) == 0, hints[i].label);
	}
}

static void
test_traits(struct loop *loop, struct dns *dns)
{
	struct selftest_plan plan = {.entries = true, .server = DNS_ANY_SERVER};

	for (size_t i = 0; i < sizeof(traits) / sizeof(traits[0]); i++) {
		struct roster *roster = new_roster(traits[i].kind, traits[i].entry);
		struct outcome o = {0};

		teach_all(traits[i].taught);
		selftest_start(dns, roster, 0, &plan, on_selftest, &o);
		roster_unref(&roster);
		fake_loop_pass(loop, 6000);
		ok(o.report.is_signed == traits[i].is_signed, "traits: %s, signed",
		    traits[i].label);
		ok(o.report.has_types == traits[i].has_types, "traits: %s, types",
		    traits[i].label);
	}
}

/* A canary goes to the server it is for. */
static void
test_server(struct loop *loop)
{
	static const struct taught lie = {TEN, 0x7f000002};
	char *servers[] = {(char[]){"192.0.2.53"}, (char[]){"192.0.2.54"}, NULL};
	struct dns *dns = dns_new(loop, servers, NULL, 0);
	struct roster *roster = new_roster(V4, true);

	fake_dns_reset();
	teach(&lie, "192.0.2.54");
	for (unsigned server = 0; server < 2; server++) {
		struct selftest_plan plan = {
		    .server = server, .ncanaries = 1, .canary = {{CANARY_0, 1}}};
		struct outcome o = {0};

		selftest_start(dns, roster, 0, &plan, on_selftest, &o);
		fake_loop_pass(loop, 100);
		same_num(o.report.worst, server == 0 ? SELFTEST_GOOD : SELFTEST_LISTS_ALL,
		    "one of two servers lies");
	}
	roster_unref(&roster);
	dns_free(dns);
}

static void
test_ends(struct loop *loop)
{
	static const struct selftest_plan plan = {.entries = true,
	    .server = DNS_ANY_SERVER,
	    .ncanaries = 2,
	    .canary = {{CANARY_0, 0}, {CANARY_192, 0}}};
	struct roster *roster = new_roster(V4, true);
	struct dns *dns = dns_new(loop, NULL, NULL, 0);
	struct outcome o = {0};
	char *zone = roster->list[0]->zone, longest[260];

	ok(!selftest_start(NULL, roster, 0, &plan, on_selftest, &o) && o.times == 0,
	    "nobody to ask: it does not begin");
	selftest_start(dns, roster, 0, &plan, on_selftest, &o);
	dns_free(dns);
	ok(o.times == 1 && o.report.worst == SELFTEST_SILENT,
	    "the resolver ends: so does the exam, silent");

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	roster->list[0]->zone = longest;
	o = (struct outcome){0};
	dns = dns_new(loop, NULL, NULL, 0);
	selftest_start(dns, roster, 0, &plan, on_selftest, &o);
	same_num(o.times, 1, "names that do not fit DNS are not asked for");
	roster->list[0]->zone = zone;
	roster_unref(&roster);
	dns_free(dns);
}

int
main(void)
{
	struct loop *loop = loop_new();
	struct dns *dns = dns_new(loop, NULL, NULL, 0);

	clock_freeze(1000000, 1766300000);
	test_rows(loop, dns);
	test_traits(loop, dns);
	test_hints();
	test_server(loop);
	test_ends(loop);
	fake_dns_reset();
	dns_free(dns);
	loop_free(loop);
	return done();
}
