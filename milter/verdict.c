/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.c - evidence and policy make a verdict.  This is the one place where
 * not knowing is weighed, and it weighs nothing.
 */
#include "config.h"

#include "verdict.h"

#include <limits.h>
#include <stddef.h>

#define WEIGHT_MAX 100 /* conf.c allows no more */

_Static_assert(SCORE_MAX <= INT_MAX / WEIGHT_MAX / LISTS_MAX, "a sum of scores fits an int");

const char *
action_name(enum action action)
{
	switch (action) {
	case ACTION_PASS:
		return "pass";
	case ACTION_DEFER:
		return "defer";
	case ACTION_REFUSE:
		break;
	}
	return "refuse";
}

const char *
ground_name(enum ground ground)
{
	switch (ground) {
	case GROUND_AUTH:
		return "auth";
	case GROUND_EXEMPT:
		return "exempt";
	case GROUND_ALLOW:
		return "allow";
	case GROUND_DENY:
		return "deny";
	case GROUND_LISTS:
		return "lists";
	case GROUND_STOPPING:
		break;
	}
	return "stopping";
}

static enum ground
choose_ground(const struct matter *matter)
{
	if (matter->authenticated)
		return GROUND_AUTH;
	if (matter->exempt)
		return GROUND_EXEMPT;
	if (matter->allowed)
		return GROUND_ALLOW;
	return matter->denied ? GROUND_DENY : GROUND_LISTS;
}

static bool
reached(int score, int threshold)
{
	return threshold > 0 && score >= threshold;
}

static enum action
weigh(const struct policy *policy, int score)
{
	if (reached(score, policy->refuse))
		return ACTION_REFUSE;
	return reached(score, policy->defer) ? ACTION_DEFER : ACTION_PASS;
}

static int
choose_threshold(const struct policy *policy, enum action meant)
{
	switch (meant) {
	case ACTION_REFUSE:
		return policy->refuse;
	case ACTION_DEFER:
		return policy->defer;
	case ACTION_PASS:
		break;
	}
	if (policy->refuse > 0 && (policy->defer <= 0 || policy->refuse < policy->defer))
		return policy->refuse;
	return policy->defer > 0 ? policy->defer : 0;
}

/* What a list says by its fact; false: nothing. */
static bool
hear(const struct matter *matter, const struct vote *vote, struct voice *voice)
{
	const struct listing *list = matter->roster->list[vote->list];

	voice->list = vote->list;
	voice->answer = listing_answer(list, &matter->facts[vote->list], &voice->code);
	if (voice->answer == NULL)
		return false;
	voice->score = voice->answer->score * vote->weight;
	return true;
}

/* Hear all the lists of the policy, and add up what they say. */
static void
hear_lists(struct verdict *verdict, const struct matter *matter)
{
	const struct policy *policy = matter->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		struct voice *voice = &verdict->voice[verdict->nvoices];
		enum fact_state state = matter->facts[vote->list].state;

		if (state == FACT_UNKNOWN || state == FACT_ERROR)
			verdict->unknown |= UINT64_C(1) << vote->list;
		if (!hear(matter, vote, voice))
			continue;
		verdict->nvoices++;
		verdict->score += voice->score;
		if (voice->score > (verdict->loudest != NULL ? verdict->loudest->score : 0))
			verdict->loudest = voice;
	}
}

void
verdict_reach(struct verdict *verdict, const struct matter *matter)
{
	*verdict = (struct verdict){.ground = choose_ground(matter)};
	switch (verdict->ground) {
	case GROUND_AUTH:
	case GROUND_EXEMPT:
	case GROUND_ALLOW:
	case GROUND_STOPPING:
		verdict->meant = ACTION_PASS;
		break;
	case GROUND_DENY:
		verdict->meant = ACTION_REFUSE;
		break;
	case GROUND_LISTS:
		hear_lists(verdict, matter);
		verdict->meant = weigh(matter->policy, verdict->score);
		verdict->threshold = choose_threshold(matter->policy, verdict->meant);
		break;
	}
	verdict->action = matter->policy->shadow ? ACTION_PASS : verdict->meant;
}

bool
verdict_settled(const struct matter *matter, listset pending)
{
	const struct policy *policy = matter->policy;
	int best = 0, worst = 0;

	if (choose_ground(matter) != GROUND_LISTS)
		return true;
	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		const struct listing *list = matter->roster->list[vote->list];
		struct voice voice;

		if ((pending >> vote->list & 1) != 0) {
			best += list->best * vote->weight;
			worst += list->worst * vote->weight;
		} else if (hear(matter, vote, &voice)) {
			best += voice.score;
			worst += voice.score;
		}
	}
	/* The same in shadow mode, whose log must say what would have been. */
	return weigh(policy, best) == weigh(policy, worst);
}
