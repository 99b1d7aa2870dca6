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

static bool
has(listset set, unsigned list)
{
	return (set >> list & 1) != 0;
}

/* What a list says by its fact; false: nothing. */
static bool
hear(const struct matter *matter, const struct vote *vote, struct voice *voice)
{
	const struct listing *list = matter->roster->list[vote->list];

	voice->list = vote->list;
	voice->answer = NULL;
	if (!has(matter->suspended, vote->list))
		voice->answer = listing_answer(list, &matter->facts[vote->list], &voice->code);
	if (voice->answer == NULL)
		return false;
	voice->score = voice->answer->score * vote->weight;
	return true;
}

/* What the lists come to. */
struct sum {
	int face; /* by what they say */
	int sure; /* by what is sure: at worst less, never more */
};

static bool
is_missing(const struct matter *matter, unsigned list)
{
	enum fact_state state = matter->facts[list].state;

	return state == FACT_UNKNOWN || state == FACT_ERROR;
}

/*
 * Add what a list says.  The word of a list in doubt speaks for a client, never
 * against one; where a list cannot be heard, it may be the best that it could
 * have said that is missing.  One that is suspended is as good as not there: to
 * wait for it would be to wait for good.
 */
static void
add_score(struct sum *sum, const struct matter *matter, const struct vote *vote, int score)
{
	bool sure = !has(matter->doubted, vote->list) && !is_missing(matter, vote->list);
	int best = matter->roster->list[vote->list]->best * vote->weight;

	if (has(matter->suspended, vote->list))
		return;
	sum->face += score;
	sum->sure += sure || score < 0 ? score : best;
}

/* What is done where a refusal is not sure. */
static enum action
soften(const struct policy *policy, int face)
{
	switch (policy->doubt) {
	case DOUBT_DEFER:
		return ACTION_DEFER;
	case DOUBT_PASS:
		/* What is put off without a doubt is put off with one, too. */
		return reached(face, policy->defer) ? ACTION_DEFER : ACTION_PASS;
	case DOUBT_REFUSE:
		break;
	}
	return ACTION_REFUSE;
}

/* Never milder where either sum is higher: verdict_settled() rests on that. */
static enum action
decide(const struct policy *policy, const struct sum *sum)
{
	enum action action = weigh(policy, sum->face);

	if (action == ACTION_REFUSE && weigh(policy, sum->sure) != ACTION_REFUSE)
		return soften(policy, sum->face);
	return action;
}

/* Note what is wrong with a list, where that may have mattered. */
static void
note_fault(struct verdict *verdict, const struct matter *matter, unsigned list, bool spoke)
{
	listset bit = (listset)1 << list;

	if (has(matter->suspended, list)) {
		verdict->suspended |= bit;
		return;
	}
	if (is_missing(matter, list))
		verdict->unknown |= bit;
	if (has(matter->doubted, list) && (spoke || matter->roster->list[list]->best < 0))
		verdict->doubted |= bit;
}

/* Hear all the lists of the policy, and add up what they say. */
static void
hear_lists(struct verdict *verdict, const struct matter *matter, struct sum *sum)
{
	const struct policy *policy = matter->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		struct voice *voice = &verdict->voice[verdict->nvoices];
		bool spoke = hear(matter, vote, voice);

		note_fault(verdict, matter, vote->list, spoke);
		add_score(sum, matter, vote, spoke ? voice->score : 0);
		verdict->nvoices += spoke;
	}
}

/* The highest positive score, the first of equals, but for those of the lists aside. */
static const struct voice *
find_loudest(const struct verdict *verdict, listset aside)
{
	const struct voice *loudest = NULL;

	for (unsigned i = 0; i < verdict->nvoices; i++) {
		const struct voice *voice = &verdict->voice[i];

		if (!has(aside, voice->list) &&
		    voice->score > (loudest != NULL ? loudest->score : 0))
			loudest = voice;
	}
	return loudest;
}

static void
judge_by_lists(struct verdict *verdict, const struct matter *matter)
{
	struct sum sum = {0, 0};
	enum action face;
	bool sure;

	hear_lists(verdict, matter, &sum);
	face = weigh(matter->policy, sum.face);
	sure = face == weigh(matter->policy, sum.sure);
	/* What is sure rests on lists without a doubt: one of these is its reason. */
	verdict->loudest = find_loudest(verdict, sure ? verdict->doubted : 0);
	verdict->score = sum.face;
	verdict->threshold = choose_threshold(matter->policy, face);
	verdict->meant = decide(matter->policy, &sum);
	verdict->softened = verdict->meant != face;
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
		judge_by_lists(verdict, matter);
		break;
	}
	verdict->action = matter->policy->shadow ? ACTION_PASS : verdict->meant;
}

/* Add the least and the most that a list may come to when it answers, or fails to. */
static void
add_bounds(
    struct sum *low, struct sum *high, const struct matter *matter, const struct vote *vote)
{
	const struct listing *list = matter->roster->list[vote->list];

	low->face += list->best * vote->weight;
	low->sure += list->best * vote->weight;
	high->face += list->worst * vote->weight;
	if (!has(matter->doubted, vote->list))
		high->sure += list->worst * vote->weight;
}

bool
verdict_settled(const struct matter *matter, listset pending)
{
	const struct policy *policy = matter->policy;
	struct sum low = {0, 0}, high = {0, 0};

	if (choose_ground(matter) != GROUND_LISTS)
		return true;
	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		struct voice voice;
		int score;

		if (has(pending & ~matter->suspended, vote->list)) {
			add_bounds(&low, &high, matter, vote);
			continue;
		}
		score = hear(matter, vote, &voice) ? voice.score : 0;
		add_score(&low, matter, vote, score);
		add_score(&high, matter, vote, score);
	}
	/* The same in shadow mode, whose log must say what would have been. */
	return decide(policy, &low) == decide(policy, &high);
}
