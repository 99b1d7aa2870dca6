/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_statshours.c - counts of an hour, and the figures that they come to; what is odd
 * comes to none.
 */
#include "config.h"

#include "ctl/statshours.h"

#include "store/hours.h"
#include "tap.h"

#define MONDAY 1793577600 /* 2026-11-02 00:00 UTC */

static const struct dayfile_count counts[] = {
    {MONDAY, HOURS_REASON, "lists", "pass", 90},
    {MONDAY, HOURS_REASON, "lists", "refuse", 3},
    {MONDAY + 3600, HOURS_REASON, "auth", "pass", 7},
    {MONDAY, HOURS_REASON, "lists", "ruse", 1000},
    {MONDAY, HOURS_POLICY, "default", "pass", 97},
    {MONDAY, HOURS_POLICY, "default", "refuse", 3},
    {MONDAY, HOURS_POLICY, "default", "shadowed-drop", 4},
    {MONDAY, HOURS_POLICY, "default", "shadowed-", 1000},
    {MONDAY, HOURS_COUNTER, "", "softened", 2},
    {MONDAY, HOURS_COUNTER, "", "sessions", 1000},
    {MONDAY, HOURS_WAIT, "", "ms-5", 60},
    {MONDAY, HOURS_WAIT, "", "ms-250", 35},
    {MONDAY, HOURS_WAIT, "", "ms-longer", 5},
    {MONDAY, HOURS_WAIT, "", "ms-5x", 1000},
    {MONDAY, HOURS_WAIT, "", "ms-99999999", 1000},
    {MONDAY, HOURS_LIST, "zen", "listed", 8},
    {MONDAY + 3600, HOURS_LIST, "zen", "listed", 1},
    {MONDAY, HOURS_LIST, "zen", "decisive", 5},
    {MONDAY, HOURS_LIST, "zen", "answer-clear", 50},
    {MONDAY, HOURS_LIST, "zen", "answer-listed", 6},
    {MONDAY, HOURS_LIST, "zen", "answer-unknown", 3},
    {MONDAY, HOURS_LIST, "zen", "answer-", 1000},
    {MONDAY, HOURS_LIST, "zen", "ms-20", 50},
    {MONDAY, HOURS_LIST, "zen", "ms-70", 5}, /* of another version: within 100 */
    {MONDAY, HOURS_LIST, "zen", "ms-longer", 1},
    {MONDAY, "another", "zen", "listed", 1000},
    {MONDAY, HOURS_LIST, "zen", "listed", -1000},
    {-1, HOURS_LIST, "zen", "listed", 1000},
    {INT64_MAX, HOURS_LIST, "zen", "listed", 1000},
};

int
main(void)
{
	struct stats *s = stats_new();
	const struct list_stats *zen;

	if (s == NULL)
		return 1;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		statshours_add(s, &counts[i], 3600);
	zen = &s->list[0];
	same_num((long long)s->decisions, 100, "decisions");
	same_num((long long)s->weighed, 93, "weighed");
	same_num((long long)s->refused, 7, "refused, or meant to be");
	same_num((long long)s->done[ACTION_PASS], 97, "passed");
	same_num((long long)s->meant[ACTION_DROP], 4, "meant in shadow");
	same_num((long long)s->softened, 2, "softened");
	same_num(s->first, MONDAY + 3600, "the first hour, as the clock here has it");
	same_num(s->last, MONDAY + 7200, "the last");
	same_num((long long)s->week[0][1], 93, "decisions of an hour");
	same_num((long long)s->week_refused[0][1], 7, "and refusals");
	same_num(stats_wait(s, 50), 5, "half of the waits");
	same_num(stats_wait(s, 95), 250, "nearly all");
	same_num(stats_wait(s, 99), STATS_MS_MAX, "the longest");
	same_num((long long)s->policy[0].shadowed, 4, "of the policy");
	same_num((long long)s->reason[0].refused, 3, "of the reason");
	same_num((long long)zen->listed, 9, "listed in two hours");
	same_num((long long)zen->decisive, 5, "decisive");
	same_num((long long)stats_asked(zen), 59, "asked");
	same_num((long long)stats_answered(zen), 56, "answered");
	same_num(stats_latency(zen, 50), 20, "half of the answers");
	same_num(stats_latency(zen, 95), 100, "nearly all");
	same_num(stats_latency(zen, 100), 10000, "the longest");
	same_num(stats_latency(&s->list[1], 50), -1, "of nobody");
	stats_free(s);
	return done();
}
