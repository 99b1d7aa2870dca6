/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/lintask.c - policies that ask as it is needed, where that saves nothing. */
#include "config.h"

#include "conf/lintask.h"

#include "verdict/action.h"
#include "verdict/asking.h"

/* The highest score that a list of the policy comes to alone, and all of them together. */
struct reach {
	int alone, together;
};

static struct reach
measure(const struct roster *roster, const struct policy *policy)
{
	int worst[LISTS_MAX] = {0};
	struct reach reach = {0};

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		const struct listing *list = roster->list[vote->list];
		int score = list->shadow ? 0 : list->worst * vote->weight;

		if (score > worst[vote->group])
			worst[vote->group] = score;
		if (score > reach.alone)
			reach.alone = score;
	}
	for (unsigned i = 0; i < policy->nvotes; i++)
		reach.together += worst[i];
	return reach;
}

/* The most severe action that a score comes to. */
static enum action
reached(const struct policy *policy, int score)
{
	return action_weigh(policy, &(struct sum){.score = score, .groups = LISTS_MAX});
}

void
lintask_policy(const struct roster *roster, const struct policy *policy, const struct place *at,
    struct report *report)
{
	struct reach reach = measure(roster, policy);
	enum action alone = reached(policy, reach.alone);
	enum action together = reached(policy, reach.together);

	if (together == ACTION_PASS)
		return;
	if (!asking_saves(policy, roster) && (alone < together || policy->agree > 1))
		report_warning(report, at,
		    "ask: saves nothing in policy \"%s\": no list decides alone, and all must "
		    "answer before a client is let through",
		    policy->name);
	else if (alone < together && policy->agree < 2)
		report_warning(report, at,
		    "ask: saves little in policy \"%s\": one list comes to %d, and others "
		    "could make more of it: all are asked about who is listed",
		    policy->name, reach.alone);
}

/* The lists that are asked about everybody, as a policy names them that asks all its lists. */
static listset
find_asked(const struct policies *policies)
{
	const struct policy *policy;
	listset asked = 0;

	for (size_t i = 0; (policy = policies_at(policies, i)) != NULL; i++)
		asked |= policy->needed ? 0 : policy->lists;
	return asked;
}

void
lintask_policies(const struct policies *policies, const struct roster *roster,
    const struct section *file, struct report *report)
{
	listset asked = find_asked(policies), lists;
	const struct policy *policy;
	const struct section *section;
	struct place place;

	for (size_t i = 0; (policy = policies_at(policies, i)) != NULL; i++) {
		lists = policy->lists & ~roster_local(roster);
		if (!policy->needed || lists == 0 || (lists & ~asked) != 0)
			continue;
		section = section_find(file, "policy", policy->name);
		place = section_place(section != NULL ? section : file, "ask");
		report_warning(report, &place,
		    "ask: saves nothing in policy \"%s\": other policies ask all its lists, and "
		    "at connect it is not known whose recipients will come",
		    policy->name);
		return;
	}
}
