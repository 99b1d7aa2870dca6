/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts: the order of grounds, the sum of scores, what is not known counts
 * for nothing, and that settled is never said too early.
 */
#include "config.h"

#include "verdict.h"

#include <stdlib.h>

#include "tap.h"

#define CODE(d) (0x7f000000U | (d))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LISTS 3 /* against, against, for the client */

/* Codes 127.0.0.2, .3 and .4 of each list, and what they score. */
static struct answer answers[LISTS][3] = {
    {{.low = CODE(2), .high = CODE(2), .score = 2},
	{.low = CODE(3), .high = CODE(3), .score = 3},
	{.low = CODE(4), .high = CODE(4), .score = 5}},
    {{.low = CODE(2), .high = CODE(2), .score = 2},
	{.low = CODE(3), .high = CODE(3), .score = 0},
	{.low = CODE(4), .high = CODE(4), .score = 4}},
    {{.low = CODE(2), .high = CODE(2), .score = -2},
	{.low = CODE(3), .high = CODE(3), .score = -3},
	{.low = CODE(4), .high = CODE(4), .score = -10}},
};

static struct listing lists[LISTS];
static struct roster roster;

static void
make_roster(void)
{
	for (unsigned i = 0; i < LISTS; i++) {
		lists[i].answers = answers[i];
		lists[i].nanswers = COUNT(answers[i]);
		listing_seal(&lists[i]);
		roster.list[i] = &lists[i];
	}
	roster.n = LISTS;
}

/* '.' clear, '?' unknown, '!' error, a digit: that code, for each list. */
static void
make_facts(struct fact *facts, const char *text)
{
	for (unsigned i = 0; i < LISTS; i++) {
		facts[i] = (struct fact){.state = FACT_LISTED};
		if (text[i] == '.')
			facts[i].state = FACT_CLEAR;
		else if (text[i] == '?')
			facts[i].state = FACT_UNKNOWN;
		else if (text[i] == '!')
			facts[i].state = FACT_ERROR;
		else
			fact_add_code(&facts[i], CODE((uint32_t)(text[i] - '0')));
	}
}

static struct policy
make_policy(int refuse, int defer, const int *weight)
{
	struct policy policy = {.refuse = refuse, .defer = defer};

	for (unsigned i = 0; i < LISTS; i++) {
		if (weight[i] == 0)
			continue;
		policy.vote[policy.nvotes++] = (struct vote){.list = i, .weight = weight[i]};
		policy.lists |= UINT64_C(1) << i;
	}
	return policy;
}

static void
test_grounds(void)
{
	static const struct {
		const char *label;
		bool authenticated, exempt, allowed, denied, shadow;
		const char *ground, *action, *meant;
	} rows[] = {
	    {"all at once", true, true, true, true, false, "auth", "pass", "pass"},
	    {"exempt, denied", false, true, false, true, false, "exempt", "pass", "pass"},
	    {"allowed", false, false, true, false, false, "allow", "pass", "pass"},
	    {"denied", false, false, false, true, false, "deny", "refuse", "refuse"},
	    {"denied, shadow", false, false, false, true, true, "deny", "pass", "refuse"},
	    {"lists", false, false, false, false, false, "lists", "refuse", "refuse"},
	    {"lists, shadow", false, false, false, false, true, "lists", "pass", "refuse"},
	    {"auth, shadow", true, false, false, false, true, "auth", "pass", "pass"},
	};
	static const int weight[LISTS] = {1, 1, 1};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy = make_policy(5, 0, weight);
		struct fact facts[LISTS];
		struct matter matter = {&roster, facts, &policy, rows[i].authenticated,
		    rows[i].exempt, rows[i].allowed, rows[i].denied};
		struct verdict verdict;

		make_facts(facts, "4..");
		policy.shadow = rows[i].shadow;
		verdict_reach(&verdict, &matter);
		same_str(ground_name(verdict.ground), rows[i].ground, rows[i].label);
		same_str(action_name(verdict.action), rows[i].action, rows[i].label);
		same_str(action_name(verdict.meant), rows[i].meant, rows[i].label);
		if (verdict.ground != GROUND_LISTS)
			ok(verdict_settled(&matter, 7) && verdict.nvoices == 0 &&
				verdict.loudest == NULL && verdict.unknown == 0,
			    "%s: settled, no list heard", rows[i].label);
	}
	same_str(ground_name(GROUND_STOPPING), "stopping", "the name of stopping");
}

static void
test_deny_refuse_never(void)
{
	static const int weight[LISTS] = {1, 1, 1};
	struct policy policy = make_policy(0, 0, weight);
	struct fact facts[LISTS];
	struct matter matter = {.roster = &roster, .facts = facts, .policy = &policy};
	struct verdict verdict;

	make_facts(facts, "...");
	matter.denied = true;
	verdict_reach(&verdict, &matter);
	same_num(verdict.action, ACTION_REFUSE, "denied where lists never refuse");
}

