/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/census.c - decisions counted.  The names of policies are few, and looked up when a
 * configuration is read; a decision costs some atomic additions.
 */
#include "config.h"

#include "verdict/census.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "lists/usage.h"

#define GROUNDS (GROUND_STOPPING + 1)

_Static_assert(ACTIONS *GROUNDS <= TALLY_KINDS_MAX, "there is a place for each decision");

static const struct histogram_bounds bounds = {
    12, {1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000}};
static struct histogram waited;

/* The last one is that of all others. */
static struct census_policy policies[CENSUS_POLICIES + 1];

static struct {
	pthread_mutex_t lock; /* guards what follows */
	char *name[CENSUS_POLICIES];
	unsigned n;
} names = {.lock = PTHREAD_MUTEX_INITIALIZER};

static unsigned
find_locked(const char *name)
{
	unsigned i = 0;

	while (i < names.n && strcmp(names.name[i], name) != 0)
		i++;
	if (i < names.n || i == CENSUS_POLICIES)
		return i;
	if ((names.name[i] = strdup(name)) == NULL)
		return CENSUS_POLICIES;
	names.n++;
	return i;
}

struct census_policy *
census_of(const char *name)
{
	unsigned i;

	pthread_mutex_lock(&names.lock);
	i = find_locked(name);
	pthread_mutex_unlock(&names.lock);
	return &policies[i];
}

struct census_policy *
census_others(void)
{
	return &policies[CENSUS_POLICIES];
}

/* What is counted where an action was taken. */
static const enum counter counter_of[ACTIONS] = {
    [ACTION_PASS] = COUNTER_PASSED,
    [ACTION_TAG] = COUNTER_TAGGED,
    [ACTION_DEFER] = COUNTER_DEFERRED,
    [ACTION_QUARANTINE] = COUNTER_QUARANTINED,
    [ACTION_REFUSE] = COUNTER_REFUSED,
    [ACTION_DROP] = COUNTER_DROPPED,
};

static void
count_plain(const struct verdict *v)
{
	bool shadowed = v->action == ACTION_PASS && v->meant != ACTION_PASS;

	counter_add(shadowed ? COUNTER_SHADOWED : counter_of[v->action]);
	if (v->softened)
		counter_add(COUNTER_SOFTENED);
}

/*
 * The lists that spoke against a client who was refused.  A list is the sole reason where
 * the same input with that list left out comes to no refusal (verdict_without()).  Nobody
 * waits for lists that can change nothing any more: what these have not said by then counts
 * as it does in the verdict itself, so that the first of two to answer is the sole one.
 */
static void
count_lists(const struct verdict *v, const struct verdict_input *input)
{
	for (unsigned i = 0; i < v->nhits; i++) {
		unsigned list = v->hit[i].list;

		if (v->hit[i].score > 0)
			list_usage_refusal(input->roster->list[list]->usage,
			    verdict_without(input, list) < ACTION_REFUSE);
	}
}

void
census_count(const struct verdict *v, const struct verdict_input *input, int64_t ms)
{
	count_plain(v);
	tally_add(TALLY_DECISIONS, v->action * GROUNDS + v->ground, 1);
	histogram_add(&waited, &bounds, ms);
	if (input == NULL)
		return;
	if (input->policy->census != NULL)
		atomic_fetch_add_explicit(
		    &input->policy->census->count[v->action], 1, memory_order_relaxed);
	if (v->action >= ACTION_REFUSE)
		count_lists(v, input);
}

uint64_t
census_decisions(enum action action, enum ground ground)
{
	return tally_get(TALLY_DECISIONS, action * GROUNDS + ground);
}

const struct histogram *
census_wait(const struct histogram_bounds **of)
{
	*of = &bounds;
	return &waited;
}
