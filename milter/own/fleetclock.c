/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/fleetclock.c - what Redis gives a record as its id begins with its time, which needs no
 * right that records do not need, and is that of the node of a Cluster which has them.
 */
#include "config.h"

#include "own/fleetclock.h"

#include <stddef.h>

#include "base/clock.h"
#include "redis/redis.h"
#include "redis/stream.h"

#define KEY "rg1:{own}:clock"
#define TTL 3600
#define AHEAD_MAX ((int64_t)1 << 40) /* seconds: a time that Redis made up is no time */

void
fleetclock_set(struct fleetclock *c, int64_t wall, uint64_t ms)
{
	int64_t ahead, moved;

	if (ms / 1000 > (uint64_t)AHEAD_MAX)
		return;
	ahead = wall - (int64_t)(ms / 1000);
	moved = ahead - c->ahead;
	c->known = true;
	if (moved < -1 || moved > 1)
		c->ahead = ahead;
}

int64_t
fleetclock_ours(const struct fleetclock *c, int64_t theirs, int64_t ahead)
{
	return theirs == 0 ? 0 : theirs - ahead + c->ahead;
}

static void
on_deleted(void *arg, int64_t n)
{
	(void)arg;
	(void)n;
}

/* Ids never go back, but clocks do: one that is not the first of its millisecond may say a time
 * that is over.  Where there is none, what is there may be no stream, or have come to its end. */
static void
on_added(void *arg, const struct redisstream_id *id)
{
	struct fleetclock *c = arg;

	c->asked = false;
	c->in_the_way = id == NULL || id->seq != 0;
	if (!c->in_the_way)
		fleetclock_set(c, clock_wall(), id->ms);
}

void
fleetclock_ask(struct fleetclock *c, struct redis *redis)
{
	if (c->asked)
		return;
	c->asked = true;
	if (c->in_the_way)
		redis_delete(redis, KEY, on_deleted, NULL);
	redisstream_add(redis, KEY, "t", 1, TTL, on_added, c);
}
