/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict.h - evidence and policy make a verdict.  Rank 3; pure: no I/O, no
 * locks, no clock.
 */
#ifndef RELAYGUARD_VERDICT_H
#define RELAYGUARD_VERDICT_H

#include <stdbool.h>

#include "evidence.h"
#include "listing.h"
#include "policy.h"

enum action { ACTION_PASS, ACTION_DEFER, ACTION_REFUSE };

/* What the verdict rests on, the first that applies. */
enum ground {
	GROUND_AUTH,    /* the client has logged in */
	GROUND_EXEMPT,  /* the recipient is never refused */
	GROUND_ALLOW,   /* the local allow set holds the client */
	GROUND_DENY,    /* the local deny set does */
	GROUND_LISTS,   /* what the lists say, also where they say nothing */
	GROUND_STOPPING /* none: the daemon is about to stop */
};

const char *action_name(enum action);
const char *ground_name(enum ground);

/* What is known of one recipient of one connection; all borrowed. */
struct matter {
	const struct roster *roster;
	const struct fact *facts; /* one for each list of the roster */
	const struct policy *policy;
	bool authenticated;
	bool exempt;
	bool allowed;      /* by the local sets, of which the more */
	bool denied;       /* specific has won: never both */
	listset doubted;   /* lists whose word is not sure: new, or being tested again */
	listset suspended; /* lists whose word counts for nothing */
};

/* What one list adds to the score. */
struct voice {
	unsigned list;               /* index in the roster */
	uint32_t code;               /* the A record it said */
	const struct answer *answer; /* the row that code met */
	int score;                   /* the row's, times the policy's weight */
};

struct verdict {
	enum action action; /* what is done */
	enum action meant;  /* what would be, but for shadow mode */
	enum ground ground;
	int score;
	int threshold; /* the one that was reached; else the lowest set, or 0 */
	unsigned nvoices;
	struct voice voice[LISTS_MAX]; /* in the order of the policy */
	const struct voice *loudest;   /* the highest positive score, or NULL; where the
					* action is sure, of a list without a doubt */
	bool softened;                 /* a refusal became something milder by doubt */
	listset doubted;               /* lists in doubt that spoke, or might have for it */
	listset suspended;             /* lists of the policy that were left out */
	listset unknown;               /* lists of the policy that could not be heard */
};

/* Reach the verdict on a matter. */
void verdict_reach(struct verdict *, const struct matter *);

/*
 * Whether no answer of the lists in pending can change the action any more: so
 * that nobody waits for what does not matter.
 */
bool verdict_settled(const struct matter *, listset pending);

#endif
