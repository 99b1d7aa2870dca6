/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts: the order of grounds, the sum of scores, what is not known counts
 * for nothing, what is not sure refuses nobody, and that settled is never said
 * too early.
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

/* '.' good, 'd' in doubt, 's' suspended, for each list. */
static void
make_standings(struct matter *matter, const char *text)
{
	for (unsigned i = 0; i < LISTS; i++) {
		matter->doubted |= (listset)(text[i] == 'd') << i;
		matter->suspended |= (listset)(text[i] == 's') << i;
	}
}

static struct policy
make_policy(int refuse, int defer, const int *weight)
{
	struct policy policy = {.refuse = refuse, .defer = defer};

	for (unsigned i = 0; i < LISTS; i++) {
		if (weight[i] == 0)
			continue;
		policy.vote[policy.nvotes] =
		    (struct vote){.list = i, .weight = weight[i], .group = policy.nvotes};
		policy.nvotes++;
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
		struct matter matter = {.roster = &roster,
		    .facts = facts,
		    .policy = &policy,
		    .authenticated = rows[i].authenticated,
		    .exempt = rows[i].exempt,
		    .allowed = rows[i].allowed,
		    .denied = rows[i].denied,
		    .doubted = 7};
		struct verdict verdict;

		make_facts(facts, "4..");
		policy.doubt = DOUBT_REFUSE;
		policy.shadow = rows[i].shadow;
		verdict_reach(&verdict, &matter);
		same_str(ground_name(verdict.ground), rows[i].ground, rows[i].label);
		same_str(action_name(verdict.action), rows[i].action, rows[i].label);
		same_str(action_name(verdict.meant), rows[i].meant, rows[i].label);
		if (verdict.ground != GROUND_LISTS)
			ok(verdict_settled(&matter, 7) && verdict.nvoices == 0 &&
				verdict.loudest == NULL && verdict.unknown == 0 &&
				verdict.doubted == 0 && !verdict.softened,
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
		policy.doubt = DOUBT_REFUSE;
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

static void
test_doubt(void)
{
	static const struct {
		const char *label;
		const char *facts, *standings;
		int weight[LISTS];
		int refuse, defer;
		enum doubt doubt;
		const char *action;
		int score, threshold;
		listset doubted, suspended, unknown;
		bool softened;
	} rows[] = {
	    {"all good", "4..", "...", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5, 5, 0, 0, 0,
		false},

	    {"in doubt: put off", "4..", "d..", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 5, 5, 1,
		0, 0, true},
	    {"in doubt: pass", "4..", "d..", {1, 1, 1}, 5, 0, DOUBT_PASS, "pass", 5, 5, 1, 0, 0,
		true},
	    {"in doubt: refuse", "4..", "d..", {1, 1, 1}, 5, 0, DOUBT_REFUSE, "refuse", 5, 5, 1,
		0, 0, false},
	    {"pass, but for a deferral", "4..", "d..", {1, 1, 1}, 5, 3, DOUBT_PASS, "defer", 5,
		5, 1, 0, 0, true},
	    {"pass, a deferral that never comes", "4..", "d..", {1, 1, 1}, 5, 7, DOUBT_PASS,
		"pass", 5, 5, 1, 0, 0, true},
	    {"sure without the one in doubt", "44.", "d..", {1, 2, 1}, 8, 0, DOUBT_DEFER,
		"refuse", 13, 8, 1, 0, 0, false},
	    {"not sure without it", "44.", "d..", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 9, 5,
		1, 0, 0, true},
	    {"in doubt, but not named", "4..", "ddd", {1, 0, 0}, 0, 5, DOUBT_DEFER, "defer", 5,
		5, 1, 0, 0, false},
	    {"a deferral in doubt", "3..", "d..", {1, 1, 1}, 5, 3, DOUBT_DEFER, "defer", 3, 3,
		1, 0, 0, false},
	    {"a deferral in doubt, pass", "3..", "d..", {1, 1, 1}, 5, 3, DOUBT_PASS, "defer", 3,
		3, 1, 0, 0, false},
	    {"clear and in doubt", "4..", ".d.", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5, 5,
		0, 0, 0, false},
	    {"unknown and in doubt", "4?.", ".d.", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5, 5,
		0, 0, 2, false},
	    {"nought in doubt is named", "43.", ".d.", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse",
		5, 5, 2, 0, 0, false},

	    {"for: in doubt, but it counts", "4.2", "..d", {1, 1, 1}, 5, 0, DOUBT_REFUSE,
		"pass", 3, 5, 4, 0, 0, false},
	    {"for: in doubt, and not enough", "442", "..d", {1, 1, 1}, 5, 0, DOUBT_DEFER,
		"refuse", 7, 5, 4, 0, 0, false},
	    {"for: in doubt and clear", "44.", "..d", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 9,
		5, 4, 0, 0, true},
	    {"for: clear", "44.", "...", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 9, 5, 0, 0, 0,
		false},
	    {"for: not heard", "4.?", "...", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 5, 5, 0, 0,
		4, true},
	    {"for: an error", "4.!", "...", {1, 1, 1}, 5, 0, DOUBT_PASS, "pass", 5, 5, 0, 0, 4,
		true},
	    {"for: an error, refuse all the same", "4.!", "...", {1, 1, 1}, 5, 0, DOUBT_REFUSE,
		"refuse", 5, 5, 0, 0, 4, false},
	    {"for: not heard, but too weak", "44?", "...", {3, 3, 1}, 5, 0, DOUBT_DEFER,
		"refuse", 27, 5, 0, 0, 4, false},
	    {"for: not heard, and strong by weight", "44?", "...", {3, 3, 3}, 5, 0, DOUBT_DEFER,
		"defer", 27, 5, 0, 0, 4, true},
	    {"for: not heard, and not named", "4.?", "...", {1, 1, 0}, 5, 0, DOUBT_DEFER,
		"refuse", 5, 5, 0, 0, 0, false},
	    {"for: suspended, as if not there", "4.4", "..s", {1, 1, 1}, 5, 0, DOUBT_DEFER,
		"refuse", 5, 5, 0, 4, 0, false},

	    {"suspended", "4..", "s..", {1, 1, 1}, 5, 0, DOUBT_REFUSE, "pass", 0, 5, 0, 1, 0,
		false},
	    {"suspended, not unknown", "?.!", "s.s", {1, 1, 1}, 5, 0, DOUBT_DEFER, "pass", 0, 5,
		0, 5, 0, false},
	    {"suspended, refused by another", "44.", ".s.", {1, 1, 1}, 5, 0, DOUBT_DEFER,
		"refuse", 5, 5, 0, 2, 0, false},
	    {"suspended, but not named", "4..", ".ss", {1, 0, 0}, 5, 0, DOUBT_DEFER, "refuse",
		5, 5, 0, 0, 0, false},
	    {"all suspended", "444", "sss", {1, 1, 1}, 1, 1, DOUBT_DEFER, "pass", 0, 1, 0, 7, 0,
		false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy =
		    make_policy(rows[i].refuse, rows[i].defer, rows[i].weight);
		struct fact facts[LISTS];
		struct matter matter = {.roster = &roster, .facts = facts, .policy = &policy};
		struct verdict verdict;

		make_facts(facts, rows[i].facts);
		make_standings(&matter, rows[i].standings);
		policy.doubt = rows[i].doubt;
		verdict_reach(&verdict, &matter);
		same_str(action_name(verdict.action), rows[i].action, rows[i].label);
		same_num(verdict.score, rows[i].score, rows[i].label);
		same_num(verdict.threshold, rows[i].threshold, rows[i].label);
		same_num(verdict.softened, rows[i].softened, rows[i].label);
		same_num((long long)verdict.doubted, (long long)rows[i].doubted, rows[i].label);
		same_num(
		    (long long)verdict.suspended, (long long)rows[i].suspended, rows[i].label);
		same_num((long long)verdict.unknown, (long long)rows[i].unknown, rows[i].label);
		ok(verdict_settled(&matter, 0), "%s: settled", rows[i].label);

		policy.shadow = true;
		verdict_reach(&verdict, &matter);
		same_str(action_name(verdict.action), "pass", rows[i].label);
		same_str(action_name(verdict.meant), rows[i].action, rows[i].label);
		same_num(verdict.softened, rows[i].softened, rows[i].label);
	}
}

/* What a list that is not sure may have had to say, were it well. */
static const char *
truths(char fact, char standing, bool for_client)
{
	static const char *const spoke[] = {"2", "3", "4"};

	if (standing == 's')
		return "."; /* it is not there */
	if (fact == '?' || fact == '!')
		return ".234";
	if (standing == '.' || (for_client && fact != '.'))
		return fact == '.' ? "." : spoke[fact - '2'];
	return ".234";
}

/* Whether it is refused in all the worlds where all lists are well. */
static bool
refused_anyhow(const struct matter *matter, const char *text, const char *how)
{
	struct fact facts[LISTS];
	struct policy policy = *matter->policy;
	struct matter well = {.roster = &roster, .facts = facts, .policy = &policy};
	struct verdict verdict;
	bool refused = true;

	policy.doubt = DOUBT_REFUSE;
	for (const char *a = truths(text[0], how[0], false); *a != '\0'; a++)
		for (const char *b = truths(text[1], how[1], false); *b != '\0'; b++)
			for (const char *c = truths(text[2], how[2], true); *c != '\0'; c++) {
				char world[] = {*a, *b, *c, '\0'};

				make_facts(facts, world);
				verdict_reach(&verdict, &well);
				refused &= verdict.meant == ACTION_REFUSE;
			}
	return refused;
}

/* Who is named: no list in doubt, where the others are enough. */
static void
test_doubt_and_reason(void)
{
	static const struct {
		const char *label, *standings;
		int refuse, defer;
		enum doubt doubt;
		unsigned loudest;
	} rows[] = {
	    {"no doubt", "...", 4, 0, DOUBT_DEFER, 0},
	    {"refused without the one in doubt", "d..", 4, 0, DOUBT_DEFER, 1},
	    {"put off for the one in doubt", "d..", 5, 0, DOUBT_DEFER, 0},
	    {"refused by the one in doubt", "d..", 5, 0, DOUBT_REFUSE, 0},
	    {"deferred without the one in doubt", "d..", 0, 4, DOUBT_DEFER, 1},
	    {"deferred by the one in doubt", "d..", 0, 5, DOUBT_DEFER, 0},
	    {"the other is in doubt", ".d.", 4, 0, DOUBT_DEFER, 0},
	    {"all are in doubt", "dd.", 4, 0, DOUBT_DEFER, 0},
	};
	static const int weight[LISTS] = {1, 1, 1};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct policy policy = make_policy(rows[i].refuse, rows[i].defer, weight);
		struct fact facts[LISTS];
		struct matter matter = {.roster = &roster, .facts = facts, .policy = &policy};
		struct verdict verdict;

		make_facts(facts, "44.");
		make_standings(&matter, rows[i].standings);
		policy.doubt = rows[i].doubt;
		verdict_reach(&verdict, &matter);
		ok(verdict.loudest != NULL && verdict.loudest->list == rows[i].loudest, "%s",
		    rows[i].label);
	}
}

/* It is refused where no truth would have it otherwise, and only there. */
static void
test_doubt_is_true(void)
{
	static const char said[] = ".?!234", standing[] = ".ds";
	static const int weight[LISTS] = {1, 2, 1};
	unsigned wrong = 0, refused = 0, softened = 0;

	for (unsigned k = 0; k < 6 * 6 * 6 * 3 * 3 * 3; k++) {
		char text[] = {said[k % 6], said[k / 6 % 6], said[k / 36 % 6], '\0'};
		char how[] = {
		    standing[k / 216 % 3], standing[k / 648 % 3], standing[k / 1944 % 3], '\0'};
		struct policy policy = make_policy(3, 2, weight);
		struct fact facts[LISTS];
		struct matter matter = {.roster = &roster, .facts = facts, .policy = &policy};
		struct verdict verdict;

		make_facts(facts, text);
		make_standings(&matter, how);
		verdict_reach(&verdict, &matter);
		wrong += (verdict.action == ACTION_REFUSE) !=
		    (verdict.score >= 3 && refused_anyhow(&matter, text, how));
		wrong +=
		    verdict.softened != (verdict.score >= 3 && verdict.action != ACTION_REFUSE);
		refused += verdict.action == ACTION_REFUSE;
		softened += verdict.softened;
	}
	ok(wrong == 0 && refused > 100 && softened > 100,
	    "a refusal is true in all worlds: %u refused, %u softened, %u wrong", refused,
	    softened, wrong);
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
		policy.vote[policy.nvotes++] =
		    (struct vote){.list = i, .weight = 100, .group = i};
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
	    {"put off, as nobody speaks for it", "4.!", 5, 0, true},
	    {"refused or put off", "4?!", 14, 0, true},
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
	static const char known[] = ".!234?", standing[] = "..ds";
	size_t n = sizeof(known) - 1;
	unsigned wrong = 0, settled = 0, tried = 0;

	srand(1);
	for (size_t k = 0; k < n * n * n; k++)
		for (int turn = 0; turn < 40; turn++) {
			char text[] = {known[k % n], known[k / n % n], known[k / n / n], '\0'};
			char how[] = {standing[rand() % 4], standing[rand() % 4],
			    standing[rand() % 4], '\0'};
			int weight[LISTS] = {rand() % 3, rand() % 3, rand() % 3};
			struct policy policy = make_policy(rand() % 12, rand() % 12, weight);
			struct fact facts[LISTS];
			struct matter matter = {
			    .roster = &roster, .facts = facts, .policy = &policy};
			listset pending = 0;

			for (unsigned i = 0; i < LISTS; i++)
				pending |= (listset)(text[i] == '?') << i;
			make_facts(facts, text);
			make_standings(&matter, how);
			policy.doubt = (enum doubt)(rand() % 3);
			tried++;
			/* Bounds may be wide where the table has gaps, but never narrow. */
			if (!verdict_settled(&matter, pending))
				continue;
			settled++;
			wrong += !decided(&matter, facts, text);
		}
	ok(wrong == 0 && settled > tried / 3, "settled is never said too early, %u of %u times",
	    settled, tried);
}

int
main(void)
{
	make_roster();
	test_grounds();
	test_deny_refuse_never();
	test_scores();
	test_doubt();
	test_doubt_and_reason();
	test_doubt_is_true();
	test_overflow();
	test_settled();
	test_settled_is_true();
	return done();
}
