/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/tally.h - how often things happened since the start, by kinds of a closed set, and
 * how long they took.  Any thread; never blocks.
 *
 * base/counter.h has those that stand alone.
 */
#ifndef RELAYGUARD_BASE_TALLY_H
#define RELAYGUARD_BASE_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

#define TALLY_KINDS_MAX 72

/* What is told apart, and by whose enum. */
enum tally {
	TALLY_DECISIONS, /* verdict/logrecord.h: action and reason */
	TALLY_SPF,       /* verdict/result.h: enum spf_result */
	TALLY_MEMORY,    /* enum tally_cache */
	TALLY_REDIS,     /* the same */
	TALLY_OVERLOADS, /* base/limit.h: enum limit; LIMIT_MAX: questions of a network */
	TALLY_MAX
};

enum tally_cache { TALLY_HIT, TALLY_MISS, TALLY_ERROR, TALLY_CACHE_MAX };

/* n more, or how many, of a kind, which is below TALLY_KINDS_MAX. */
void tally_add(enum tally, unsigned kind, uint64_t n);
uint64_t tally_get(enum tally, unsigned kind);

#define HISTOGRAM_BUCKETS_MAX 12

/* How long something took; begins zeroed. */
struct histogram {
	_Atomic uint64_t
	    count[HISTOGRAM_BUCKETS_MAX + 1]; /* the last: longer than all bounds */
	_Atomic uint64_t sum_ms;
};

/* Upper bounds in milliseconds, ascending. */
struct histogram_bounds {
	unsigned n;
	uint32_t ms[HISTOGRAM_BUCKETS_MAX];
};

/* Count a duration; one below 0 is 0. */
void histogram_add(struct histogram *, const struct histogram_bounds *, int64_t ms);

#endif
