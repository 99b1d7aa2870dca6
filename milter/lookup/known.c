/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/known.c - memory is read here; for Redis an errand goes to the I/O thread, which
 * belongs to both threads until the second one leaves it.
 */
#include "config.h"

#include "lookup/known.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "lookup/memcache.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "redis/redis.h"
#include "redis/sharedcache.h"
#include "upstream/upstream.h"

/* The promise is an enum known_redis. */
struct errand {
	atomic_uint refs; /* of who waits, and of the I/O thread */
	struct call call;
	struct upstream *upstream;
	struct promise *promise; /* to be kept */
	struct subject subject;
	char name[SUBJECT_NAME_SIZE];
	struct roster *roster;
	listset lists;
	bool erases;
	listset found; /* what came of it, good once the promise is kept */
	struct fact facts[LISTS_MAX];
};

static void
leave(struct errand *e)
{
	if (atomic_fetch_sub(&e->refs, 1) != 1)
		return;
	roster_unref(&e->roster);
	free(e);
}

static void
finish(struct errand *e, enum known_redis redis)
{
	promise_keep(&e->promise, redis);
	leave(e);
}

static void
on_deleted(void *arg, int64_t n)
{
	struct errand *e = arg;

	finish(e, n >= 0 ? KNOWN_ANSWERED : KNOWN_DOWN);
}

static void
on_value(void *arg, const struct redis_value *value)
{
	struct errand *e = arg;
	struct redis *redis = upstream_redis(e->upstream);
	enum redis_value_state state;
	char key[SHARED_CACHE_KEY_MAX];

	e->found = shared_cache_read(value, e->roster, e->lists, e->facts, &state);
	if (!e->erases || state == REDIS_AWAY || state == REDIS_NONE || redis == NULL) {
		finish(e, state == REDIS_AWAY ? KNOWN_DOWN : KNOWN_ANSWERED);
		return;
	}
	shared_cache_key(&e->subject, key);
	redis_delete(redis, key, on_deleted, e);
}

static void
run(void *arg)
{
	struct errand *e = arg;
	struct redis *redis = upstream_redis(e->upstream);

	if (redis == NULL)
		finish(e, KNOWN_NO_REDIS);
	else
		shared_cache_get(redis, &e->subject, on_value, e);
}

static struct errand *
errand_new(const struct known_places *places, const struct subject *subject,
    struct roster *roster, listset lists, bool erases)
{
	struct errand *e = calloc(1, sizeof(*e));
	struct promise *promise = e != NULL ? promise_new(places->promises) : NULL;

	if (promise == NULL) {
		free(e);
		return NULL;
	}
	atomic_init(&e->refs, 2);
	e->upstream = places->upstream;
	e->promise = promise;
	e->subject = *subject;
	if (subject->name != NULL) {
		(void)strbuf_copy(e->name, sizeof(e->name), subject->name);
		e->subject.name = e->name;
	}
	e->roster = roster_ref(roster);
	e->lists = lists;
	e->erases = erases;
	return e;
}

/* Have it done, and wait; one that is not NULL is to be left after that. */
static enum known_redis
send(const struct known_places *places, struct errand *e)
{
	struct promise *promise;
	int redis;

	if (e == NULL)
		return KNOWN_DOWN;
	promise = e->promise;
	loop_post(places->loop, &e->call, run, e);
	redis = promise_wait(promise, clock_ms() + KNOWN_WAIT_MS, KNOWN_DOWN);
	promise_release(&promise);
	return (enum known_redis)redis;
}

void
known_find(const struct known_places *places, const struct subject *subject,
    struct roster *roster, listset lists, struct known *known)
{
	struct errand *e;

	*known = (struct known){.redis = KNOWN_NO_REDIS};
	known->in_memory = memcache_get(
	    places->memory, &subject->key, roster, lists, clock_ms(), known->memory);
	if (lists == 0)
		return;
	e = errand_new(places, subject, roster, lists, false);
	known->redis = send(places, e);
	if (e != NULL && known->redis == KNOWN_ANSWERED) {
		known->in_redis = e->found;
		memcpy(known->shared, e->facts, sizeof(known->shared));
	}
	if (e != NULL)
		leave(e);
}

enum known_redis
known_erase_shared(const struct known_places *places, const struct subject *subject,
    struct roster *roster, listset lists, unsigned *n)
{
	struct errand *e = errand_new(places, subject, roster, lists, true);
	enum known_redis redis = send(places, e);

	*n = e != NULL && redis == KNOWN_ANSWERED ? listset_count(e->found) : 0;
	if (e != NULL)
		leave(e);
	return redis;
}
