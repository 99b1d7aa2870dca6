/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/verdict.c - evidence and policy make a verdict.  This is the one place where
 * not knowing is weighed, and it weighs nothing.
 */
#include "config.h"

#include "verdict/verdict.h"

#include <assert.h>
#include <limits.h>
#include <stddef.h>

#define WEIGHT_MAX 100 /* conf/conf.c allows no more */

_Static_assert(SCORE_MAX <= INT_MAX / WEIGHT_MAX / ANSWERS_MAX / (LISTS_MAX + 1),
    "a sum of scores fits an int");

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
	case GROUND_HOST:
		return "host";
	case GROUND_SENDER:
		return "sender";
	case GROUND_SPF:
		return "spf";
	case GROUND_LISTS:
		return "lists";
	case GROUND_BUSY:
		return "network-busy";
	case GROUND_STOPPING:
		break;
	}
	return "stopping";
}

/* What it rests on before anything is weighed; GROUND_LISTS where it must be. */
static enum ground
choose_ground(const struct matter *matter)
{
	if (matter->authenticated)
		return GROUND_AUTH;
	if (matter->exempt)
		return GROUND_EXEMPT;
	if (matter->allowed)
		return GROUND_ALLOW;
	if (matter->denied)
		return GROUND_DENY;
	if (matter->host_trusted && matter->host == HOST_CONFIRMED)
		return GROUND_HOST;
	if (matter->sender_trusted && matter->spf == SPF_PASS)
		return GROUND_SENDER;
	return GROUND_LISTS;
}

static bool
has(listset set, unsigned bit)
{
	return (set >> bit & 1) != 0;
}

static bool
reached(int score, int threshold)
{
	return threshold > 0 && score >= threshold;
}

/* What a list says by its fact; false: nothing. */
static bool
hear(const struct matter *matter, const struct vote *vote, struct voice *voice)
{
	const struct listing *list = matter->roster->list[vote->list];
	const struct fact *fact = &matter->facts[vote->list];

	voice->list = vote->list;
	voice->answer = NULL;
	if (!has(matter->suspended, vote->list))
		voice->answer = listing_answer(list, fact, &voice->code);
	if (voice->answer == NULL)
		return false;
	voice->score = listing_score(list, fact, voice->answer) * vote->weight;
	return true;
}

/* Scores on their way to a sum. */
struct tally {
	int allowing;           /* the sum of those for the client */
	int against[LISTS_MAX]; /* the highest of each group */
	listset speaking;       /* groups of which one may be evidence speaks against it */
};

/* What the lists come to. */
struct scales {
	struct tally face;   /* by what they say */
	struct tally live;   /* but for those that count for a mark alone */
	struct tally sure;   /* by what is sure: at worst less, never more */
	struct tally feared; /* the same, had lists that were not asked said their worst */
};

static void
put(struct tally *tally, const struct matter *matter, const struct vote *vote, int score)
{
	assert(vote->group < LISTS_MAX);
	if (score <= 0) {
		tally->allowing += score;
		return;
	}
	if (score > tally->against[vote->group])
		tally->against[vote->group] = score;
	if (matter->roster->list[vote->list]->origin != ORIGIN_REPORTS)
		tally->speaking |= (listset)1 << vote->group;
}

static bool
is_missing(const struct matter *matter, unsigned list)
{
	enum fact_state state = matter->facts[list].state;

	return state == FACT_UNKNOWN || state == FACT_ERROR;
}

/* Whether the word of a list counts for nothing: it is as good as not there. */
static bool
is_void(const struct matter *matter, unsigned list)
{
	return has(matter->suspended, list) || matter->roster->list[list]->shadow;
}

/*
 * Add what a list says.  The word of a list in doubt speaks for a client, never
 * against one; where a list cannot be heard, it may be the best that it could
 * have said that is missing.  One that is suspended may stay so: to wait for it
 * would be to wait for good.
 */
