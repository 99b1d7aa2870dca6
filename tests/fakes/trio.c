/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trio.c - three lists that answer with three codes, and matters that are written
 * as a letter for each of them.
 */
#include "config.h"

#include "fakes/trio.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct answer answers[TRIO][3] = {
    {{.codes = {CODE(2), CODE(2), 0}, .score = 2}, {.codes = {CODE(3), CODE(3), 0}, .score = 3},
	{.codes = {CODE(4), CODE(4), 0}, .score = 5}},
    {{.codes = {CODE(2), CODE(2), 0}, .score = 2}, {.codes = {CODE(3), CODE(3), 0}, .score = 0},
	{.codes = {CODE(4), CODE(4), 0}, .score = 4}},
    {{.codes = {CODE(2), CODE(2), 0}, .score = -2},
	{.codes = {CODE(3), CODE(3), 0}, .score = -3},
	{.codes = {CODE(4), CODE(4), 0}, .score = -10}},
};

/* The lists, sealed when they are asked for first. */
static const struct roster *
roster_of_three(void)
{
	static struct listing lists[TRIO];
	static struct roster roster;

	for (; roster.n < TRIO; roster.n++) {
		struct listing *list = &lists[roster.n];

		list->answers = answers[roster.n];
		list->nanswers = COUNT(answers[roster.n]);
		listing_seal(list);
		roster.list[roster.n] = list;
	}
	return &roster;
}

void
trio_begin(struct trio *t, int refuse, int defer, const int weight[TRIO])
{
	*t = (struct trio){.policy = {.refuse = refuse, .defer = defer}};
	t->input = (struct verdict_input){
	    .roster = roster_of_three(), .facts = t->facts, .policy = &t->policy};
	for (unsigned i = 0; i < TRIO; i++) {
		unsigned n = t->policy.nvotes;

		if (weight[i] == 0)
			continue;
		t->policy.vote[n] = (struct vote){.list = i, .weight = weight[i], .group = n};
		t->policy.nvotes++;
		t->policy.lists |= UINT64_C(1) << i;
	}
}

void
trio_hear(struct trio *t, const char facts[TRIO + 1])
{
	for (unsigned i = 0; i < TRIO; i++) {
		t->facts[i] = (struct fact){.state = FACT_LISTED};
		t->input.unasked &= ~((listset)1 << i);
		t->input.unasked |= (listset)(facts[i] == 'u') << i;
		if (facts[i] == '.')
			t->facts[i].state = FACT_CLEAR;
		else if (facts[i] == '?' || facts[i] == 'u')
			t->facts[i].state = FACT_UNKNOWN;
		else if (facts[i] == '!')
			t->facts[i].state = FACT_ERROR;
		else
			fact_add_code(&t->facts[i], CODE((uint32_t)(facts[i] - '0')));
	}
}

void
trio_judge(struct trio *t, const char standings[TRIO + 1])
{
	for (unsigned i = 0; i < TRIO; i++) {
		t->input.doubted |= (listset)(standings[i] == 'd' || standings[i] == 'l') << i;
		t->input.lapsed |= (listset)(standings[i] == 'l') << i;
		t->input.suspended |= (listset)(standings[i] == 's') << i;
	}
}

listset
trio_pending(const char facts[TRIO + 1])
{
	listset pending = 0;

	for (unsigned i = 0; i < TRIO; i++)
		pending |= (listset)(facts[i] == '?') << i;
	return pending;
}
