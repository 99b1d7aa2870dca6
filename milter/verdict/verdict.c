/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/verdict.c - evidence and policy make a verdict.  This is the one place where
 * not knowing is weighed, and it weighs nothing.
 */
#include "config.h"

#include "verdict/verdict.h"

#include <stddef.h>

#include "verdict/sums.h"

const char *
verdict_reason_name(enum verdict_reason reason)
{
	switch (reason) {
	case REASON_AUTH:
		return "auth";
	case REASON_EXEMPT:
		return "exempt";
	case REASON_ADMINISTRATOR:
		return "administrator";
	case REASON_ALLOW:
		return "allow";
	case REASON_DENY:
		return "deny";
	case REASON_HOST:
		return "host";
	case REASON_SENDER:
		return "sender";
	case REASON_SPF:
		return "spf";
	case REASON_LISTS:
		return "lists";
	case REASON_BUSY:
		return "network-busy";
	case REASON_PASS:
		return "pass";
	case REASON_STOPPING:
		break;
	}
	return "stopping";
}

/* What it rests on before anything is weighed; REASON_LISTS where it must be. */
static enum verdict_reason
choose_reason(const struct verdict_input *input)
{
	if (input->authenticated)
		return REASON_AUTH;
	if (input->exempt)
		return REASON_EXEMPT;
	if (input->allowed)
		return input->passed ? REASON_ADMINISTRATOR : REASON_ALLOW;
	if (input->denied)
		return REASON_DENY;
	if (input->host_trusted && input->host == HOST_CONFIRMED)
		return REASON_HOST;
	if (input->sender_trusted && input->spf == SPF_PASS)
		return REASON_SENDER;
	return REASON_LISTS;
}

static bool
reached(int score, int threshold)
{
	return threshold > 0 && score >= threshold;
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
	enum action nominal; /* nominal: by what all of them say */
	enum action certain; /* by the lists that are not in doubt */
	enum action
	    done;  /* by these two: the nominal one, or something milder; or put off, ... */
	bool busy; /* ... as lists that could have refused it were not asked */
};

/* Monotonic: what is done is never milder where the score of any list is higher.  verdict_settled()
 * rests on that. */
static struct decision
decide(const struct verdict_input *input, const struct sums *sums)
{
	const struct policy *policy = input->policy;
	struct decision d = {.sum = sums_of(&sums->nominal, input)};
	struct sum certain, live, feared;

	certain = sums->alike ? d.sum : sums_of(&sums->certain, input);
	live = input->lapsed != 0 ? sums_of(&sums->live, input) : d.sum;
	d.nominal = action_weigh(policy, &d.sum);
	d.done = action_weigh(policy, &live);
	if (!input_may_be_trusted(input))
		d.certain = action_weigh(policy, &certain);
	if (d.done > ACTION_DEFER && d.certain < d.done && policy->doubt != DOUBT_REFUSE)
		d.done = action_worse(d.certain, soften(policy, live.score));
	if (d.done == ACTION_PASS && reached(d.sum.score, policy->tag))
		d.done = ACTION_TAG;
	if (d.done >= ACTION_DEFER || input->unasked == 0 || input_may_be_trusted(input))
		return d;
	feared = sums_of(&sums->feared, input);
	d.busy = action_weigh(policy, &feared) > ACTION_DEFER;
	if (d.busy)
		d.done = ACTION_DEFER;
	return d;
}

/* Note what is wrong with a list, where that may have mattered. */
static void
note_fault(
    struct verdict *verdict, const struct verdict_input *input, unsigned list, bool spoke)
{
	listset bit = (listset)1 << list;

	if (listset_has(input->suspended, list)) {
		verdict->suspended |= bit;
		return;
	}
	if (input_is_missing(input, list))
		verdict->unknown |= bit;
	if (listset_has(input->lapsed, list) && spoke)
		verdict->lapsed |= bit;
	if (listset_has(input->doubted, list) && (spoke || input->roster->list[list]->best < 0))
		verdict->doubted |= bit;
}

/* Hear all the lists of the policy that count, and add up what they say. */
static void
hear_lists(struct verdict *verdict, const struct verdict_input *input, struct sums *sums)
{
	const struct policy *policy = input->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		struct hit *hit = &verdict->hit[verdict->nhits];
		bool spoke;

		if (input->roster->list[vote->list]->shadow)
			continue;
		spoke = input_hear(input, vote, hit);
		note_fault(verdict, input, vote->list, spoke);
		sums_add(sums, input, vote, spoke ? hit->score : 0);
		verdict->nhits += spoke;
	}
}

