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

#define VERDICT_REASONS (REASON_STOPPING + 1)

_Static_assert(
    ACTIONS *VERDICT_REASONS <= TALLY_KINDS_MAX, "there is a place for each decision");

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

struct census_policy *
census_at(unsigned i, const char **name)
{
	bool known;

	pthread_mutex_lock(&names.lock);
	known = i == CENSUS_POLICIES || i < names.n;
	*name = i < names.n ? names.name[i] : "other";
	pthread_mutex_unlock(&names.lock);
	return known ? &policies[i] : NULL;
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

/* Whether it passed in shadow mode alone. */
static bool
is_shadowed(const struct verdict *v)
{
	return v->action == ACTION_PASS && v->meant != ACTION_PASS;
}

static void
count_plain(const struct verdict *v)
{
	counter_add(is_shadowed(v) ? COUNTER_SHADOWED : counter_of[v->action]);
	if (v->softened)
		counter_add(COUNTER_SOFTENED);
}

/*
 * The lists that spoke against a client who was refused.  A list is the sole reason where
 * the same input with that list left out comes to no refusal (verdict_without()).  Nobody
 * waits for lists that can change nothing any more: what these have not said by then counts
 * as it does in the verdict itself, so that the first of two to answer is the sole one.  Where
 * not all lists were asked, none is.
 */
static void
count_refusals(const struct verdict *v, const struct verdict_input *input)
{
	for (unsigned i = 0; i < v->nhits; i++) {
		unsigned list = v->hit[i].list;

		if (v->hit[i].score > 0)
			list_usage_refusal(input->roster->list[list]->usage,
			    !input->frugal &&
				verdict_without(input, (listset)1 << list) < ACTION_REFUSE);
	}
}

static void
count_policy(struct census_policy *p, const struct verdict *v)
{
	if (p == NULL)
		return;
	atomic_fetch_add_explicit(&p->count[v->action], 1, memory_order_relaxed);
	if (is_shadowed(v))
		atomic_fetch_add_explicit(&p->shadowed[v->meant], 1, memory_order_relaxed);
}

/* --- What the lists of a decision have to do with it --- */

/* One label, which may be asked about several names: lists of one usage. */
struct part {
	struct list_usage *usage;
	listset lists;
	bool spoke, shadowed; /* it has listed the client; it has so in shadow */
	int score;            /* the most severe; 0 where it has not spoken */
};

struct parts {
	unsigned n;
	struct part part[LISTS_MAX];
};

static struct part *
part_of(struct parts *parts, const struct roster *roster, unsigned list)
{
	struct list_usage *usage = roster->list[list]->usage;
	unsigned i = 0;

	while (i < parts->n && parts->part[i].usage != usage)
		i++;
	if (i == parts->n)
		parts->part[parts->n++] = (struct part){.usage = usage};
	parts->part[i].lists |= (listset)1 << list;
	return &parts->part[i];
}

static void
gather(struct parts *parts, const struct verdict *v, const struct roster *roster)
{
	listset named = v->doubted | v->lapsed | v->suspended | v->unknown | v->not_awaited |
	    v->shadow_unknown;

	for (unsigned i = 0; i < v->nhits + v->nshadowed; i++) {
		struct part *p = part_of(parts, roster, v->hit[i].list);
		bool first = !p->spoke && !p->shadowed;

		if (first || v->hit[i].score > p->score)
			p->score = v->hit[i].score;
		p->spoke = p->spoke || i < v->nhits;
		p->shadowed = p->shadowed || i >= v->nhits;
	}
	for (unsigned i = 0; i < roster->n && named >> i != 0; i++)
		if (listset_has(named, i))
			(void)part_of(parts, roster, i);
}

static bool
speaks_against(const struct part *p)
{
	return p->spoke && p->score > 0;
}

static unsigned
count_against(const struct parts *parts)
{
	unsigned n = 0;

	for (unsigned i = 0; i < parts->n; i++)
		n += speaks_against(&parts->part[i]);
	return n;
}

/* Whether a list in shadow would have had something done. */
static bool
would_act(const struct verdict *v, const struct part *p)
{
	return p->shadowed && v->meant == ACTION_PASS && v->reason == REASON_LISTS &&
	    v->threshold > 0 && v->score < v->threshold && v->score + p->score >= v->threshold;
}

static void
count_part(const struct part *p, const struct verdict *v, const struct verdict_input *input,
    unsigned against)
{
	bool by_lists = v->reason == REASON_LISTS;
	const bool is[LIST_COUNTS] = {
	    [LIST_COUNT_SEEN] = true,
	    [LIST_COUNT_LISTED] = p->spoke,
	    [LIST_COUNT_AGAINST] = speaks_against(p),
	    [LIST_COUNT_FAVOUR] = p->spoke && p->score < 0,
	    [LIST_COUNT_SOLE] =
		by_lists && v->meant >= ACTION_REFUSE && speaks_against(p) && against == 1,
	    [LIST_COUNT_DECISIVE] = by_lists && v->meant != ACTION_PASS && speaks_against(p) &&
		verdict_without(input, p->lists) < v->meant,
	    [LIST_COUNT_UNKNOWN] = (v->unknown & ~input->unasked & p->lists) != 0,
	    [LIST_COUNT_DOUBTED] = ((v->doubted | v->lapsed) & p->lists) != 0,
	    [LIST_COUNT_SUSPENDED] = (v->suspended & p->lists) != 0,
	    [LIST_COUNT_SHADOWED] = p->shadowed,
	    [LIST_COUNT_SHADOW_ACTS] = would_act(v, p),
	    [LIST_COUNT_SHADOW_UNKNOWN] = (v->shadow_unknown & p->lists) != 0,
	};

	for (enum list_count count = LIST_COUNT_SEEN; count < LIST_COUNTS; count++)
		if (is[count])
			list_usage_decision(p->usage, count);
}

static void
count_lists(const struct verdict *v, const struct verdict_input *input)
{
	struct parts parts;
	unsigned against;

	parts.n = 0;
	gather(&parts, v, input->roster);
	against = count_against(&parts);
	for (unsigned i = 0; i < parts.n; i++)
		if (parts.part[i].usage != NULL)
			count_part(&parts.part[i], v, input, against);
}

void
census_count(const struct verdict *v, const struct verdict_input *input, int64_t ms)
{
	count_plain(v);
	tally_add(TALLY_DECISIONS, v->action * VERDICT_REASONS + v->reason, 1);
	histogram_add(&waited, &bounds, ms);
	if (input == NULL)
		return;
	count_policy(input->policy->census, v);
	/* Of lists that were asked for want of another, nothing can be compared. */
	if (!input->frugal)
		count_lists(v, input);
	if (v->action >= ACTION_REFUSE)
		count_refusals(v, input);
}

uint64_t
census_decisions(enum action action, enum verdict_reason reason)
{
	return tally_get(TALLY_DECISIONS, action * VERDICT_REASONS + reason);
}

const struct histogram *
census_wait(const struct histogram_bounds **of)
{
	*of = &bounds;
	return &waited;
}
