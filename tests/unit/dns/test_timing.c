/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dnstiming.c - when an answer is overdue, by how long the answers before it took.
 */
#include "config.h"

#include "dns/timing.h"

#include <stdio.h>

#include "tap.h"

#define TIMES 12

static const struct {
	const char *label;
	int64_t ms[TIMES]; /* of each answer; 0: no more of them */
	int64_t least, most;
} rows[] = {
    {"nothing is known", {0}, 200, 200},
    {"a fast zone", {1}, 200, 200},
    {"one that takes its time", {250}, 700, 800},
    {"and is known to", {250, 250, 250, 250, 250, 250, 250, 250}, 270, 350},
    {"a slow one", {1400}, 1500, 1500},
    {"a slow one that is known", {1400, 1400, 1400, 1400, 1400, 1400, 1400, 1400}, 1450, 1500},
    {"slower than all that is sensible", {6000, 6000}, 1500, 1500},
    {"one that varies", {1, 300, 1, 300, 1, 300, 1, 300, 1, 300}, 400, 900},
    {"one that was slow once", {1, 1, 1, 1, 1000}, 1000, 1300},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dnstiming t = {.uses = 0};
		uint32_t zone = dnstiming_zone("bl.example");
		int64_t wait;

		for (size_t k = 0; k < TIMES && rows[i].ms[k] != 0; k++)
			dnstiming_heard(&t, zone, rows[i].ms[k]);
		wait = dnstiming_wait(&t, zone);
		ok(wait >= rows[i].least && wait <= rows[i].most, "%s: %lld ms", rows[i].label,
		    (long long)wait);
	}
}

static void
test_zones(void)
{
	struct dnstiming t = {.uses = 0};
	uint32_t slow = dnstiming_zone("slow.example");
	char name[32];

	ok(slow == dnstiming_zone("SLOW.Example") && slow != dnstiming_zone("fast.example"),
	    "a zone is known by its name");
	dnstiming_heard(&t, 0, 1000);
	same_num(dnstiming_zone(NULL), 0, "no zone");
	same_num(dnstiming_wait(&t, 0), DNSTIMING_UNKNOWN, "of which nothing is kept");
	dnstiming_heard(&t, slow, 1400);
	same_num(dnstiming_wait(&t, dnstiming_zone("fast.example")), DNSTIMING_UNKNOWN,
	    "one says nothing of another");
	dnstiming_heard(&t, dnstiming_zone("first.example"), 1000);
	for (int i = 0; i < 40; i++)
		dnstiming_heard(&t, dnstiming_zone("first.example"), 1);
	same_num(dnstiming_wait(&t, dnstiming_zone("first.example")), DNSTIMING_UNKNOWN,
	    "a zone that was slow is not so for ever");
	for (int i = 0; i < 3 * DNSTIMING_ZONES; i++) {
		snprintf(name, sizeof(name), "n%d.example", i);
		dnstiming_heard(&t, dnstiming_zone(name), 1);
		same_num(dnstiming_wait(&t, slow), DNSTIMING_LONGEST, "kept while it is used");
	}
	for (int i = 0; i < DNSTIMING_ZONES; i++) {
		snprintf(name, sizeof(name), "m%d.example", i);
		dnstiming_heard(&t, dnstiming_zone(name), 1);
	}
	same_num(dnstiming_wait(&t, slow), DNSTIMING_UNKNOWN, "and not for ever");
}

int
main(void)
{
	test_rows();
	test_zones();
	return done();
}
