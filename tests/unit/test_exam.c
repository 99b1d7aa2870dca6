/* SPDX-License-Identifier: BSD-2-Clause */
/* test_exam.c - the questions of a test, and the worst of their answers. */
#include "config.h"

#include "exam.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dns.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "loop.h"

#include "tap.h"

#define ENTRY "2.0.0.127.zen.example"
#define NO_ENTRY "1.0.0.127.zen.example"
#define UNUSED "77.2.0.192.zen.example"
#define V6 "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.zen.example"
#define ENTRY6 "2.0.0.0.0.0.f.7.f.f.f.f." V6
#define NO_ENTRY6 "1.0.0.0.0.0.f.7.f.f.f.f." V6
#define UNUSED6 "d.4.2.0.0.0.0.c.f.f.f.f." V6
#define ANSWERS_TAUGHT 4

/* Codes are as in 127.0.0.2; these are none: */
#define SILENT 1
#define FAILED 2

struct taught {
	const char *name;
	uint32_t code;
};

static const struct {
	const char *label;
	bool v4, v6, entry;
	enum exam_kind kind;
	struct taught taught[ANSWERS_TAUGHT]; /* others are absent */
	enum exam_result result;
	const char *evidence;
	unsigned asked;
} rows[] = {
    {"a good list", true, false, true, EXAM_FULL, {{ENTRY, 0x7f000002}}, EXAM_GOOD, "", 3},
    {"another declared code", true, false, true, EXAM_FULL, {{ENTRY, 0x7f000004}}, EXAM_GOOD,
	"", 3},
    {"of both families", true, true, true, EXAM_FULL,
	{{ENTRY, 0x7f000002}, {ENTRY6, 0x7f000002}}, EXAM_GOOD, "", 6},
    {"of IPv6 alone", false, true, true, EXAM_FULL, {{ENTRY6, 0x7f000002}}, EXAM_GOOD, "", 3},
    {"IPv6 is empty", true, true, true, EXAM_FULL, {{ENTRY, 0x7f000002}}, EXAM_EMPTY,
	"::ffff:127.0.0.2 is not listed", 6},
    {"IPv6 holds all", true, true, true, EXAM_FULL,
	{{ENTRY, 0x7f000002}, {ENTRY6, 0x7f000002}, {UNUSED6, 0x7f000002}}, EXAM_LISTS_ALL,
	"::ffff:192.0.2.77 gives 127.0.0.2", 6},
    {"IPv6 has 127.0.0.1", false, true, true, EXAM_FULL,
	{{ENTRY6, 0x7f000002}, {NO_ENTRY6, 0x7f000002}}, EXAM_LISTS_ALL,
	"::ffff:127.0.0.1 gives 127.0.0.2", 3},
    {"empty", true, false, true, EXAM_FULL, {{NULL, 0}}, EXAM_EMPTY, "127.0.0.2 is not listed",
	3},
    {"no test entry", true, false, false, EXAM_FULL, {{NULL, 0}}, EXAM_GOOD, "", 2},
    {"no test entry, holds all", true, false, false, EXAM_FULL, {{UNUSED, 0x7f000004}},
	EXAM_LISTS_ALL, "192.0.2.77 gives 127.0.0.4", 2},
    {"an undeclared entry", true, false, true, EXAM_FULL, {{ENTRY, 0x7f000063}},
	EXAM_UNDECLARED, "127.0.0.2 gives 127.0.0.99", 3},
    {"127.0.0.1 for all", true, false, true, EXAM_FULL, {{"*.zen.example", 0x7f000001}},
	EXAM_UNDECLARED, "127.0.0.2 gives 127.0.0.1", 3},
    {"127.0.0.1 is listed", true, false, true, EXAM_FULL,
	{{ENTRY, 0x7f000002}, {NO_ENTRY, 0x7f000002}}, EXAM_LISTS_ALL,
	"127.0.0.1 gives 127.0.0.2", 3},
    {"holds all", true, false, true, EXAM_FULL, {{"*.zen.example", 0x7f000002}}, EXAM_LISTS_ALL,
	"127.0.0.1 gives 127.0.0.2", 3},
    {"an error code", true, false, true, EXAM_FULL, {{"*.zen.example", 0x7ffffffe}},
	EXAM_REFUSED, "127.0.0.2 gives 127.255.255.254", 3},
    {"parked", true, false, true, EXAM_FULL, {{"*.zen.example", 0x5bc3f075}}, EXAM_OUTSIDE,
	"127.0.0.2 gives 91.195.240.117", 3},
    {"silent", true, false, true, EXAM_FULL, {{"*.zen.example", SILENT}}, EXAM_SILENT,
	"127.0.0.2 gets no answer", 3},
    {"fails", true, false, true, EXAM_FULL, {{"*.zen.example", FAILED}}, EXAM_SILENT,
	"127.0.0.2 gets no answer", 3},
    {"half silent, half empty", true, false, true, EXAM_FULL, {{NO_ENTRY, SILENT}}, EXAM_EMPTY,
	"127.0.0.2 is not listed", 3},
    {"the worst counts", true, false, true, EXAM_FULL,
	{{ENTRY, 0x7ffffffe}, {NO_ENTRY, SILENT}, {UNUSED, 0x7f000002}}, EXAM_LISTS_ALL,
	"192.0.2.77 gives 127.0.0.2", 3},
    {"canary", true, false, true, EXAM_CANARY, {{NULL, 0}}, EXAM_GOOD, "", 1},
    {"canary, the other family holds all", true, true, true, EXAM_CANARY,
	{{UNUSED6, 0x7f000002}}, EXAM_GOOD, "", 1},
    {"canary of IPv6", true, true, true, EXAM_CANARY6, {{UNUSED, 0x7f000002}}, EXAM_GOOD, "",
	1},
    {"canary, IPv6 holds all", true, true, true, EXAM_CANARY6, {{UNUSED6, 0x7f000002}},
	EXAM_LISTS_ALL, "::ffff:192.0.2.77 gives 127.0.0.2", 1},
    {"canary of IPv6 alone", false, true, true, EXAM_CANARY6, {{UNUSED6, 0x7f000002}},
	EXAM_LISTS_ALL, "::ffff:192.0.2.77 gives 127.0.0.2", 1},
    {"canary, lists all", true, false, true, EXAM_CANARY, {{UNUSED, 0x7f000002}},
	EXAM_LISTS_ALL, "192.0.2.77 gives 127.0.0.2", 1},
    {"canary, silent", true, false, true, EXAM_CANARY, {{UNUSED, SILENT}}, EXAM_SILENT,
	"192.0.2.77 gets no answer", 1},
    {"pulse", true, true, true, EXAM_PULSE, {{ENTRY, 0x7f000002}}, EXAM_GOOD, "", 1},
    {"pulse, empty", true, false, true, EXAM_PULSE, {{NULL, 0}}, EXAM_EMPTY,
	"127.0.0.2 is not listed", 1},
    {"pulse without an entry", true, false, false, EXAM_PULSE, {{NULL, 0}}, EXAM_GOOD, "", 1},
};

