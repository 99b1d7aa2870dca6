/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts: the order of reasons, the sum of scores, what is not known counts
 * for nothing, and that settled is never said too early.
 */
#include "config.h"

#include "verdict/verdict.h"

#include <stdlib.h>

#include "fakes/trio.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_reasons(void)
{
	static const struct {
		const char *label;
		bool authenticated, exempt, passed, allowed, denied, shadow;
		const char *reason, *action, *meant;
	} rows[] = {
	    {"all at once", true, true, false, true, true, false, "auth", "pass", "pass"},
	    {"exempt, denied", false, true, false, false, true, false, "exempt", "pass",
		"pass"},
	    {"passed", false, false, true, true, false, false, "administrator", "pass", "pass"},
	    {"exempt, passed", false, true, true, true, false, false, "exempt", "pass", "pass"},
	    {"allowed", false, false, false, true, false, false, "allow", "pass", "pass"},
	    {"denied", false, false, false, false, true, false, "deny", "refuse", "refuse"},
	    {"denied, shadow", false, false, false, false, true, true, "deny", "pass",
		"refuse"},
	    {"lists", false, false, false, false, false, false, "lists", "refuse", "refuse"},
	    {"lists, shadow", false, false, false, false, false, true, "lists", "pass",
		"refuse"},
	    {"auth, shadow", true, false, false, false, false, true, "auth", "pass", "pass"},
	};
	static const int weight[TRIO] = {1, 1, 1};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict verdict;
		struct trio t;

		trio_begin(&t, 5, 0, weight);
		trio_hear(&t, "4..");
		trio_judge(&t, "ddd");
		t.input.authenticated = rows[i].authenticated;
		t.input.exempt = rows[i].exempt;
		t.input.passed = rows[i].passed;
		t.input.allowed = rows[i].allowed;
		t.input.denied = rows[i].denied;
		t.policy.doubt = DOUBT_REFUSE;
		t.policy.shadow = rows[i].shadow;
		verdict_reach(&verdict, &t.input);
		same_str(verdict_reason_name(verdict.reason), rows[i].reason, rows[i].label);
		same_str(action_name(verdict.action), rows[i].action, rows[i].label);
		same_str(action_name(verdict.meant), rows[i].meant, rows[i].label);
		if (verdict.reason != REASON_LISTS)
			ok(verdict_settled(&t.input, 7) && verdict.nhits == 0 &&
				verdict.loudest == NULL && verdict.unknown == 0 &&
				verdict.doubted == 0 && !verdict.softened,
			    "%s: settled, no list heard", rows[i].label);
	}
	same_str(verdict_reason_name(REASON_STOPPING), "stopping", "the name of stopping");
}

static void
test_deny_refuse_never(void)
{
	static const int weight[TRIO] = {1, 1, 1};
	struct verdict verdict;
	struct trio t;

	trio_begin(&t, 0, 0, weight);
	trio_hear(&t, "...");
	t.input.denied = true;
	verdict_reach(&verdict, &t.input);
	same_num(verdict.action, ACTION_REFUSE, "denied where lists never refuse");
}

static void
test_scores(void)
{
	static const struct {
		const char *label;
		const char *facts;
		int weight[TRIO];
		int refuse, defer;
		const char *action;
		int score, threshold;
		unsigned nhits;
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
		struct verdict verdict;
		struct trio t;

		trio_begin(&t, rows[i].refuse, rows[i].defer, rows[i].weight);
		trio_hear(&t, rows[i].facts);
		t.policy.doubt = DOUBT_REFUSE;
		verdict_reach(&verdict, &t.input);
		same_str(action_name(verdict.action), rows[i].action, rows[i].label);
		same_num(verdict.score, rows[i].score, rows[i].label);
		same_num(verdict.threshold, rows[i].threshold, rows[i].label);
		same_num(verdict.nhits, rows[i].nhits, rows[i].label);
		same_num(verdict.loudest != NULL ? (int)verdict.loudest->list : -1,
		    rows[i].loudest, rows[i].label);
		ok(verdict.unknown == rows[i].unknown, "%s: unknown", rows[i].label);
		ok(verdict_settled(&t.input, 0), "%s: settled", rows[i].label);
	}
}

