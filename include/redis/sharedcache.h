/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sharedcache.h - facts that nodes share in Redis: one value for each subject
 * (redis/sharedvalue.h), and which of it is believed.  I/O thread only.
 */
#ifndef RELAYGUARD_REDIS_SHAREDCACHE_H
#define RELAYGUARD_REDIS_SHAREDCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"
#include "redis/redis.h"

#define SHARED_CACHE_KEY_MAX 320 /* a key and its NUL */

/* The key of a subject's value. */
void shared_cache_key(const struct subject *, char key[SHARED_CACHE_KEY_MAX]);

/* Ask for the value of a subject, as redis_get_with_end() does. */
void shared_cache_get(struct redis *, const struct subject *, redis_done *, void *arg);

/*
 * Read what a value, which anybody may have written, says of those lists of a roster, into
 * their places in facts; which lists that was.  *state, that of the value, becomes REDIS_ODD
 * where it is none.
 */
listset shared_cache_read(const struct redis_value *, const struct roster *, listset,
    struct fact *facts, enum redis_value_state *state);

/* When a fact ends once it is shared, in clock_ms(): somewhat earlier, and for each subject
 * by as much. */
int64_t shared_cache_end(const struct fact *, const struct subject *);

/*
 * Put what those lists of a roster say of a subject beside what is there, or, where that was
 * seen to be nothing of ours, in its place.  Facts that are not to be shared are left out.
 */
void shared_cache_put(struct redis *, const struct subject *, const struct roster *, listset,
    const struct fact *facts, enum redis_value_state seen);

#endif