static void
add_word(struct scales *scales, const struct matter *matter, const struct vote *vote, int score)
{
	const struct listing *list = matter->roster->list[vote->list];
	bool doubted = has(matter->doubted, vote->list);
	bool sure = !doubted && !is_missing(matter, vote->list);
	int least = sure || score < 0 ? score : list->best * vote->weight;

	if (is_void(matter, vote->list))
		return;
	put(&scales->face, matter, vote, score);
	if (has(matter->lapsed, vote->list))
		return;
	put(&scales->live, matter, vote, score);
	put(&scales->sure, matter, vote, least);
	if (has(matter->unasked, vote->list) && !doubted)
		least = list->worst * vote->weight;
	put(&scales->feared, matter, vote, least);
}

/* What SPF adds to the score. */
static int
spf_score(const struct matter *matter)
{
	const struct spf_rule *rule = &matter->policy->spf[matter->spf];

	return rule->effect == SPF_SCORE ? rule->score : 0;
}

/* Whether the client or the sender would be let through, but for a question to DNS
 * that has no answer: like an allow list that could not be heard. */
static bool
may_be_trusted(const struct matter *matter)
{
	return (matter->host_trusted &&
		   (matter->host == HOST_UNCHECKED || matter->host == HOST_UNKNOWN)) ||
	    (matter->sender_trusted &&
		(matter->spf == SPF_UNCHECKED || matter->spf == SPF_UNKNOWN ||
		    matter->spf == SPF_TEMPERROR));
}

/* What SPF comes to by itself, if there is no doubt. */
static enum action
spf_face(const struct matter *matter)
{
	switch (matter->policy->spf[matter->spf].effect) {
	case SPF_DEFER:
		return ACTION_DEFER;
	case SPF_REFUSE:
		return ACTION_REFUSE;
	case SPF_IGNORE:
	case SPF_SCORE:
		break;
	}
	return ACTION_PASS;
}

/* What it comes to: not to a refusal of who may yet turn out to be trusted. */
static enum action
spf_action(const struct matter *matter)
{
	enum action face = spf_face(matter);

	if (face != ACTION_REFUSE || !may_be_trusted(matter))
		return face;
	switch (matter->policy->doubt) {
	case DOUBT_DEFER:
		return ACTION_DEFER;
	case DOUBT_PASS:
		return ACTION_PASS;
	case DOUBT_REFUSE:
		break;
	}
	return face;
}

static struct sum
add_up(const struct tally *tally, const struct matter *matter)
{
	int spf = spf_score(matter);
	struct sum sum = {.score = tally->allowing + spf, .groups = spf > 0};

	for (unsigned i = 0; i < matter->policy->nvotes; i++) {
		sum.score += tally->against[i];
		sum.groups += has(tally->speaking, i);
	}
	return sum;
}

/* What is done where neither a refusal nor to hold the mail is sure. */
static enum action
soften(const struct policy *policy, int score)
{
	if (policy->doubt == DOUBT_DEFER)
		return ACTION_DEFER;
	/* What needs no certainty is done with a doubt, too. */
	if (reached(score, policy->defer))
		return ACTION_DEFER;
	return reached(score, policy->tag) ? ACTION_TAG : ACTION_PASS;
}

/* What the lists lead to. */
struct decision {
	struct sum sum;
	enum action face; /* by what they say */
	enum action sure; /* by what is sure */
	enum action done; /* by these two: face, or something milder; or put off, ... */
	bool busy;        /* ... as lists that could have refused it were not asked */
};