/* Sixty-four lists at the highest scores and weights. */
static void
test_overflow(void)
{
	struct answer answer = {.codes = {CODE(2), CODE(2), 0}, .score = SCORE_MAX};
	struct listing list = {.answers = &answer, .nanswers = 1};
	struct policy policy = {.refuse = 1};
	struct fact facts[LISTS_MAX];
	struct roster all = {.n = LISTS_MAX};
	struct verdict_input input = {.roster = &all, .facts = facts, .policy = &policy};
	struct verdict verdict;

	listing_seal(&list);
	for (unsigned i = 0; i < LISTS_MAX; i++) {
		all.list[i] = &list;
		facts[i] = (struct fact){.state = FACT_LISTED, .ncodes = 1, .code = {CODE(2)}};
		policy.vote[policy.nvotes++] =
		    (struct vote){.list = i, .weight = 100, .group = i};
	}
	verdict_reach(&verdict, &input);
	same_num(verdict.score, 6400000, "sixty-four lists at their loudest");
	same_num(verdict.nhits, LISTS_MAX, "sixty-four voices");
	ok(!verdict_settled(&input, UINT64_MAX), "sixty-four pending are not settled");
	facts[63].state = FACT_ERROR;
	verdict_reach(&verdict, &input);
	ok(verdict.unknown == UINT64_C(1) << 63, "the last list is a bit too");
}

/* Who was not heard as nothing hung on it is not one who could not be heard. */
static void
test_not_awaited(void)
{
	static const struct {
		const char *label;
		enum fact_state state[3]; /* of lists of 5, 5, and 5 in shadow */
		listset pending, unknown, not_awaited, shadow_unknown;
	} rows[] = {
	    {"settled", {FACT_LISTED, FACT_UNKNOWN, FACT_CLEAR}, 2, 0, 2, 0},
	    {"settled, and too late", {FACT_LISTED, FACT_UNKNOWN, FACT_CLEAR}, 0, 2, 0, 0},
	    {"settled, and an error", {FACT_LISTED, FACT_ERROR, FACT_CLEAR}, 0, 2, 0, 0},
	    {"not settled, as when stopping", {FACT_CLEAR, FACT_UNKNOWN, FACT_CLEAR}, 2, 2, 0,
		0},
	    {"a shadow is not heard", {FACT_CLEAR, FACT_CLEAR, FACT_UNKNOWN}, 4, 0, 0, 4},
	    {"a shadow is in error", {FACT_CLEAR, FACT_CLEAR, FACT_ERROR}, 0, 0, 0, 4},
	    {"nobody is", {FACT_UNKNOWN, FACT_UNKNOWN, FACT_UNKNOWN}, 6, 3, 0, 4},
	};
	struct answer answer = {.codes = {CODE(2), CODE(2), 0}, .score = 5};
	struct listing list = {.answers = &answer, .nanswers = 1}, shadow;
	struct roster roster = {.n = 3, .list = {&list, &list, &shadow}};
	struct fact facts[3];
	struct policy policy = {
	    .refuse = 5, .lists = 7, .nvotes = 3, .vote = {{0, 1, 0}, {1, 1, 1}, {2, 1, 2}}};
	struct verdict_input input = {.roster = &roster, .facts = facts, .policy = &policy};
	struct verdict verdict;

	listing_seal(&list);
	shadow = list;
	shadow.shadow = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned k = 0; k < 3; k++)
			facts[k] = (struct fact){.state = (uint8_t)rows[i].state[k],
			    .ncodes = rows[i].state[k] == FACT_LISTED,
			    .code = {CODE(2)}};
		input.pending = rows[i].pending;
		verdict_reach(&verdict, &input);
		same_num((long long)verdict.unknown, (long long)rows[i].unknown, rows[i].label);
		same_num((long long)verdict.not_awaited, (long long)rows[i].not_awaited,
		    rows[i].label);
		same_num((long long)verdict.shadow_unknown, (long long)rows[i].shadow_unknown,
		    rows[i].label);
	}
	facts[2] = (struct fact){.state = FACT_CLEAR};
	input.suspended = 4;
	verdict_reach(&verdict, &input);
	same_num((long long)verdict.shadow_unknown, 4, "a shadow is suspended");
}

