/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/recall.c - what other nodes know of the subject of a lookup: Redis is asked before
 * the lists are.
 */
#include "config.h"

#include "lookup/recall.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/tally.h"
#include "lookup/inquiry.h"
#include "lookup/memcache.h"
#include "lookup/question.h"
#include "redis/redis.h"
#include "redis/sharedcache.h"
#include "upstream/upstream.h"

/* Keep what Redis has, and pass it on. */
static void
take(struct question *question)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];

	q->unasked &= ~((listset)1 << question->list);
	memcache_put(q->engine->memory, &q->subject.key, listing->id, &question->fact);
	waiters_settle(&q->waiters, question->list, &question->fact);
}

/*
 * A listing is kept for no longer than its key is: when it ends stands in the value, too,
 * but by the clock of whoever wrote it.
 */
static void
on_left(void *arg, int64_t ms)
{
	struct question *question = arg;
	struct lookup *q = question->lookup;
	int64_t left = ms >= 0 ? ms : FACT_TTL_LISTED_MIN * 1000;

	if (clock_ms() + left < question->fact.expires)
		question->fact.expires = clock_ms() + left;
	q->recalling &= ~((listset)1 << question->list);
	if (ms != 0)
		take(question);
	else
		question->fact = (struct fact){.state = FACT_UNKNOWN};
	question_ask_wanted(q);
	inquiry_leave(q);
}

/* Use a value of Redis, if it is one. */
static bool
believe(struct lookup *q, unsigned list, const struct redis_value *value)
{
	const struct listing *listing = q->roster->list[list];
	struct question *question = &q->questions[list];
	char key[SHARED_CACHE_KEY_MAX];
	struct fact fact;

	if (!shared_cache_read(listing, value, &fact))
		return false;
	question->fact = fact;
	if (fact.state != FACT_LISTED) {
		take(question);
		return true;
	}
	q->open++;
	shared_cache_key(&q->subject, listing, key);
	redis_left(upstream_redis(q->engine->upstream), key, on_left, question);
	return true;
}

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
choose_first(struct lookup *q)
{
	listset listed = 0;
	bool against = false;

	for (unsigned i = 0; i < q->roster->n; i++)
		if (q->questions[i].fact.state == FACT_LISTED) {
			listed |= (listset)1 << i;
			against = against || q->roster->list[i]->worst > 0;
		}
	if (!against)
		q->wanted |= q->first;
	else
		waiters_hold(&q->waiters, q->first & ~q->wanted & ~listed);
	q->recalling &= listed;
}

static void
on_redis(void *arg, size_t n, const struct redis_value *values)
{
	struct lookup *q = arg;
	unsigned unheard = 0;
	size_t k = 0;
	bool up = upstream_redis(q->engine->upstream) != NULL &&
	    redis_is_up(upstream_redis(q->engine->upstream));

	/* Not what is pending: a list may have fallen silent since, and its value is here. */
	for (unsigned i = 0; i < q->roster->n && k < n; i++)
		if (listset_has(q->missing, i) && !believe(q, i, &values[k++]))
			unheard++;
	if (!q->quiet)
		count_redis(k, unheard, up);
	choose_first(q);
	question_ask_wanted(q);
	inquiry_leave(q);
}

void
recall_begin(struct lookup *q)
{
	char text[LISTS_MAX][SHARED_CACHE_KEY_MAX];
	const char *keys[LISTS_MAX];
	size_t n = 0;

	q->recalling = q->missing;
	for (unsigned i = 0; i < q->roster->n; i++) {
		if (!listset_has(q->missing, i))
			continue;
		shared_cache_key(&q->subject, q->roster->list[i], text[n]);
		keys[n] = text[n];
		n++;
	}
	redis_get(upstream_redis(q->engine->upstream), n, keys, on_redis, q);
}