struct outcome {
	unsigned times;
	enum exam_result result;
	char evidence[EXAM_EVIDENCE_MAX];
};

static void
on_exam(void *arg, enum exam_result result, const char *evidence)
{
	struct outcome *o = arg;

	o->times++;
	o->result = result;
	snprintf(o->evidence, sizeof(o->evidence), "%s", evidence);
}

static struct roster *
new_roster(bool v4, bool v6, bool entry)
{
	struct roster *roster = roster_new();
	struct listing *l = calloc(1, sizeof(*l));

	l->label = strdup("zen");
	l->zone = strdup("zen.example");
	l->name = strdup("Zen");
	l->ipv4 = v4;
	l->ipv6 = v6;
	l->test_entry = entry;
	l->nanswers = 1;
	l->answers = calloc(1, sizeof(*l->answers));
	l->answers[0] = (struct answer){.low = 0x7f000002, .high = 0x7f000009, .score = 5};
	listing_seal(l);
	roster->list[roster->n++] = l;
	return roster;
}

static void
teach(const struct taught *t)
{
	struct dns_reply reply = {.status = DNS_FOUND, .ttl = 60, .n = 1};

	if (t->code == SILENT || t->code == FAILED)
		reply =
		    (struct dns_reply){.status = t->code == SILENT ? DNS_TIMEOUT : DNS_FAILED};
	reply.address[0] = t->code;
	fake_dns_teach(t->name, NULL, &reply, t->code == SILENT ? 5000 : 1);
}

static void
test_rows(struct loop *loop, struct dns *dns)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct roster *roster = new_roster(rows[i].v4, rows[i].v6, rows[i].entry);
		struct outcome o = {0};

		fake_dns_reset();
		for (int k = 0; k < ANSWERS_TAUGHT && rows[i].taught[k].name != NULL; k++)
			teach(&rows[i].taught[k]);
		ok(exam_start(dns, roster, 0, rows[i].kind, 77, on_exam, &o) && o.times == 0,
		    "%s: begins", rows[i].label);
		roster_unref(&roster); /* the exam has its own */
		fake_loop_pass(loop, 6000);
		same_num(o.times, 1, rows[i].label);
		same_str(exam_name(o.result), exam_name(rows[i].result), rows[i].label);
		same_str(o.evidence, rows[i].evidence, rows[i].label);
		same_num(fake_dns_asked("*.zen.example"), rows[i].asked, rows[i].label);
	}
}

static void
test_ends(struct loop *loop)
{
	struct roster *roster = new_roster(true, false, true);
	struct dns *dns = dns_new(loop, NULL, NULL, 0);
	struct outcome o = {0};
	char *zone = roster->list[0]->zone, longest[260];

	ok(!exam_start(NULL, roster, 0, EXAM_FULL, 1, on_exam, &o) && o.times == 0,
	    "nobody to ask: it does not begin");
	exam_start(dns, roster, 0, EXAM_FULL, 1, on_exam, &o);
	dns_free(dns);
	ok(o.times == 1 && o.result == EXAM_SILENT,
	    "the resolver ends: so does the exam, silent");

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	roster->list[0]->zone = longest;
	o = (struct outcome){0};
	dns = dns_new(loop, NULL, NULL, 0);
	exam_start(dns, roster, 0, EXAM_FULL, 1, on_exam, &o);
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
	test_ends(loop);
	fake_dns_reset();
	dns_free(dns);
	loop_free(loop);
	return done();
}