/* A list whose scores are added up comes to more than any of its rows. */
static void
test_sum(void)
{
	struct answer answers[] = {{.codes = {CODE(2), CODE(2), 0}, .score = 3},
	    {.codes = {CODE(3), CODE(3), 0}, .score = 2},
	    {.codes = {CODE(4), CODE(4), 0}, .score = -4}};
	struct listing list = {.answers = answers, .nanswers = 3, .sum = true};
	struct roster roster = {.n = 1, .list = {&list}};
	struct fact fact = {.state = FACT_UNKNOWN};
	struct policy policy = {.refuse = 5, .nvotes = 1, .vote = {{.weight = 1}}, .lists = 1};
	struct verdict_input input = {.roster = &roster, .facts = &fact, .policy = &policy};
	struct verdict verdict;

	listing_seal(&list);
	ok(!verdict_settled(&input, 1), "added up: waited for");
	fact = (struct fact){.state = FACT_LISTED, .ncodes = 2, .code = {CODE(2), CODE(3)}};
	verdict_reach(&verdict, &input);
	same_num(verdict.action, ACTION_REFUSE, "added up: refused");
	same_num(verdict.score, 5, "added up: the score");
	ok(verdict.loudest != NULL && verdict.loudest->answer == &answers[0],
	    "added up: the loudest row is the reason");
	fact = (struct fact){
	    .state = FACT_LISTED, .ncodes = 3, .code = {CODE(2), CODE(3), CODE(4)}};
	policy.vote[0].weight = 2;
	verdict_reach(&verdict, &input);
	same_num(verdict.score, 2, "added up: what speaks for the client, and the weight");
	policy.refuse = 11;
	fact.state = FACT_UNKNOWN;
	ok(verdict_settled(&input, 1), "added up: out of reach");
	list.sum = false;
	listing_seal(&list);
	policy.refuse = 7;
	ok(verdict_settled(&input, 1), "not added up: out of reach sooner");
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
	static const int weight[TRIO] = {1, 1, 1};

	for (size_t i = 0; i < COUNT(rows); i++) {
		listset pending = trio_pending(rows[i].facts);
		struct trio t;

		trio_begin(&t, rows[i].refuse, rows[i].defer, weight);
		trio_hear(&t, rows[i].facts);
		same_num(verdict_settled(&t.input, pending), rows[i].want, rows[i].label);
		t.policy.shadow = true;
		same_num(verdict_settled(&t.input, pending), rows[i].want, rows[i].label);
	}
}

/* What facts there may be of a list that is pending. */
static const char kinds[] = ".?!2349";

/* Whether all completions of facts lead to one meant action. */
static bool
decided(struct trio *t, const char *text)
{
	bool seen[ACTION_REFUSE + 1] = {false};
	size_t n = sizeof(kinds) - 1;

	for (size_t k = 0; k < n * n * n; k++) {
		char full[] = {kinds[k % n], kinds[k / n % n], kinds[k / n / n], '\0'};
		struct verdict verdict;

		for (unsigned i = 0; i < TRIO; i++)
			if (text[i] != '?')
				full[i] = text[i];
		trio_hear(t, full);
		verdict_reach(&verdict, &t->input);
		seen[verdict.meant] = true;
	}
	trio_hear(t, text);
	return seen[ACTION_PASS] + seen[ACTION_DEFER] + seen[ACTION_REFUSE] == 1;
}

/* Where it is settled, trying everything finds but one action. */
static void
test_settled_is_true(void)
{
	static const char known[] = ".!234?u", state[] = "..ds";
	size_t n = sizeof(known) - 1;
	unsigned wrong = 0, settled = 0, tried = 0;

	srand(1);
	for (size_t k = 0; k < n * n * n; k++)
		for (int turn = 0; turn < 40; turn++) {
			char text[] = {known[k % n], known[k / n % n], known[k / n / n], '\0'};
			char how[] = {
			    state[rand() % 4], state[rand() % 4], state[rand() % 4], '\0'};
			int weight[TRIO] = {rand() % 3, rand() % 3, rand() % 3};
			listset pending = trio_pending(text);
			struct trio t;

			trio_begin(&t, rand() % 12, rand() % 12, weight);
			trio_hear(&t, text);
			trio_judge(&t, how);
			t.policy.doubt = (enum doubt)(rand() % 3);
			tried++;
			/* Bounds may be wide where the table has gaps, but never narrow. */
			if (!verdict_settled(&t.input, pending))
				continue;
			settled++;
			wrong += !decided(&t, text);
		}
	ok(wrong == 0 && settled > tried / 3, "settled is never said too early, %u of %u times",
	    settled, tried);
}

