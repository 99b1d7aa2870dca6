/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/known.h - what is known of a subject without a question to a list: in memory, and in
 * Redis; and how it is forgotten in Redis.  Any thread but the I/O thread; waits for Redis
 * for KNOWN_WAIT_MS at most.
 */
#ifndef RELAYGUARD_LOOKUP_KNOWN_H
#define RELAYGUARD_LOOKUP_KNOWN_H

#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"

struct loop;
struct memcache;
struct promises;
struct upstream;

#define KNOWN_WAIT_MS 10000

/* Where facts are kept; borrowed, and outlives what is asked. */
struct known_places {
	struct memcache *memory;
	struct upstream *upstream;
	struct loop *loop;
	struct promises *promises;
};

enum known_redis {
	KNOWN_NO_REDIS, /* there is none */
	KNOWN_DOWN,     /* it did not answer, or not in time */
	KNOWN_ANSWERED
};

/* Facts by the lists of a roster; of others there is nothing. */
struct known {
	listset in_memory, in_redis;
	struct fact memory[LISTS_MAX], shared[LISTS_MAX];
	enum known_redis redis;
};

/* Find what is kept of a subject by these lists, which all are of its role. */
void known_find(const struct known_places *, const struct subject *, struct roster *,
    listset lists, struct known *);

/*
 * Delete the facts about a subject by these lists, which all are of its role and 1 or more,
 * from Redis; *n: how many there were.
 */
enum known_redis known_erase_shared(const struct known_places *, const struct subject *,
    struct roster *, listset lists, unsigned *n);

#endif
