/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/asking.c - a question is worth it while its answer may change what is done: who is
 * on a list that decides alone need not be looked up on seven others.
 */
#include "config.h"

#include "verdict/asking.h"

#include <string.h>

#include "lists/usage.h"
#include "verdict/action.h"

#define PERCENT 100

/* Lists by how much of late they have listed, the most first. */
struct ranking {
	unsigned n;
	unsigned list[LISTS_MAX], share[LISTS_MAX];
};

static void
rank(struct ranking *r, const struct roster *roster, listset lists)
{
	r->n = 0;
	for (unsigned i = 0; i < roster->n; i++) {
		unsigned share, at = r->n;

		if (!listset_has(lists, i))
			continue;
		share = list_usage_share(roster->list[i]->usage);
		for (; at > 0 && r->share[at - 1] < share; at--) {
			r->list[at] = r->list[at - 1];
			r->share[at] = r->share[at - 1];
		}
		r->list[at] = i;
		r->share[at] = share;
		r->n++;
	}
}

/* Votes of a policy that reach a threshold alone. */
static listset
find_deciding(const struct policy *policy, const struct roster *roster, int threshold)
{
	listset lists = 0;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		const struct listing *list = roster->list[vote->list];

		if (!listing_is_local(list) && !list->shadow &&
		    list->worst * vote->weight >= threshold)
			lists |= (listset)1 << vote->list;
	}
	return lists;
}

/* Those that decide alone, by the highest threshold that any does. */
static listset
find_candidates(const struct policy *policy, const struct roster *roster)
{
	listset lists = 0;

	for (enum action action = ACTION_DROP; action > ACTION_PASS && lists == 0; action--) {
		int threshold = action_threshold(policy, action);

		if (threshold > 0 && (action < ACTION_REFUSE || policy->agree < 2))
			lists = find_deciding(policy, roster, threshold);
	}
	return lists;
}

/* Where none decides alone: those that it takes to know that a client is good. */
static listset
find_least(const struct policy *policy, const struct roster *roster)
{
	struct fact facts[LISTS_MAX] = {{0}};
	const struct verdict_input input = {.roster = roster, .facts = facts, .policy = policy};
	listset lists = policy->lists & ~roster_local(roster);

	return asking_next(&input, lists, lists, false);
}

bool
asking_saves(const struct policy *policy, const struct roster *roster)
{
	return find_least(policy, roster) != (policy->lists & ~roster_local(roster));
}

void
asking_plan(struct asking *a, const struct policies *policies, const struct roster *roster,
    bool allowing)
{
	const struct policy *policy;
	listset lists = 0;

	*a = (struct asking){0};
	for (size_t i = 0; (policy = policies_at(policies, i)) != NULL; i++) {
		listset candidates = policy->needed ? find_candidates(policy, roster) : 0;

		if (!policy->needed)
			a->always |= policy->lists;
		else if (policy->first != 0)
			a->first |= policy->first;
		else if (candidates != 0)
			a->candidates |= candidates;
		else
			a->first |= find_least(policy, roster);
		lists |= policy->needed ? policy->lists & ~roster_local(roster) : 0;
	}
	a->always |= allowing ? lists & roster_trusting(roster) : 0;
	a->lists = listset_count(lists & ~a->always);
	a->frugal = a->lists > 0;
}

listset
asking_first(const struct asking *a, const struct roster *roster, listset but)
{
	unsigned settled =
	    0; /* so many clients, in percent, if the lists know nothing of each other */
	listset first = a->first;
	struct ranking r;

	rank(&r, roster, a->candidates & ~a->always & ~first & ~but);
	for (unsigned i = 0; i < r.n; i++) {
		unsigned more = (PERCENT - settled) * r.share[i] / PERCENT;
		unsigned left = a->lists > i + 1 ? a->lists - i - 1 : 0;

		/* It costs a question of those who would be settled without it, and saves all
		 * that are left of those whom it settles. */
		if (i > 0 && more * left <= settled)
			break;
		first |= (listset)1 << r.list[i];
		settled += more;
	}
	return first;
}

/* Whether anybody beside the lists is to be asked. */
static bool
wants_more(const struct verdict_input *input, listset pending)
{
	return verdict_wants_host(input, pending) || verdict_wants_spf(input, pending);
}

/* What nobody could confirm is in doubt from the moment when it is known. */
static listset
find_unproven(const struct verdict_input *input)
{
	listset lists = 0;

	for (unsigned i = 0; i < input->roster->n; i++)
		if (input->facts[i].unproven)
			lists |= (listset)1 << i;
	return lists;
}

/* Nobody else is asked for what the word of a list may make needless. */
bool
asking_enough(const struct verdict_input *input, listset pending)
{
	struct verdict_input now = *input;

	pending &= input->policy->lists;
	now.doubted |= find_unproven(input) & ~pending;
	return verdict_settled(&now, pending) &&
	    wants_more(&now, pending) == wants_more(&now, 0);
}

/* Those that can matter to the policy at all. */
static listset
find_able(const struct verdict_input *input, listset lists)
{
	lists &= input->policy->lists & ~input->suspended;
	for (unsigned i = 0; i < input->roster->n; i++) {
		const struct listing *list = input->roster->list[i];

		if (list->shadow || (list->best == 0 && list->worst == 0))
			lists &= ~((listset)1 << i);
	}
	return lists;
}

/* Have lists say nothing. */
static void
clear(struct fact *facts, listset lists)
{
	for (unsigned i = 0; i < LISTS_MAX && lists >> i != 0; i++)
		if (listset_has(lists, i))
			facts[i] = (struct fact){.state = FACT_CLEAR};
}

/* Leave out of some lists those, from the least likely to list anybody, that would not matter if
 * the others said nothing. */
static listset
leave_out(const struct verdict_input *input, struct fact *facts, listset lists)
{
	struct verdict_input then = *input;
	struct fact trial[LISTS_MAX];
	listset out = 0;
	struct ranking r;

	then.facts = trial;
	rank(&r, input->roster, lists);
	for (unsigned i = r.n; i-- > 0;) {
		listset without = out | (listset)1 << r.list[i];

		memcpy(trial, facts, input->roster->n * sizeof(trial[0]));
		clear(trial, lists & ~without);
		if (asking_enough(&then, without))
			out = without;
	}
	return lists & ~out;
}

listset
asking_next(const struct verdict_input *input, listset pending, listset held, bool all)
{
	listset able = find_able(input, held);
	struct fact facts[LISTS_MAX];

	if (able == 0 || asking_enough(input, pending))
		return 0;
	if (all)
		return able;
	memcpy(facts, input->facts, input->roster->n * sizeof(facts[0]));
	clear(facts, pending & ~held);
	return leave_out(input, facts, able);
}
