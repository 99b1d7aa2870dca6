/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/publish.c - a subject has one value, so it is not written by the list, but when the
 * last one has answered.
 */
#include "config.h"

#include "lookup/publish.h"

#include <stddef.h>

#include "base/clock.h"
#include "lookup/inquiry.h"
#include "lookup/memcache.h"
#include "redis/redis.h"
#include "redis/sharedcache.h"
#include "upstream/upstream.h"

#define SHARE_MS 500 /* for which answers wait for others on their way to Redis */

/* Let other nodes know what has been learned. */
static void
share(struct lookup *q)
{
	struct fact facts[LISTS_MAX];
	struct redis *redis;

	if (q->learned == 0)
		return;
	redis = upstream_redis(q->engine->upstream);
	inquiry_facts(q, facts);
	/* What was erased meanwhile must not come back. */
	if (redis != NULL && q->epoch == memcache_epoch(q->engine->memory))
		shared_cache_put(redis, &q->subject, q->roster, q->learned, facts, q->shared);
	q->learned = 0;
	q->shared = REDIS_FOUND;
}

/* A list that does not answer keeps nothing from other nodes that others have said. */
static void
share_early(void *arg)
{
	struct lookups *engine = arg;

	engine->shares = false;
	for (struct lookup *q = engine->begun; q != NULL; q = q->next) {
		if (q->learned != 0 && clock_ms() - q->learned_at >= SHARE_MS)
			share(q);
		engine->shares |= q->learned != 0;
	}
	if (engine->shares)
		timer_start(engine->sharing, SHARE_MS);
}

void
publish_later(struct lookup *q, unsigned list)
{
	struct lookups *engine = q->engine;

	if (q->learned == 0)
		q->learned_at = clock_ms();
	q->learned |= (listset)1 << list;
	if (engine->shares)
		return;
	engine->shares = true;
	timer_start(engine->sharing, SHARE_MS);
}

bool
publish_init(struct lookups *engine)
{
	engine->ending = share;
	engine->sharing = timer_new(engine->loop, share_early, engine);
	return engine->sharing != NULL;
}

void
publish_stop(struct lookups *engine)
{
	for (struct lookup *q = engine->begun; q != NULL; q = q->next)
		q->learned = 0;
}

void
publish_end(struct lookups *engine)
{
	timer_free(engine->sharing);
}
