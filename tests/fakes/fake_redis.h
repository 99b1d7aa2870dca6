/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_redis.h - what a test may do with the Redis of fake_redis.c: see and
 * change what it holds, and make it fail.
 *
 * Before the loop runs, or on its thread; on the fake loop at any time.
 */
#ifndef RELAYGUARD_FAKE_REDIS_H
#define RELAYGUARD_FAKE_REDIS_H

#include <stdbool.h>
#include <stdint.h>

enum fake_redis_mode {
	FAKE_REDIS_UP,
	FAKE_REDIS_DOWN,   /* cannot be reached: misses, at once */
	FAKE_REDIS_SLOW,   /* answers late: a miss, where it is past the caller's patience */
	FAKE_REDIS_GARBAGE /* every key has a value, and none means anything */
};

/* after_ms: how long an answer takes. */
void fake_redis_set_mode(enum fake_redis_mode, int64_t after_ms);

/* Put a value, as another node would; false: too many or too long. */
bool fake_redis_put(const char *key, const char *value, uint32_t ttl);

/* The value of a key and the seconds it has left, or NULL. */
const char *fake_redis_peek(const char *key, uint32_t *ttl);

/* Whether any key or value it ever held has text in it. */
bool fake_redis_saw(const char *text);

/* Put a record at the end of a stream, as another node would; false: it has no room. */
bool fake_redis_append(const char *key, const char *record);

/* How many records the streams have, and had put by redisstream_add(). */
unsigned fake_redis_records(void);

/* Lose a stream; from now on the clock that gives records their ids is so much slow. */
void fake_redis_lose_stream(const char *key, int64_t slow_ms);

/* Make what stands at a key (not copied) be no stream, until it is deleted. */
void fake_redis_break_stream(const char *key);

/* Take what is put, and lose the answer; or take nothing, being full.  Questions are answered. */
void fake_redis_lose_answers(bool);
void fake_redis_refuse(bool);

/* Forget all it holds; it is up and answers in a millisecond. */
void fake_redis_reset(void);

#endif