/* Hear those that do not count, for the log alone; nobody has waited for them. */
static void
hear_shadows(struct verdict *verdict, const struct verdict_input *input)
{
	const struct policy *policy = input->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		unsigned list = policy->vote[i].list;

		if (!input->roster->list[list]->shadow)
			continue;
		verdict->nshadowed += input_hear(input, &policy->vote[i],
		    &verdict->hit[verdict->nhits + verdict->nshadowed]);
		if (input_is_missing(input, list) || listset_has(input->suspended, list))
			verdict->shadow_unknown |= (listset)1 << list;
	}
}

/* Lists that nobody waited for, as none of them could change anything. */
static listset
needless(const struct verdict_input *input)
{
	listset pending = input->pending & input->policy->lists;

	return pending != 0 && verdict_settled(input, pending) ? pending : 0;
}

/* What was not heard, and need not be, is no fault of the list's. */
static void
note_needless(struct verdict *verdict, const struct verdict_input *input)
{
	listset unheard = verdict->unknown & needless(input);

	verdict->not_needed = (unheard | verdict->shadow_unknown) & input->held;
	verdict->not_awaited = unheard & ~input->held;
	verdict->unknown &= ~unheard;
	verdict->shadow_unknown &= ~verdict->not_needed;
}

/* The highest positive score, the first of equals, but for those of the lists aside. */
static const struct hit *
find_loudest(const struct verdict *verdict, listset aside)
{
	const struct hit *loudest = NULL;

	for (unsigned i = 0; i < verdict->nhits; i++) {
		const struct hit *hit = &verdict->hit[i];

		if (!listset_has(aside, hit->list) &&
		    hit->score > (loudest != NULL ? loudest->score : 0))
			loudest = hit;
	}
	return loudest;
}

static void
judge_by_lists(struct verdict *verdict, const struct verdict_input *input)
{
	enum action spf = input_spf_action(input);
	struct sums sums;
	struct decision d;
	bool certain;

	sums_begin(&sums, NULL, input);
	hear_lists(verdict, input, &sums);
	hear_shadows(verdict, input);
	note_needless(verdict, input);
	d = decide(input, &sums);
	certain = d.done == d.nominal ? d.certain == d.nominal : d.done > ACTION_DEFER;
	/* What is sure rests on lists without a doubt: one of these is its reason. */
	verdict->loudest = find_loudest(verdict, certain ? verdict->doubted : 0);
	verdict->score = d.sum.score;
	verdict->spf_score = input_spf_score(input);
	verdict->groups = d.sum.groups;
	verdict->threshold = d.nominal != ACTION_PASS
	    ? action_threshold(input->policy, d.nominal)
	    : action_first_threshold(input->policy);
	verdict->meant = action_worse(d.done, spf);
	verdict->nominal =
	    action_worse(action_worse(d.nominal, d.done), input_spf_nominal(input));
	if (spf > d.done || (d.busy && spf == d.done))
		verdict->reason = REASON_SPF;
	else if (d.busy)
		verdict->reason = REASON_BUSY;
}

bool
verdict_may_pass(const struct verdict *verdict, const struct verdict_input *input)
{
	bool good = input->policy->pass && verdict->meant >= ACTION_DEFER &&
	    verdict->reason != REASON_DENY;

	for (unsigned i = 0; i < verdict->nhits && good; i++)
		good = verdict->hit[i].score <= 0 ||
		    policy_passes(input->policy, verdict->hit[i].answer->category);
	return good;
}

/* What is let through by a pass is marked as it is. */
static void
use_pass(struct verdict *verdict, const struct verdict_input *input)
{
	if (!input->granted || !verdict_may_pass(verdict, input))
		return;
	verdict->reason = REASON_PASS;
	verdict->meant = verdict->nominal =
	    reached(verdict->score, input->policy->tag) ? ACTION_TAG : ACTION_PASS;
}

void
verdict_reach(struct verdict *verdict, const struct verdict_input *input)
{
	*verdict = (struct verdict){
	    .reason = choose_reason(input), .spf = input->spf, .host = input->host};
	switch (verdict->reason) {
	case REASON_AUTH:
	case REASON_EXEMPT:
	case REASON_ADMINISTRATOR:
	case REASON_ALLOW:
	case REASON_HOST:
	case REASON_SENDER:
	case REASON_STOPPING:
		break;
	case REASON_DENY:
		verdict->meant = verdict->nominal = ACTION_REFUSE;
		break;
	case REASON_LISTS:
	case REASON_BUSY:
	case REASON_SPF:
	case REASON_PASS:
		judge_by_lists(verdict, input);
		use_pass(verdict, input);
		break;
	}
	verdict->softened = verdict->meant != verdict->nominal;
	verdict->action = input->policy->shadow ? ACTION_PASS : verdict->meant;
}

