/* SPDX-License-Identifier: BSD-2-Clause */
/* lists/usage.c - counts of one list. */
#include "config.h"

#include "lists/usage.h"

#include <stddef.h>

#include "base/clock.h"

static const struct histogram_bounds bounds = {
    10, {1, 5, 20, 50, 100, 250, 500, 1000, 2500, 5000}};

const struct histogram_bounds *
list_usage_bounds(void)
{
	return &bounds;
}

const char *
list_count_name(enum list_count count)
{
	static const char *const names[] = {
#define X(id, name) name,
	    LIST_COUNT_TABLE(X)
#undef X
	};

	return names[count];
}

static void
add_one(_Atomic uint64_t *count)
{
	atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
}

void
list_usage_answer(struct list_usage *u, enum fact_state state, int64_t ms)
{
	if (u == NULL)
		return;
	add_one(&u->answers[state]);
	if (state != FACT_UNKNOWN)
		histogram_add(&u->seconds, &bounds, ms);
}

void
list_usage_refusal(struct list_usage *u, bool sole)
{
	if (u == NULL)
		return;
	add_one(&u->refusals);
	if (sole)
		add_one(&u->sole_refusals);
}

void
list_usage_decision(struct list_usage *u, enum list_count count)
{
	add_one(&u->decisions[count]);
}

void
list_usage_tested(struct list_usage *u)
{
	if (u != NULL)
		atomic_store_explicit(&u->tested, clock_wall(), memory_order_relaxed);
}
