/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/counter.c - a row of numbers that only grow.  Nothing is ordered by them, so
 * the cheapest atomic operations do.
 */
#include "config.h"

#include "base/counter.h"

#include <assert.h>
#include <stdatomic.h>

static const char *const names[] = {
#define X(id, name) name,
    COUNTER_TABLE(X)
#undef X
};

static _Atomic uint64_t counts[COUNTER_MAX];

void
counter_add(enum counter which)
{
	assert(which < COUNTER_MAX);
	atomic_fetch_add_explicit(&counts[which], 1, memory_order_relaxed);
}

uint64_t
counter_get(enum counter which)
{
	assert(which < COUNTER_MAX);
	return atomic_load_explicit(&counts[which], memory_order_relaxed);
}

const char *
counter_name(enum counter which)
{
	assert(which < COUNTER_MAX);
	return names[which];
}