/* Add what has been heard, but for the lists in pending. */
static void
add_heard(struct sums *sums, const struct verdict_input *input, listset pending)
{
	const struct policy *policy = input->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		struct hit hit;

		if (!listset_has(pending, vote->list) || input_is_void(input, vote->list))
			sums_add(
			    sums, input, vote, input_hear(input, vote, &hit) ? hit.score : 0);
	}
}

/* Add the least and the most that the lists in pending may come to. */
static void
add_pending(
    struct sums *low, struct sums *high, const struct verdict_input *input, listset pending)
{
	const struct policy *policy = input->policy;

	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct vote *vote = &policy->vote[i];
		const struct listing *list = input->roster->list[vote->list];

		if (!listset_has(pending, vote->list) || input_is_void(input, vote->list))
			continue;
		sums_add_bound(low, input, vote, list->best * vote->weight, true);
		sums_add_bound(high, input, vote, list->worst * vote->weight,
		    !listset_has(input->doubted, vote->list));
	}
}

/* The mildest and the most severe action there may be when the lists in pending
 * have answered; the same in shadow mode, whose log must say what would have been. */
struct range {
	enum action low, high;
};

static struct range
range_of(const struct verdict_input *input, listset pending)
{
	enum verdict_reason reason = choose_reason(input);
	enum action alone = reason == REASON_DENY ? ACTION_REFUSE : ACTION_PASS;
	struct sums low, high;
	struct range range;

	if (reason != REASON_LISTS)
		return (struct range){alone, alone};
	alone = input_spf_action(input);
	sums_begin(&low, NULL, input);
	add_heard(&low, input, pending);
	if (pending != 0) {
		sums_begin(&high, &low, input);
		add_pending(&low, &high, input, pending);
	}
	range.low = action_worse(decide(input, &low).done, alone);
	range.high = pending != 0 ? action_worse(decide(input, &high).done, alone) : range.low;
	return range;
}

/* One that is suspended is as good as not there. */
enum action
verdict_without(const struct verdict_input *input, listset lists)
{
	struct verdict_input without = *input;

	without.suspended |= lists;
	return range_of(&without, 0).low;
}

bool
verdict_settled(const struct verdict_input *input, listset pending)
{
	struct range range = range_of(input, pending);

	/* Any list may say what no pass is for. */
	if (input->granted && range.high >= ACTION_DEFER && pending != 0)
		return false;
	return range.low == range.high;
}

/* Whether the action may be another one if that is known. */
static bool
may_change(
    const struct verdict_input *input, const struct verdict_input *known, listset pending)
{
	struct range before = range_of(input, pending), after = range_of(known, pending);

	return before.low != before.high || after.low != after.high || before.low != after.low;
}

/* Whether a result is treated in any other way than not knowing it. */
static bool
spf_matters(const struct verdict_input *input, enum spf_result result)
{
	return input->sender_trusted || input->policy->spf[result].effect != SPF_IGNORE;
}

/* Whether some result could change the action, with the host as it stands. */
static bool
spf_may_change(const struct verdict_input *input, listset pending)
{
	struct verdict_input known = *input;
	bool wanted = false;

	for (known.spf = SPF_NONE; known.spf < SPF_RESULTS && !wanted; known.spf++)
		wanted = spf_matters(input, known.spf) && may_change(input, &known, pending);
	return wanted;
}

bool
verdict_wants_spf(const struct verdict_input *input, listset pending)
{
	struct verdict_input known = *input;

	if (input->spf != SPF_UNCHECKED)
		return false;
	if (spf_may_change(input, pending))
		return true;
	/* That the host may be trusted can hide it, until it turns out that it is not. */
	if (!input->host_trusted || input->host != HOST_UNCHECKED)
		return false;
	known.host = HOST_WRONG;
	return spf_may_change(&known, pending);
}

bool
verdict_wants_host(const struct verdict_input *input, listset pending)
{
	struct verdict_input known = *input;
	bool wanted = false;

	if (input->host != HOST_UNCHECKED || !input->host_trusted)
		return false;
	for (known.host = HOST_CONFIRMED; known.host < HOSTS && !wanted; known.host++)
		wanted = may_change(input, &known, pending);
	return wanted;
}
