/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sharedcache.h - facts that nodes share in Redis: under which key, and which of
 * them are believed.  I/O thread only.
 */
#ifndef RELAYGUARD_REDIS_SHAREDCACHE_H
#define RELAYGUARD_REDIS_SHAREDCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"

struct redis;
struct redis_value;

#define SHARED_CACHE_KEY_MAX 384 /* a key and its NUL */

/* The key of what a list says of a subject. */
void shared_cache_key(
    const struct subject *, const struct listing *, char key[SHARED_CACHE_KEY_MAX]);

/* Put a fact, unless it is not to be shared; when it ends there, no later than it expires, in
 * clock_ms(). */
int64_t shared_cache_put(
    struct redis *, const struct subject *, const struct listing *, const struct fact *);

/*
 * Read a value, which anybody may have written.  False: there is none, or none
 * that may be used.
 */
bool shared_cache_read(const struct listing *, const struct redis_value *, struct fact *);

#endif
