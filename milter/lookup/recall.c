/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/recall.c - what other nodes know of the subject of a lookup: Redis is asked before
 * the lists are.
 */
#include "config.h"

#include "lookup/recall.h"

#include <stddef.h>

#include "base/counter.h"
#include "base/tally.h"
#include "lookup/inquiry.h"
#include "lookup/memcache.h"
#include "lookup/question.h"
#include "redis/redis.h"
#include "redis/sharedcache.h"
#include "upstream/upstream.h"

/* Of n lists that Redis was asked about, so many were not found there; up: it answered. */
static void
count_redis(size_t n, unsigned unheard, bool up)
{
	for (size_t i = unheard; i < n; i++)
		counter_add(COUNTER_REDIS_HITS);
	tally_add(TALLY_REDIS, TALLY_HIT, n - unheard);
	tally_add(TALLY_REDIS, up ? TALLY_MISS : TALLY_ERROR, unheard);
}

/* Of what Redis has nothing about somebody may have to be asked; not where it has something
 * against the subject, which may be enough. */
static void
choose_first(struct lookup *q, listset found, const struct fact *facts)
{
	bool against = false;

	for (unsigned i = 0; i < q->roster->n; i++)
		against |= listset_has(found, i) && facts[i].state == FACT_LISTED &&
		    q->roster->list[i]->worst > 0;
	if (!against)
		q->wanted |= q->first;
	else
		waiters_hold(&q->waiters, q->first & ~inquiry_claimed(q) & ~found);
}

static void
on_redis(void *arg, const struct redis_value *value)
{
	struct lookup *q = arg;
	struct fact facts[LISTS_MAX];
	listset found = shared_cache_read(value, q->roster, q->missing, facts, &q->shared);

	/* Not what is pending: a list may have fallen silent since, and its fact is here. */
	memcache_put_all(q->engine->memory, &q->subject.key, q->roster, found, facts, q->epoch);
	q->recalling = false;
	q->unasked &= ~found;
	choose_first(q, found, facts);
	/* Who waits is asked once whether all that is enough. */
	waiters_settle_all(&q->waiters, found, facts);
	waiters_wake(&q->waiters);
	if (!q->quiet)
		count_redis(listset_count(q->missing), listset_count(q->missing & ~found),
		    value->state != REDIS_AWAY);
	question_ask_wanted(q);
	inquiry_leave(q);
}

void
recall_begin(struct lookup *q)
{
	q->recalling = true;
	shared_cache_get(upstream_redis(q->engine->upstream), &q->subject, on_redis, q);
}