/* Never milder where anything on the scales is heavier: verdict_settled() rests on that. */
static struct decision
decide(const struct matter *matter, const struct scales *scales)
{
	const struct policy *policy = matter->policy;
	struct sum sure = add_up(&scales->sure, matter), live = add_up(&scales->live, matter);
	struct sum feared = add_up(&scales->feared, matter);
	struct decision d = {.sum = add_up(&scales->face, matter)};

	d.face = action_weigh(policy, &d.sum);
	d.done = action_weigh(policy, &live);
	if (!may_be_trusted(matter))
		d.sure = action_weigh(policy, &sure);
	if (d.done > ACTION_DEFER && d.sure < d.done && policy->doubt != DOUBT_REFUSE)
		d.done = action_worse(d.sure, soften(policy, live.score));
	if (d.done == ACTION_PASS && reached(d.sum.score, policy->tag))
		d.done = ACTION_TAG;
	d.busy = d.done < ACTION_DEFER && matter->unasked != 0 && !may_be_trusted(matter) &&
	    action_weigh(policy, &feared) > ACTION_DEFER;
	if (d.busy)
		d.done = ACTION_DEFER;
	return d;
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
	if (has(matter->lapsed, list) && spoke)
		verdict->lapsed |= bit;
	if (has(matter->doubted, list) && (spoke || matter->roster->list[list]->best < 0))
		verdict->doubted |= bit;
}

/* Hear all the lists of the policy that count, and add up what they say. */
static void
hear_lists(struct verdict *verdict, const struct matter *matter, struct scales *scales)
{
	const struct policy *policy = matter->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		struct voice *voice = &verdict->voice[verdict->nvoices];
		bool spoke;

		if (matter->roster->list[vote->list]->shadow)
			continue;
		spoke = hear(matter, vote, voice);
		note_fault(verdict, matter, vote->list, spoke);
		add_word(scales, matter, vote, spoke ? voice->score : 0);
		verdict->nvoices += spoke;
	}
}

/* Hear those that do not count, for the log alone; nobody has waited for them. */
static void
hear_shadows(struct verdict *verdict, const struct matter *matter)
{
	const struct policy *policy = matter->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		unsigned list = policy->vote[i].list;

		if (!matter->roster->list[list]->shadow)
			continue;
		verdict->nshadowed += hear(matter, &policy->vote[i],
		    &verdict->voice[verdict->nvoices + verdict->nshadowed]);
		if (is_missing(matter, list) || has(matter->suspended, list))
			verdict->shadow_unknown |= (listset)1 << list;
	}
}

/* Lists that nobody waited for, as none of them could change anything. */
static listset
needless(const struct matter *matter)
{
	listset pending = matter->pending & matter->policy->lists;

	return pending != 0 && verdict_settled(matter, pending) ? pending : 0;
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
	enum action spf = spf_action(matter);
	struct scales scales = {0};
	struct decision d;
	bool sure;

	hear_lists(verdict, matter, &scales);
	verdict->not_awaited = verdict->unknown & needless(matter);
	verdict->unknown &= ~verdict->not_awaited;
	hear_shadows(verdict, matter);
	d = decide(matter, &scales);
	sure = d.done == d.face ? d.sure == d.face : d.done > ACTION_DEFER;
	/* What is sure rests on lists without a doubt: one of these is its reason. */
	verdict->loudest = find_loudest(verdict, sure ? verdict->doubted : 0);
	verdict->score = d.sum.score;
	verdict->spf_score = spf_score(matter);
	verdict->groups = d.sum.groups;
	verdict->threshold = d.face != ACTION_PASS ? action_threshold(matter->policy, d.face)
						   : action_first_threshold(matter->policy);
	verdict->meant = action_worse(d.done, spf);
	verdict->face = action_worse(action_worse(d.face, d.done), spf_face(matter));
	if (spf > d.done || (d.busy && spf == d.done))
		verdict->ground = GROUND_SPF;
	else if (d.busy)
		verdict->ground = GROUND_BUSY;
}

void
verdict_reach(struct verdict *verdict, const struct matter *matter)
{
	*verdict = (struct verdict){
	    .ground = choose_ground(matter), .spf = matter->spf, .host = matter->host};
	switch (verdict->ground) {
	case GROUND_AUTH:
	case GROUND_EXEMPT:
	case GROUND_ALLOW:
	case GROUND_HOST:
	case GROUND_SENDER:
	case GROUND_STOPPING:
		break;
	case GROUND_DENY:
		verdict->meant = verdict->face = ACTION_REFUSE;
		break;
	case GROUND_LISTS:
	case GROUND_BUSY:
	case GROUND_SPF:
		judge_by_lists(verdict, matter);
		break;
	}
	verdict->softened = verdict->meant != verdict->face;
	verdict->action = matter->policy->shadow ? ACTION_PASS : verdict->meant;
}

