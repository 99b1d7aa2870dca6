/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/usage.h - what a list has said to clients, and what came of it, since the start.
 * Any thread; never blocks.  It belongs to the id of a list, as its health state does: a
 * reload that keeps the list keeps it.
 */
#ifndef RELAYGUARD_LISTS_USAGE_H
#define RELAYGUARD_LISTS_USAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/tally.h"
#include "lists/evidence.h"

#define LIST_ANSWERS (FACT_ERROR + 1) /* answers are told apart by enum fact_state */

struct list_usage {
	_Atomic uint64_t answers[LIST_ANSWERS]; /* from DNS; FACT_UNKNOWN: none came */
	_Atomic uint64_t refusals;              /* of clients it spoke against, ... */
	_Atomic uint64_t sole_refusals;         /* ... that without it were none */
	struct histogram seconds;               /* until an answer came */
	_Atomic int64_t tested; /* when its last test ended, clock_wall(); 0: never */
};

/* The bounds of seconds. */
const struct histogram_bounds *list_usage_bounds(void);

/* An answer came, or FACT_UNKNOWN: none, after so long.  NULL: nobody counts. */
void list_usage_answer(struct list_usage *, enum fact_state, int64_t ms);

/* It spoke against a client who was refused; sole: without it nobody would have been. */
void list_usage_refusal(struct list_usage *, bool sole);

/* A test of it has ended. */
void list_usage_tested(struct list_usage *);

#endif
