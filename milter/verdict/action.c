/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/action.c - the ladder from letting a mail through to closing the connection.
 * A policy says at which score each step of it begins.
 */
#include "config.h"

#include "verdict/action.h"

#include <stdbool.h>

const char *
action_name(enum action action)
{
	static const char *const names[ACTIONS] = {
	    [ACTION_PASS] = "pass",
	    [ACTION_TAG] = "tag",
	    [ACTION_DEFER] = "defer",
	    [ACTION_QUARANTINE] = "quarantine",
	    [ACTION_REFUSE] = "refuse",
	    [ACTION_DROP] = "drop",
	};

	return names[action];
}

enum action
action_worse(enum action a, enum action b)
{
	return a > b ? a : b;
}

int
action_threshold(const struct policy *policy, enum action action)
{
	switch (action) {
	case ACTION_TAG:
		return policy->tag;
	case ACTION_DEFER:
		return policy->defer;
	case ACTION_QUARANTINE:
		return policy->quarantine;
	case ACTION_REFUSE:
		return policy->refuse;
	case ACTION_DROP:
		return policy->drop;
	case ACTION_PASS:
	case ACTIONS:
		break;
	}
	return 0;
}

int
action_first_threshold(const struct policy *policy)
{
	int first = 0;

	for (enum action action = ACTION_TAG; action < ACTIONS; action++) {
		int threshold = action_threshold(policy, action);

		if (threshold > 0 && (first == 0 || threshold < first))
			first = threshold;
	}
	return first;
}

/* Whether enough of those who speak against a client agree to shut it out. */
static bool
is_agreed(const struct policy *policy, enum action action, unsigned groups)
{
	return action < ACTION_REFUSE || policy->agree < 2 || groups >= (unsigned)policy->agree;
}

enum action
action_weigh(const struct policy *policy, const struct sum *sum)
{
	enum action action = ACTION_DROP;

	for (; action > ACTION_PASS; action--) {
		int threshold = action_threshold(policy, action);

		if (threshold > 0 && sum->score >= threshold &&
		    is_agreed(policy, action, sum->groups))
			break;
	}
	return action;
}
