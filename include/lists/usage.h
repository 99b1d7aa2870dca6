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

/* What is counted of a list by decision, whoever had the answer: DNS or a cache. */
#define LIST_COUNT_TABLE(X)                                                                    \
	X(SEEN, "seen")                     /* it is named in it, for whatever cause */        \
	X(LISTED, "listed")                 /* it has listed the client, and counts */         \
	X(AGAINST, "against")               /* ... and that counts against the client */       \
	X(FAVOUR, "favour")                 /* ... or for it */                                \
	X(SOLE, "sole")                     /* refused, and no other list speaks against it */ \
	X(DECISIVE, "decisive")             /* without it something milder would be done */    \
	X(UNKNOWN, "unknown")               /* it gave no answer, or an error */               \
	X(DOUBTED, "doubted")               /* it was in doubt */                              \
	X(SUSPENDED, "suspended")           /* ... or its word counted for nothing */          \
	X(SHADOWED, "shadowed")             /* in shadow, it has listed the client, ... */     \
	X(SHADOW_ACTS, "shadow_acts")       /* ... who passed, and would not if it counted */  \
	X(SHADOW_UNKNOWN, "shadow_unknown") /* in shadow, it gave no answer */

enum list_count {
#define X(id, name) LIST_COUNT_##id,
	LIST_COUNT_TABLE(X)
#undef X
	    LIST_COUNTS
};

/* "seen" and so on. */
const char *list_count_name(enum list_count);

struct list_usage {
	_Atomic uint64_t answers[LIST_ANSWERS]; /* from DNS; FACT_UNKNOWN: none came */
	_Atomic uint32_t drawn[LIST_ANSWERS]; /* of these, to clients of whom all were asked */
	_Atomic uint64_t refusals;            /* of clients it spoke against, ... */
	_Atomic uint64_t sole_refusals;       /* ... that without it were none */
	_Atomic uint64_t decisions[LIST_COUNTS];
	struct histogram seconds; /* until an answer came */
	_Atomic int64_t tested;   /* when its last test ended, clock_wall(); 0: never */
};

/* The bounds of seconds. */
const struct histogram_bounds *list_usage_bounds(void);

/* An answer came, or FACT_UNKNOWN: none, after so long.  NULL: nobody counts. */
void list_usage_answer(struct list_usage *, enum fact_state, int64_t ms);

/* The same of a client of whom all lists were asked.  list_usage_share(): how many of those of
 * late it has listed, in percent; NULL, or hardly any: a guess. */
void list_usage_drawn(struct list_usage *, enum fact_state);
unsigned list_usage_share(const struct list_usage *);

/* It spoke against a client who was refused; sole: without it nobody would have been. */
void list_usage_refusal(struct list_usage *, bool sole);

/* A decision of which that is to be counted. */
void list_usage_decision(struct list_usage *, enum list_count);

/* A test of it has ended. */
void list_usage_tested(struct list_usage *);

#endif
