/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/follower.h - one node's way through a stream of Redis (redis/stream.h): it reads on from
 * where it is, begins anew where the stream has become another one, and has deleted what nobody
 * can read, or add to.  I/O thread only.
 */
#ifndef RELAYGUARD_REDIS_FOLLOWER_H
#define RELAYGUARD_REDIS_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/stream.h"

struct redis;

/* Whose way it is; functions that are NULL are not called. */
struct redisfollower_owner {
	/* Whom to ask; NULL: nobody now. */
	struct redis *(*redis)(void *arg);
	/* A record, in the order of the stream; after a new beginning perhaps once more. */
	void (*record)(void *arg, const struct redisstream_record *);
	/* All that there was at that time, in clock_ms(), has been read. */
	void (*end)(void *arg, int64_t asked);
	/* It begins anew: what was told in the stream may have gone. */
	void (*anew)(void *arg);
	void *arg;
};

struct redisfollower {
	const char *key; /* of the stream; stays the caller's, */
	unsigned skip; /* after so many readings that fail while Redis answers, what is there is
			  * passed over: never if 0; */
	unsigned clear; /* and after so many it is deleted */
	struct redisfollower_owner owner;
	/* Its own: */
	struct redisstream_id last;  /* that was read, ... */
	struct redisstream_id least; /* ... and what comes before is never read again */
	int64_t asked;               /* for what comes after that, in clock_ms() */
	bool reading;
	unsigned pages; /* that may be asked for in this turn */
	bool doubted;   /* the last reading failed */
	unsigned strikes;
};

/* Another turn: read what comes next, of as many pages at most. */
void redisfollower_read(struct redisfollower *, unsigned pages);

/* Do not wait for the next turn, where this one has pages left. */
void redisfollower_hasten(struct redisfollower *);

/* Look where the stream ends: it may have been lost, or be that of another Redis. */
void redisfollower_check(struct redisfollower *);

/* Whether the last reading failed: then somebody is to see whether Redis answers at all, ... */
bool redisfollower_doubts(const struct redisfollower *);

/* ... and it has answered: it is the stream that cannot be read.  now: what the clock of Redis
 * has said of late, in its milliseconds; what is put after it is not passed over. */
void redisfollower_blame(struct redisfollower *, int64_t now);

#endif
