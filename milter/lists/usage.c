/* SPDX-License-Identifier: BSD-2-Clause */
/* lists/usage.c - counts of one list. */
#include "config.h"

#include "lists/usage.h"

#include <stddef.h>

#include "base/clock.h"

#define DRAWN_MAX 1000 /* of an answer; then all count half */
#define GUESS_LISTED 1 /* of so many, before any has answered */
#define GUESS_ALL 4

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

/* What was long ago counts half, and half of that.  An answer that is lost to another thread that
 * does the same matters to nobody. */
static void
halve(struct list_usage *u)
{
	for (unsigned i = 0; i < LIST_ANSWERS; i++)
		atomic_store_explicit(&u->drawn[i],
		    atomic_load_explicit(&u->drawn[i], memory_order_relaxed) / 2,
		    memory_order_relaxed);
}

void
list_usage_drawn(struct list_usage *u, enum fact_state state)
{
	if (u != NULL &&
	    atomic_fetch_add_explicit(&u->drawn[state], 1, memory_order_relaxed) >= DRAWN_MAX)
		halve(u);
}

unsigned
list_usage_share(const struct list_usage *u)
{
	uint64_t listed = GUESS_LISTED, all = GUESS_ALL;

	if (u != NULL) {
		listed += atomic_load_explicit(&u->drawn[FACT_LISTED], memory_order_relaxed);
		all += atomic_load_explicit(&u->drawn[FACT_LISTED], memory_order_relaxed);
		all += atomic_load_explicit(&u->drawn[FACT_CLEAR], memory_order_relaxed);
	}
	return (unsigned)(100 * listed / all);
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
