/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/fleetclock.h - how far this node's clock is ahead of that of the Redis which all nodes
 * share: so that what one has done at a time is known at the others by their own clocks, whatever
 * these say.  I/O thread, but for what is pure.
 */
#ifndef RELAYGUARD_OWN_FLEETCLOCK_H
#define RELAYGUARD_OWN_FLEETCLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct redis;

/* All zero: nothing is known yet. */
struct fleetclock {
	bool known, asked;
	bool in_the_way; /* what stands in Redis, of the clock or not */
	int64_t ahead;   /* seconds; negative: it is behind */
};

/* Ask for the time of Redis, unless that is under way.  The clock stays where it is until
 * upstream_free(). */
void fleetclock_ask(struct fleetclock *, struct redis *);

/* Take over that it was ms by Redis when it was that, in clock_wall(), here.  A difference of a
 * second is none: what was told before is to mean the same.  Pure. */
void fleetclock_set(struct fleetclock *, int64_t wall, uint64_t ms);

/* A time of another node's, whose clock is so far ahead of that of Redis, by ours; 0, which is
 * never, stays.  Pure. */
int64_t fleetclock_ours(const struct fleetclock *, int64_t theirs, int64_t ahead);

#endif
