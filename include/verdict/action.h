/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/action.h - what becomes of a mail, and from which score on.  Pure.
 */
#ifndef RELAYGUARD_VERDICT_ACTION_H
#define RELAYGUARD_VERDICT_ACTION_H

#include "verdict/policy.h"

/* From mild to severe: of several the last one counts. */
enum action {
	ACTION_PASS,
	ACTION_TAG,        /* it passes, with a mark in its header */
	ACTION_DEFER,      /* 450 */
	ACTION_QUARANTINE, /* it is taken, and held */
	ACTION_REFUSE,     /* 550 */
	ACTION_DROP,       /* 521 or 421, and the connection is closed */
	ACTIONS
};

const char *action_name(enum action);

/* The one of the two that counts. */
enum action action_worse(enum action, enum action);

/* The score from which a policy does that; 0: never. */
int action_threshold(const struct policy *, enum action);

/* The lowest score from which it does anything; 0: never. */
int action_first_threshold(const struct policy *);

/* What the hits come to. */
struct sum {
	int score;
	unsigned groups; /* that speak against the client */
};

/*
 * The most severe action whose threshold is reached.  To refuse and to drop take
 * as many groups as the policy wants to agree.
 */
enum action action_weigh(const struct policy *, const struct sum *);

#endif