/* Lists that the network had no question left for: who could have been refused by them
 * is put off. */
static void
test_unasked(void)
{
	static const struct {
		const char *label;
		const char *facts, *standings;
		int refuse, defer;
		enum doubt doubt;
		const char *reason, *action;
		bool softened;
	} rows[] = {
	    {"could", "uuu", "...", 9, 0, DOUBT_DEFER, "network-busy", "defer", false},
	    {"could, whatever is done in doubt", "u..", "...", 5, 0, DOUBT_PASS, "network-busy",
		"defer", false},
	    {"could not", "uuu", "...", 10, 0, DOUBT_DEFER, "lists", "pass", false},
	    {"no policy to refuse", "uuu", "...", 0, 5, DOUBT_DEFER, "lists", "pass", false},
	    {"could not, in doubt", "u..", "d..", 5, 0, DOUBT_DEFER, "lists", "pass", false},
	    {"could not, suspended", "u..", "s..", 5, 0, DOUBT_DEFER, "lists", "pass", false},
	    {"could not, trusted", "uu4", "...", 5, 0, DOUBT_DEFER, "lists", "pass", false},
	    {"one that trusts", "..u", "...", 5, 0, DOUBT_DEFER, "lists", "pass", false},
	    {"could with what is known", "3u.", "...", 7, 0, DOUBT_DEFER, "network-busy",
		"defer", false},
	    {"refused as it is", "4u.", "...", 5, 0, DOUBT_DEFER, "lists", "refuse", false},
	    {"put off as it is", "3u.", "...", 7, 3, DOUBT_DEFER, "lists", "defer", false},
	    {"with one that is not sure", "4u.", "d..", 5, 0, DOUBT_DEFER, "lists", "defer",
		true},
	    {"not known, but asked", "???", "...", 5, 0, DOUBT_DEFER, "lists", "pass", false},
	};
	static const int weight[TRIO] = {1, 1, 1};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict verdict;
		struct trio t;

		trio_begin(&t, rows[i].refuse, rows[i].defer, weight);
		trio_hear(&t, rows[i].facts);
		trio_judge(&t, rows[i].standings);
		t.policy.doubt = rows[i].doubt;
		verdict_reach(&verdict, &t.input);
		same_str(verdict_reason_name(verdict.reason), rows[i].reason, rows[i].label);
		same_str(action_name(verdict.action), rows[i].action, rows[i].label);
		same_num(verdict.softened, rows[i].softened, rows[i].label);
		t.policy.shadow = true;
		verdict_reach(&verdict, &t.input);
		same_num(verdict.action, ACTION_PASS, rows[i].label);
	}
}

/* Those whose turn it is to be let through are not put off. */
static void
test_unasked_and_spf(void)
{
	static const int weight[TRIO] = {1, 1, 1};
	struct verdict verdict;
	struct trio t;

	trio_begin(&t, 5, 0, weight);
	trio_hear(&t, "u..");
	t.policy.spf[SPF_FAIL].effect = SPF_DEFER;
	t.input.spf = SPF_FAIL;
	verdict_reach(&verdict, &t.input);
	same_str(verdict_reason_name(verdict.reason), "spf", "SPF puts it off by itself");
	same_num(verdict.softened, false, "as it is meant to");
	t.input.spf = SPF_UNKNOWN;
	t.input.sender_trusted = true;
	verdict_reach(&verdict, &t.input);
	same_num(verdict.action, ACTION_PASS, "a sender that may be trusted");
	t.input.spf = SPF_NONE;
	verdict_reach(&verdict, &t.input);
	same_num(verdict.action, ACTION_DEFER, "a sender that may not");
}

int
main(void)
{
	test_reasons();
	test_deny_refuse_never();
	test_scores();
	test_overflow();
	test_not_awaited();
	test_sum();
	test_settled();
	test_settled_is_true();
	test_unasked();
	test_unasked_and_spf();
	return done();
}