static void
test_scores(void)
{
	static const struct {
		const char *label;
		const char *facts;
		int weight[LISTS];
		int refuse, defer;
		const char *action;
		int score, threshold;
		unsigned nvoices;
		int loudest; /* index of the list; -1: none */
		listset unknown;
	} rows[] = {
	    {"all clear", "...", {1, 1, 1}, 5, 0, "pass", 0, 5, 0, -1, 0},
	    {"all unknown", "???", {1, 1, 1}, 5, 3, "pass", 0, 3, 0, -1, 7},
	    {"all errors", "!!!", {1, 1, 1}, 1, 1, "pass", 0, 1, 0, -1, 7},
	    {"refuse reached", "4..", {1, 1, 1}, 5, 0, "refuse", 5, 5, 1, 0, 0},
	    {"one short", "22.", {1, 1, 1}, 5, 0, "pass", 4, 5, 2, 0, 0},
	    {"two make it", "34.", {1, 1, 1}, 5, 0, "refuse", 7, 5, 2, 1, 0},
	    {"of equals the first is loudest", "22.", {1, 1, 1}, 3, 0, "refuse", 4, 3, 2, 0, 0},
	    {"doubled", "22.", {1, 2, 1}, 6, 0, "refuse", 6, 6, 2, 1, 0},
	    {"greatest weight", "4..", {100, 1, 1}, 500, 0, "refuse", 500, 500, 1, 0, 0},
	    {"a list nobody named", "44.", {0, 1, 1}, 5, 0, "pass", 4, 5, 1, 1, 0},
	    {"unknown, but not named", "4?.", {1, 0, 1}, 5, 0, "refuse", 5, 5, 1, 0, 0},
	    {"for outweighs against", "444", {1, 1, 1}, 5, 0, "pass", -1, 5, 3, 0, 0},
	    {"for is not enough", "442", {1, 1, 1}, 5, 0, "refuse", 7, 5, 3, 0, 0},
	    {"for alone", "..4", {1, 1, 1}, 5, 0, "pass", -10, 5, 1, -1, 0},
	    {"for unknown", "44?", {1, 1, 1}, 5, 0, "refuse", 9, 5, 2, 0, 4},
	    {"nought is heard, not loud", ".3.", {1, 1, 1}, 5, 0, "pass", 0, 5, 1, -1, 0},
	    {"a code not declared", "9..", {1, 1, 1}, 1, 0, "pass", 0, 1, 0, -1, 0},
	    {"refuse never", "44.", {1, 1, 1}, 0, 0, "pass", 9, 0, 2, 0, 0},
	    {"defer", "3..", {1, 1, 1}, 5, 3, "defer", 3, 3, 1, 0, 0},
	    {"defer, below", "2..", {1, 1, 1}, 5, 3, "pass", 2, 3, 1, 0, 0},
	    {"refuse above defer", "4..", {1, 1, 1}, 5, 3, "refuse", 5, 5, 1, 0, 0},
	    {"defer alone", "44.", {1, 1, 1}, 0, 3, "defer", 9, 3, 2, 0, 0},
	    {"defer above refuse never comes", "44.", {1, 1, 1}, 5, 7, "refuse", 9, 5, 2, 0, 0},
	    {"the lower of the two", "...", {1, 1, 1}, 5, 7, "pass", 0, 5, 0, -1, 0},
	    {"negative thresholds are never", "...", {1, 1, 1}, -1, -1, "pass", 0, 0, 0, -1, 0},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy =
		    make_policy(rows[i].refuse, rows[i].defer, rows[i].weight);
		struct fact facts[LISTS];
		struct matter matter = {.roster = &roster, .facts = facts, .policy = &policy};
		struct verdict verdict;

		make_facts(facts, rows[i].facts);
		verdict_reach(&verdict, &matter);
		same_str(action_name(verdict.action), rows[i].action, rows[i].label);
		same_num(verdict.score, rows[i].score, rows[i].label);
		same_num(verdict.threshold, rows[i].threshold, rows[i].label);
		same_num(verdict.nvoices, rows[i].nvoices, rows[i].label);
		same_num(verdict.loudest != NULL ? (int)verdict.loudest->list : -1,
		    rows[i].loudest, rows[i].label);
		ok(verdict.unknown == rows[i].unknown, "%s: unknown", rows[i].label);
		ok(verdict_settled(&matter, 0), "%s: settled", rows[i].label);
	}
}

