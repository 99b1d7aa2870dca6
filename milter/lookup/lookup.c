/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/lookup.c - an address or a name is asked about once, however many sessions wait.
 * The way of a lookup: start (a session's thread), begin, ask Redis (lookup/recall.c), ask the
 * lists (lookup/question.c), settle each answer, let other nodes know (lookup/publish.c), end
 * (lookup/inquiry.c), all on the I/O thread.
 */
#include "config.h"

#include "lookup/lookup.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/limit.h"
#include "health/health.h"
#include "lookup/inquiry.h"
#include "lookup/memcache.h"
#include "lookup/publish.h"
#include "lookup/question.h"
#include "lookup/recall.h"
#include "loop/loop.h"
#include "upstream/upstream.h"

static void
begin(void *arg)
{
	struct lookup *q = arg;

	inquiry_begin(q);
	inquiry_take_wanted(q);
	if (upstream_redis(q->engine->upstream) != NULL && !q->fresh) {
		recall_begin(q);
		return;
	}
	q->wanted |= q->first;
	question_ask_wanted(q);
	inquiry_leave(q);
}

/* Somebody wants more lists to be asked. */
static void
ask_more(void *arg)
{
	struct lookup *q = arg;

	q->open++;
	inquiry_take_wanted(q);
	/* What Redis has may have held them back since they were wanted. */
	waiters_unhold(&q->waiters, q->wanted);
	question_ask_wanted(q);
	inquiry_leave(q);
}

void
lookup_release(struct lookup **qp)
{
	inquiry_release(qp);
}

static struct lookup *
add_locked(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct fact *known, const struct lookup_order *order, unsigned flags)
{
	struct lookup *q = inquiry_new(
	    engine, subject, roster, known, order->missing, ~(order->now | order->first));

	if (q == NULL)
		return NULL;
	q->quiet = (flags & LOOKUP_QUIET) != 0;
	q->fresh = (flags & LOOKUP_FRESH) != 0;
	q->epoch = order->epoch;
	q->sample = order->sample;
	q->wanted = q->claimed = order->now;
	q->first = order->first & ~order->now;
	return inquiry_add(q) ? q : NULL;
}

listset
lookup_held(struct lookup *q)
{
	return waiters_held(&q->waiters);
}

listset
lookup_proving(struct lookup *q)
{
	return waiters_proving(&q->waiters);
}

/* Begin again with what one that has ended knows, about the lists that it has held back, if none
 * of them has fallen silent just now. */
static void
resume(struct lookup **qp, listset lists)
{
	struct fact facts[LISTS_MAX];
	struct lookup *q = *qp;
	struct lookup_order order = {.now = lists, .epoch = q->epoch};

	order.missing = waiters_peek(&q->waiters, facts);
	if ((order.now &= order.missing) == 0)
		return;
	*qp = lookup_start_some(q->engine, &q->subject, q->roster, facts, &order,
	    (q->quiet ? LOOKUP_QUIET : 0) | (q->fresh ? LOOKUP_FRESH : 0));
	lookup_release(&q);
}

void
lookup_more(struct lookup **qp, listset lists)
{
	struct lookup *q = *qp;
	bool ended, call;

	/* Also those that will be held back if Redis has something against the subject. */
	if (lists == 0 || (lists &= waiters_pending(&q->waiters)) == 0)
		return;
	pthread_mutex_lock(&q->engine->mutex);
	ended = q->ended;
	call = !ended && inquiry_want(q, lists);
	pthread_mutex_unlock(&q->engine->mutex);
	if (ended) {
		resume(qp, lists);
		return;
	}
	waiters_unhold(&q->waiters, lists);
	if (call)
		loop_post(q->engine->loop, &q->more_call, ask_more, q);
}

/* The lookup under way, with a reference more, which asks these lists too; NULL: there is none. */
static struct lookup *
join(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct lookup_order *order, bool fresh)
{
	struct lookup *q;

	pthread_mutex_lock(&engine->mutex);
	q = inquiry_find(engine, subject, roster, fresh, order->epoch);
	pthread_mutex_unlock(&engine->mutex);
	if (q != NULL)
		lookup_more(&q, order->now);
	return q;
}

struct lookup *
lookup_join(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct lookup_order *order)
{
	return join(engine, subject, roster, order, false);
}

struct lookup *
lookup_start_some(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct fact *known, const struct lookup_order *order, unsigned flags)
{
	bool fresh = (flags & LOOKUP_FRESH) != 0, joined;
	struct lookup *q;

	assert(order->missing != 0);
	q = join(engine, subject, roster, order, fresh);
	/* Who joins takes no room; who is turned away is logged, without the lock. */
	if (q != NULL || !limit_enter(LIMIT_LOOKUPS))
		return q;
	pthread_mutex_lock(&engine->mutex);
	q = inquiry_find(engine, subject, roster, fresh, order->epoch);
	joined = q != NULL;
	if (!joined)
		q = add_locked(engine, subject, roster, known, order, flags);
	pthread_mutex_unlock(&engine->mutex);
	if (joined || q == NULL)
		limit_leave(LIMIT_LOOKUPS);
	else
		loop_post(engine->loop, &q->call, begin, q);
	if (joined)
		lookup_more(&q, order->now);
	return q;
}

struct lookup *
lookup_start(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct fact *known, listset missing, unsigned flags)
{
	const struct lookup_order order = {.missing = missing,
	    .now = missing,
	    .sample = missing,
	    .epoch = memcache_epoch(engine->memory)};

	return lookup_start_some(engine, subject, roster, known, &order, flags);
}

listset
lookup_wait(struct lookup *const *all, unsigned n, listset but, lookup_enough *enough,
    const void *arg, int64_t deadline, struct fact *facts)
{
	struct waiters *waiters[ROLES];

	for (unsigned i = 0; i < n; i++)
		waiters[i] = &all[i]->waiters;
	return waiters_wait(waiters, n, but, enough, arg, deadline, facts);
}

static void
wake_all(void *arg)
{
	struct lookups *engine = arg;

	for (struct lookup *q = engine->begun; q != NULL; q = q->next)
		waiters_wake(&q->waiters);
}

/* A list has fallen silent: nobody need wait for it any more. */
static void
on_list_silent(void *arg, uint32_t list_id)
{
	const struct fact unheard = {.state = FACT_ERROR, .expires = clock_ms()};
	struct lookups *engine = arg;

	for (struct lookup *q = engine->begun; q != NULL; q = q->next)
		for (unsigned i = 0; i < q->roster->n; i++)
			if (q->roster->list[i]->id == list_id)
				inquiry_settle(q, i, &unheard);
}

void
lookups_hurry(struct lookups *engine)
{
	atomic_store(&engine->hurry, true);
	loop_post(engine->loop, &engine->waking, wake_all, engine);
}

bool
lookups_are_hurried(const struct lookups *engine)
{
	return atomic_load(&engine->hurry);
}

/* A lookup may be gone with its last answer: look for the next one from the start. */
static bool
hasten_one(const struct lookups *engine)
{
	for (struct lookup *q = engine->begun; q != NULL; q = q->next)
		for (unsigned i = 0; i < q->roster->n; i++)
			if (question_hasten(&q->questions[i]))
				return true;
	return false;
}

void
lookups_stop(struct lookups *engine)
{
	if (engine == NULL)
		return;
	engine->stopped = true;
	while (hasten_one(engine))
		;
	publish_stop(engine);
}

struct lookups *
lookups_new(struct loop *loop, struct memcache *memory, struct upstream *upstream,
    struct health *health)
{
	struct lookups *engine = calloc(1, sizeof(*engine));

	if (engine == NULL)
		return NULL;
	engine->loop = loop;
	engine->memory = memory;
	engine->upstream = upstream;
	engine->health = health;
	if (!publish_init(engine)) {
		free(engine);
		return NULL;
	}
	pthread_mutex_init(&engine->mutex, NULL);
	health_on_silent(health, on_list_silent, engine);
	return engine;
}

void
lookups_free(struct lookups *engine)
{
	if (engine == NULL)
		return;
	assert(engine->running == NULL);
	publish_end(engine);
	pthread_mutex_destroy(&engine->mutex);
	free(engine);
}
