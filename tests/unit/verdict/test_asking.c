/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists that are asked as it is needed: the action is the one that all of them would have
 * come to, whatever the policy and whatever they say, in three waves at most, and two where
 * a client is on no list.
 */
#include "config.h"

#include "verdict/asking.h"

#include <stdlib.h>
#include <string.h>

#include "lists/usage.h"
#include "tap.h"

#define CASES 60000
#define MANY 8

/* A world by chance: lists, a policy, and what the lists would say. */
struct world {
	struct listing list[MANY];
	struct answer answer[MANY];
	struct list_usage usage[MANY];
	struct roster roster;
	struct policy policy;
	struct fact truth[MANY], facts[MANY];
	struct verdict_input input;
};

/* xorshift: each run the same. */
static uint32_t
draw(uint32_t below)
{
	static uint32_t state = 20261129;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

static void
make_list(struct world *w, unsigned i)
{
	int score = draw(5) == 0 ? -(int)(1 + draw(12)) : (int)(1 + draw(6));

	w->answer[i] = (struct answer){.codes = {0x7f000002, 0x7f000002, 0},
	    .category = score < 0 ? CATEGORY_ALLOW : CATEGORY_SPAM_SOURCE,
	    .score = score};
	w->list[i] = (struct listing){.label = (char *)"list",
	    .nanswers = 1,
	    .answers = &w->answer[i],
	    .origin = draw(8) == 0 ? ORIGIN_REPORTS : ORIGIN_TRAPS,
	    .shadow = draw(12) == 0,
	    .usage = &w->usage[i],
	    .best = score < 0 ? score : 0,
	    .worst = score > 0 ? score : 0};
	w->roster.list[i] = &w->list[i];
}

static void
make_policy(struct world *w)
{
	struct policy *p = &w->policy;

	*p = (struct policy){.name = (char *)"default", .needed = true};
	p->refuse = draw(6) == 0 ? 0 : (int)(2 + draw(8));
	p->drop = draw(3) == 0 ? (int)(4 + draw(12)) : 0;
	p->quarantine = draw(4) == 0 ? (int)(1 + draw(9)) : 0;
	p->defer = draw(3) == 0 ? (int)(1 + draw(6)) : 0;
	p->tag = draw(3) == 0 ? (int)(1 + draw(4)) : 0;
	p->agree = draw(3) == 0 ? 2 : 1;
	p->doubt = (enum doubt)draw(3);
	for (unsigned i = 0; i < w->roster.n; i++) {
		p->vote[i] = (struct vote){(uint8_t)i, (int8_t)(1 + draw(2)), (uint8_t)i};
		if (i > 0 && draw(6) == 0)
			p->vote[i].group = p->vote[i - 1].group;
		p->lists |= (listset)1 << i;
	}
	p->nvotes = w->roster.n;
}

/* What a list would say: nothing, something that is or is not proven, or no answer in time. */
static void
make_truth(struct world *w, unsigned i, unsigned listed)
{
	struct fact *fact = &w->truth[i];

	*fact = (struct fact){.state = FACT_CLEAR};
	if (draw(10) < listed) {
		fact->state = FACT_LISTED;
		fact_add_code(fact, 0x7f000002);
		fact->unproven = draw(10) == 0;
	} else if (draw(12) == 0) {
		fact->state = FACT_ERROR;
	}
	if (fact->unproven)
		w->input.doubted |= (listset)1 << i;
}

static void
make_world(struct world *w)
{
	unsigned listed = draw(6);

	memset(w, 0, sizeof(*w));
	w->roster.n = 2 + draw(MANY - 1);
	w->input = (struct verdict_input){
	    .roster = &w->roster, .facts = w->facts, .policy = &w->policy, .frugal = true};
	for (unsigned i = 0; i < w->roster.n; i++) {
		make_list(w, i);
		make_truth(w, i, listed);
		if (draw(20) == 0)
			w->input.suspended |= (listset)1 << i;
		if (draw(20) == 0)
			w->input.doubted |= (listset)1 << i;
	}
	make_policy(w);
}

/* Whether it says something. */
static bool
is_listed(const struct world *w)
{
	for (unsigned i = 0; i < w->roster.n; i++)
		if (w->truth[i].state != FACT_CLEAR)
			return true;
	return false;
}

/* The verdict where all have answered. */
static enum action
judge(struct world *w, struct verdict *verdict, listset pending)
{
	w->input.pending = w->input.held = pending;
	verdict_reach(verdict, &w->input);
	return verdict->meant;
}

/* Ask by waves until it is enough; returns those that were never asked. */
static listset
ask(struct world *w, listset first, unsigned *waves)
{
	listset pending = w->policy.lists, next = first;

	*waves = 0;
	while (next != 0) {
		for (unsigned i = 0; i < w->roster.n; i++)
			if (listset_has(next, i))
				w->facts[i] = w->truth[i];
		pending &= ~next;
		next = asking_next(&w->input, pending, pending, ++*waves >= 2);
	}
	return pending;
}

static void
test_same_action(void)
{
	unsigned long wrong = 0, long_ways = 0, clear_ways = 0, spared = 0, lists = 0, odd = 0;
	struct verdict verdict;
	struct world w;

	for (unsigned i = 0; i < CASES; i++) {
		listset first, left;
		enum action all;
		unsigned waves;

		make_world(&w);
		memcpy(w.facts, w.truth, sizeof(w.facts));
		all = judge(&w, &verdict, 0);
		memset(w.facts, 0, sizeof(w.facts));
		first = draw(w.policy.lists + 1) & w.policy.lists;
		if (first == 0)
			first = asking_next(&w.input, w.policy.lists, w.policy.lists, false);
		left = ask(&w, first, &waves);
		wrong += judge(&w, &verdict, left) != all;
		odd += (verdict.unknown & left) != 0 || (verdict.not_needed & ~left) != 0;
		long_ways += waves > 3;
		clear_ways += waves > 2 && !is_listed(&w);
		spared += listset_count(left);
		lists += w.roster.n;
	}
	same_num((long long)wrong, 0, "actions that are other ones");
	same_num((long long)odd, 0, "lists that are called unknown, and were not asked");
	same_num((long long)long_ways, 0, "more than three waves");
	same_num((long long)clear_ways, 0, "more than two where no list says anything");
	ok(spared * 4 > lists, "a fourth of the questions is spared at least: %lu of %lu",
	    spared, lists);
}

/* Lists a to h, of which some may decide alone, by what they have listed of 100 clients. */
static void
make_known(struct world *w, const int *score, const unsigned *listed)
{
	memset(w, 0, sizeof(*w));
	w->roster.n = MANY;
	w->policy = (struct policy){.needed = true, .refuse = 2, .agree = 1, .nvotes = MANY};
	w->input = (struct verdict_input){
	    .roster = &w->roster, .facts = w->facts, .policy = &w->policy, .frugal = true};
	for (unsigned i = 0; i < MANY; i++) {
		make_list(w, i);
		w->answer[i].score = w->list[i].worst = score[i];
		w->list[i].best = 0;
		w->list[i].shadow = false;
		w->policy.vote[i] = (struct vote){(uint8_t)i, 1, (uint8_t)i};
		w->policy.lists |= (listset)1 << i;
		for (unsigned k = 0; k < 100; k++)
			list_usage_drawn(
			    &w->usage[i], k < listed[i] ? FACT_LISTED : FACT_CLEAR);
	}
}

static void
test_first(void)
{
	static const struct {
		const char *label;
		int score[MANY];
		unsigned listed[MANY];
		listset candidates, first;
	} rows[] = {
	    {"two that weigh enough, and both list few", {2, 2, 1, 1, 1, 1, 1, 1},
		{11, 11, 11, 11, 11, 11, 11, 11}, 0x03, 0x03},
	    {"one knows nearly all: it alone", {2, 2, 2, 2, 2, 2, 2, 2},
		{30, 95, 40, 20, 10, 5, 5, 5}, 0xff, 0x02},
	    {"those that list most", {2, 2, 2, 2, 2, 2, 2, 2}, {2, 2, 2, 40, 2, 30, 2, 2}, 0xff,
		0x28},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct asking asking = {.frugal = true, .lists = MANY};
		struct world w;

		make_known(&w, rows[i].score, rows[i].listed);
		asking.candidates = rows[i].candidates;
		same_num((long long)asking_first(&asking, &w.roster, 0),
		    (long long)rows[i].first, rows[i].label);
		asking.always = 0x08;
		asking.first = 0x80;
		same_num((long long)(asking_first(&asking, &w.roster, 0) & 0x88), 0x80,
		    "what is always asked is not chosen, what is wanted first is");
	}
}

/* Of who is on no list, as few as can know; of who is, what can still change it. */
static void
test_next(void)
{
	static const int score[MANY] = {2, 2, 1, 1, 1, 1, 1, 1};
	static const unsigned listed[MANY] = {11, 11, 11, 11, 11, 11, 11, 3};
	struct world w;

	make_known(&w, score, listed);
	same_num((long long)asking_next(&w.input, 0xff, 0xff, false), 0x7f,
	    "all but the one that lists least: alone it is too little");
	same_num((long long)asking_next(&w.input, 0xff, 0xfc, false), 0x7c,
	    "the same beside two that are asked");
	same_num(
	    (long long)asking_next(&w.input, 0xff, 0xfc, true), 0xfc, "all that can matter");
	w.facts[0] = (struct fact){.state = FACT_LISTED};
	fact_add_code(&w.facts[0], 0x7f000002);
	same_num((long long)asking_next(&w.input, 0xfe, 0xfe, false), 0, "it is enough");
	w.list[7].best = -1;
	w.list[7].worst = 0;
	same_num((long long)asking_next(&w.input, 0xfe, 0xfe, false), 0x80,
	    "but for a list that may speak for the client");
	w.facts[0].unproven = true;
	ok(!asking_enough(&w.input, 0xfe), "what is not proven is not enough");
}

/* Policies of one configuration. */
static void
test_plan(void)
{
	static const int score[MANY] = {2, 2, 1, 1, 1, 1, 1, 1};
	static const unsigned listed[MANY] = {0};
	struct policies *policies = policies_new();
	struct policy *one = calloc(1, sizeof(*one)), *other = calloc(1, sizeof(*other));
	struct asking asking;
	struct world w;

	make_known(&w, score, listed);
	*one = *other = w.policy;
	one->name = strdup("default");
	other->name = strdup("other.example");
	if (!policies_add(policies, one) || !policies_add(policies, other))
		abort();
	policies_seal(policies);
	asking_plan(&asking, policies, &w.roster, true);
	ok(asking.frugal, "as it is needed");
	same_num((long long)asking.candidates, 0x03, "those that decide alone");
	same_num((long long)(asking.always | asking.first), 0, "nobody else");
	w.list[7].best = -3;
	asking_plan(&asking, policies, &w.roster, true);
	same_num((long long)asking.always, 0x80, "who may speak for clients, for own evidence");
	other->needed = false;
	other->lists = 0x30;
	asking_plan(&asking, policies, &w.roster, false);
	same_num((long long)asking.always, 0x30, "a policy that asks all its lists");
	ok(asking.frugal, "while others are left");
	other->lists = 0xff;
	asking_plan(&asking, policies, &w.roster, false);
	ok(!asking.frugal, "not where another policy asks them all");
	other->lists = 0x30;
	one->agree = 2;
	asking_plan(&asking, policies, &w.roster, false);
	same_num((long long)asking.candidates, 0, "none alone where two must agree");
	same_num((long long)listset_count(asking.first), 7, "but as many as it takes to know");
	one->first = 0x04;
	asking_plan(&asking, policies, &w.roster, false);
	same_num((long long)asking.first, 0x04, "and who is said to be the first");
	policies_free(policies);
}

int
main(void)
{
	test_same_action();
	test_first();
	test_next();
	test_plan();
	return done();
}
