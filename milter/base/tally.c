/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/tally.c - rows of numbers that only grow.  Nothing is ordered by them, so the
 * cheapest atomic operations do.
 */
#include "config.h"

#include "base/tally.h"

#include <assert.h>

static _Atomic uint64_t counts[TALLY_MAX][TALLY_KINDS_MAX];

void
tally_add(enum tally which, unsigned kind, uint64_t n)
{
	assert(which < TALLY_MAX && kind < TALLY_KINDS_MAX);
	atomic_fetch_add_explicit(&counts[which][kind], n, memory_order_relaxed);
}

uint64_t
tally_get(enum tally which, unsigned kind)
{
	assert(which < TALLY_MAX && kind < TALLY_KINDS_MAX);
	return atomic_load_explicit(&counts[which][kind], memory_order_relaxed);
}

void
histogram_add(struct histogram *h, const struct histogram_bounds *bounds, int64_t ms)
{
	unsigned i = 0;

	if (ms < 0)
		ms = 0;
	while (i < bounds->n && ms > bounds->ms[i])
		i++;
	atomic_fetch_add_explicit(&h->count[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum_ms, (uint64_t)ms, memory_order_relaxed);
}
