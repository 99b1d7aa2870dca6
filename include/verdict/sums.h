/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/sums.h - what the lists come to together, by four readings of what they say.  Pure.
 */
#ifndef RELAYGUARD_VERDICT_SUMS_H
#define RELAYGUARD_VERDICT_SUMS_H

#include <stdbool.h>

#include "verdict/action.h"
#include "verdict/input.h"

/* Scores on their way to a sum. */
struct partial_sum {
	int allowing;           /* the sum of those for the client */
	int against[LISTS_MAX]; /* the highest of each group */
	listset speaking;       /* groups of which one may be evidence speaks against it */
};

/* What the lists come to, by four readings of what they say.  It is found out at each answer
 * that somebody waits for: readings that cannot differ are not kept. */
struct sums {
	struct partial_sum nominal; /* nominal: by what all of them say */
	struct partial_sum live;    /* but for those that count for a mark alone, if any does */
	struct partial_sum certain; /* of lists that are not in doubt: a lower bound of the
				     * nominal sum; only if they are not alike */
	struct partial_sum feared;  /* the same, had lists that were not asked said their
				    * worst; only if there are any */
	bool alike;                 /* nothing has been in doubt so far */
};

/* Begin with some others, or with nothing (NULL). */
void sums_begin(struct sums *, const struct sums *from, const struct verdict_input *);

/* Add what the list of a vote says; a score of 0 where it says nothing. */
void sums_add(struct sums *, const struct verdict_input *, const struct vote *, int score);

/* Add what a list may come to at best or at worst when it answers, or fails to: certain, if it
 * is believed then. */
void sums_add_bound(
    struct sums *, const struct verdict_input *, const struct vote *, int score, bool certain);

/* What one of the readings comes to, with what SPF adds. */
struct sum sums_of(const struct partial_sum *, const struct verdict_input *);

#endif
