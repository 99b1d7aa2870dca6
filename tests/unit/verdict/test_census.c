/* SPDX-License-Identifier: BSD-2-Clause */
/* test_census.c - which lists a refusal is put down to, and policies by their names. */
#include "config.h"

#include "verdict/census.h"

#include "lists/usage.h"
#include "tap.h"

static atomic_uint good = LIST_GOOD;
static struct answer answer = {.codes = {0x7f000002, 0x7f000002, 0}, .score = 5};
static struct list_usage usage[2];
static struct listing lists[2] = {
    {.label = (char[]){"a"}, .nanswers = 1, .answers = &answer, .state = &good, .worst = 5},
    {.label = (char[]){"b"}, .nanswers = 1, .answers = &answer, .state = &good, .worst = 5},
};
static struct roster roster = {.n = 2, .list = {&lists[0], &lists[1]}};
static struct policy policy = {
    .refuse = 5,
    .refuse_code = 550,
    .agree = 1,
    .nvotes = 2,
    .vote = {{.list = 0, .weight = 1, .group = 0}, {.list = 1, .weight = 1, .group = 1}},
    .lists = 3,
};

static const struct {
	const char *label;
	bool listed[2];
	int refuse;                 /* the threshold */
	bool shadow;                /* of the policy */
	bool doubted;               /* the second list */
	int refusals[2], needed[2]; /* refusals that would be none without it */
	int sole[2], decisive[2];   /* decisions, in shadow or not */
} rows[] = {
    {"none", {false, false}, 5, false, false, {0, 0}, {0, 0}, {0, 0}, {0, 0}},
    {"one alone", {true, false}, 5, false, false, {1, 0}, {1, 0}, {1, 0}, {1, 0}},
    {"either would do", {true, true}, 5, false, false, {1, 1}, {0, 0}, {0, 0}, {0, 0}},
    {"both are needed", {true, true}, 10, false, false, {1, 1}, {1, 1}, {0, 0}, {1, 1}},
    {"too little", {true, false}, 10, false, false, {0, 0}, {0, 0}, {0, 0}, {0, 0}},
    {"shadow refuses nobody", {true, false}, 5, true, false, {0, 0}, {0, 0}, {1, 0}, {1, 0}},
    {"one in doubt is no reason", {true, true}, 5, false, true, {1, 1}, {1, 0}, {0, 0}, {1, 0}},
};

static uint64_t
decisions(int list, enum list_count count)
{
	return usage[list].decisions[count];
}

static void
test_row(size_t i)
{
	struct fact facts[2] = {{.state = FACT_CLEAR}, {.state = FACT_CLEAR}};
	struct verdict_input input = {.roster = &roster, .facts = facts, .policy = &policy};
	uint64_t before[4], against[2], sole[2], decisive[2];
	struct verdict verdict;

	for (int k = 0; k < 2; k++) {
		if (rows[i].listed[k])
			facts[k] = (struct fact){
			    .state = FACT_LISTED, .ncodes = 1, .code = {0x7f000002}};
		before[k] = usage[k].refusals;
		before[2 + k] = usage[k].sole_refusals;
		against[k] = decisions(k, LIST_COUNT_AGAINST);
		sole[k] = decisions(k, LIST_COUNT_SOLE);
		decisive[k] = decisions(k, LIST_COUNT_DECISIVE);
	}
	policy.refuse = rows[i].refuse;
	policy.shadow = rows[i].shadow;
	input.doubted = rows[i].doubted ? 2 : 0;
	verdict_reach(&verdict, &input);
	census_count(&verdict, &input, 1);
	for (int k = 0; k < 2; k++) {
		same_num((long long)(usage[k].refusals - before[k]), rows[i].refusals[k],
		    rows[i].label);
		same_num((long long)(usage[k].sole_refusals - before[2 + k]), rows[i].needed[k],
		    rows[i].label);
		same_num((long long)(decisions(k, LIST_COUNT_AGAINST) - against[k]),
		    rows[i].listed[k], rows[i].label);
		same_num((long long)(decisions(k, LIST_COUNT_SOLE) - sole[k]), rows[i].sole[k],
		    rows[i].label);
		same_num((long long)(decisions(k, LIST_COUNT_DECISIVE) - decisive[k]),
		    rows[i].decisive[k], rows[i].label);
	}
}

static void
test_policies(void)
{
	struct census_policy *first = census_of("a.example");
	const char *at;
	char name[32];

	ok(first == census_of("a.example"), "a name has its counts again");
	for (int i = 0; i < CENSUS_POLICIES - 1; i++) {
		snprintf(name, sizeof(name), "p%d.example", i);
		ok(census_of(name) != census_others(), "%s", name);
	}
	ok(census_of("more.example") == census_others(), "one too many is another");
	ok(first == census_of("a.example"), "the first stays");
	ok(census_at(0, &at) == first && strcmp(at, "a.example") == 0, "by its number");
	ok(census_at(CENSUS_POLICIES, &at) == census_others() && strcmp(at, "other") == 0,
	    "those of all others");
}

int
main(void)
{
	for (int k = 0; k < 2; k++)
		lists[k].usage = &usage[k];
	policy.census = census_of("a.example");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(i);
	same_num((long long)policy.census->count[ACTION_REFUSE], 4, "of the policy");
	same_num((long long)census_decisions(ACTION_REFUSE, REASON_LISTS), 4, "of all");
	same_num((long long)policy.census->shadowed[ACTION_REFUSE], 1, "meant in shadow");
	test_policies();
	return done();
}