/* Add the least and the most that a list may come to when it answers, or fails to. */
static void
add_bounds(struct scales *low, struct scales *high, const struct matter *matter,
    const struct vote *vote)
{
	const struct listing *list = matter->roster->list[vote->list];

	put(&low->face, matter, vote, list->best * vote->weight);
	put(&low->live, matter, vote, list->best * vote->weight);
	put(&low->sure, matter, vote, list->best * vote->weight);
	put(&low->feared, matter, vote, list->best * vote->weight);
	put(&high->face, matter, vote, list->worst * vote->weight);
	put(&high->live, matter, vote, list->worst * vote->weight);
	if (has(matter->doubted, vote->list))
		return;
	put(&high->sure, matter, vote, list->worst * vote->weight);
	put(&high->feared, matter, vote, list->worst * vote->weight);
}

/* The mildest and the most severe action there may be when the lists in pending
 * have answered; the same in shadow mode, whose log must say what would have been. */
struct range {
	enum action low, high;
};

static struct range
range_of(const struct matter *matter, listset pending)
{
	const struct policy *policy = matter->policy;
	enum ground ground = choose_ground(matter);
	enum action alone = ground == GROUND_DENY ? ACTION_REFUSE : ACTION_PASS;
	struct scales low = {0}, high = {0};

	if (ground != GROUND_LISTS)
		return (struct range){alone, alone};
	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		struct voice voice;

		if (!has(pending, vote->list) || is_void(matter, vote->list)) {
			int score = hear(matter, vote, &voice) ? voice.score : 0;

			add_word(&low, matter, vote, score);
			add_word(&high, matter, vote, score);
		} else {
			add_bounds(&low, &high, matter, vote);
		}
	}
	alone = spf_action(matter);
	return (struct range){action_worse(decide(matter, &low).done, alone),
	    action_worse(decide(matter, &high).done, alone)};
}

bool
verdict_settled(const struct matter *matter, listset pending)
{
	struct range range = range_of(matter, pending);

	return range.low == range.high;
}

/* Whether the action may be another one if that is known. */
static bool
may_change(const struct matter *matter, const struct matter *known, listset pending)
{
	struct range before = range_of(matter, pending), after = range_of(known, pending);

	return before.low != before.high || after.low != after.high || before.low != after.low;
}

/* Whether a result is treated in any other way than not knowing it. */
static bool
spf_matters(const struct matter *matter, enum spf_result result)
{
	return matter->sender_trusted || matter->policy->spf[result].effect != SPF_IGNORE;
}

/* Whether some result could change the action, with the host as it stands. */
static bool
spf_may_change(const struct matter *matter, listset pending)
{
	struct matter known = *matter;
	bool wanted = false;

	for (known.spf = SPF_NONE; known.spf < SPF_RESULTS && !wanted; known.spf++)
		wanted = spf_matters(matter, known.spf) && may_change(matter, &known, pending);
	return wanted;
}

bool
verdict_wants_spf(const struct matter *matter, listset pending)
{
	struct matter known = *matter;

	if (matter->spf != SPF_UNCHECKED)
		return false;
	if (spf_may_change(matter, pending))
		return true;
	/* That the host may be trusted can hide it, until it turns out that it is not. */
	if (!matter->host_trusted || matter->host != HOST_UNCHECKED)
		return false;
	known.host = HOST_WRONG;
	return spf_may_change(&known, pending);
}

bool
verdict_wants_host(const struct matter *matter, listset pending)
{
	struct matter known = *matter;
	bool wanted = false;

	if (matter->host != HOST_UNCHECKED || !matter->host_trusted)
		return false;
	for (known.host = HOST_CONFIRMED; known.host < HOSTS && !wanted; known.host++)
		wanted = may_change(matter, &known, pending);
	return wanted;
}