/* Sixty-four lists at the highest scores and weights. */
static void
test_overflow(void)
{
	struct answer answer = {.low = CODE(2), .high = CODE(2), .score = SCORE_MAX};
	struct listing list = {.answers = &answer, .nanswers = 1};
	struct policy policy = {.refuse = 1};
	struct fact facts[LISTS_MAX];
	struct roster all = {.n = LISTS_MAX};
	struct matter matter = {.roster = &all, .facts = facts, .policy = &policy};
	struct verdict verdict;

	listing_seal(&list);
	for (unsigned i = 0; i < LISTS_MAX; i++) {
		all.list[i] = &list;
		facts[i] = (struct fact){.state = FACT_LISTED, .ncodes = 1, .code = {CODE(2)}};
		policy.vote[policy.nvotes++] = (struct vote){.list = i, .weight = 100};
	}
	verdict_reach(&verdict, &matter);
	same_num(verdict.score, 6400000, "sixty-four lists at their loudest");
	same_num(verdict.nvoices, LISTS_MAX, "sixty-four voices");
	ok(!verdict_settled(&matter, UINT64_MAX), "sixty-four pending are not settled");
	facts[63].state = FACT_ERROR;
	verdict_reach(&verdict, &matter);
	ok(verdict.unknown == UINT64_C(1) << 63, "the last list is a bit too");
}

static void
test_settled(void)
{
	static const struct {
		const char *label;
		const char *facts; /* '?': pending */
		int refuse, defer;
		bool want;
	} rows[] = {
	    {"nothing known", "???", 5, 0, false},
	    {"never refuses", "???", 0, 0, true},
	    {"out of reach", "???", 10, 0, true},
	    {"just in reach", "???", 9, 0, false},
	    {"known clear, the rest cannot", ".?.", 5, 0, true},
	    {"known clear, the rest can", ".?.", 4, 0, false},
	    {"refused, but one may speak for it", "4.?", 5, 0, false},
	    {"refused whatever comes", "4?.", 5, 0, true},
	    {"good whatever comes", "??4", 5, 0, true},
	    {"defer or refuse", "3?.", 5, 3, false},
	    {"defer whatever comes", "3?.", 9, 3, true},
	    {"an error is not pending", "!..", 1, 0, true},
	};
	static const int weight[LISTS] = {1, 1, 1};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy = make_policy(rows[i].refuse, rows[i].defer, weight);
		struct fact facts[LISTS];
		struct matter matter = {.roster = &roster, .facts = facts, .policy = &policy};
		listset pending = 0;

		make_facts(facts, rows[i].facts);
		for (unsigned k = 0; k < LISTS; k++)
			pending |= (listset)(rows[i].facts[k] == '?') << k;
		same_num(verdict_settled(&matter, pending), rows[i].want, rows[i].label);
		policy.shadow = true;
		same_num(verdict_settled(&matter, pending), rows[i].want, rows[i].label);
	}
}

/* What facts there may be of a list that is pending. */
static const char kinds[] = ".?!2349";

/* Whether all completions of facts lead to one meant action. */
static bool
decided(const struct matter *matter, struct fact *facts, const char *text)
{
	bool seen[ACTION_REFUSE + 1] = {false};
	size_t n = sizeof(kinds) - 1;

	for (size_t k = 0; k < n * n * n; k++) {
		char full[] = {kinds[k % n], kinds[k / n % n], kinds[k / n / n], '\0'};
		struct verdict verdict;

		for (unsigned i = 0; i < LISTS; i++)
			if (text[i] != '?')
				full[i] = text[i];
		make_facts(facts, full);
		verdict_reach(&verdict, matter);
		seen[verdict.meant] = true;
	}
	make_facts(facts, text);
	return seen[ACTION_PASS] + seen[ACTION_DEFER] + seen[ACTION_REFUSE] == 1;
}

/* Where it is settled, trying everything finds but one action. */
static void
test_settled_is_true(void)
{
	static const char known[] = ".!234?";
	size_t n = sizeof(known) - 1;
	unsigned wrong = 0, tried = 0;

	srand(1);
	for (size_t k = 0; k < n * n * n; k++)
		for (int turn = 0; turn < 4; turn++) {
			char text[] = {known[k % n], known[k / n % n], known[k / n / n], '\0'};
			int weight[LISTS] = {rand() % 3, rand() % 3, rand() % 3};
			struct policy policy = make_policy(rand() % 12, rand() % 12, weight);
			struct fact facts[LISTS];
			struct matter matter = {
			    .roster = &roster, .facts = facts, .policy = &policy};
			listset pending = 0;

			for (unsigned i = 0; i < LISTS; i++)
				pending |= (listset)(text[i] == '?') << i;
			make_facts(facts, text);
			/* Bounds may be wide where the table has gaps, but never narrow. */
			wrong +=
			    verdict_settled(&matter, pending) && !decided(&matter, facts, text);
			tried++;
		}
	ok(wrong == 0 && tried > 800, "settled is never said too early, in %u cases", tried);
}

int
main(void)
{
	make_roster();
	test_grounds();
	test_deny_refuse_never();
	test_scores();
	test_overflow();
	test_settled();
	test_settled_is_true();
	return done();
}
