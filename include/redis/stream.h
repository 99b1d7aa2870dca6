/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/stream.h - short records that nodes hand one another by a stream of Redis, which
 * keeps the last few thousand of them for some days.  I/O thread only.
 */
#ifndef RELAYGUARD_REDIS_STREAM_H
#define RELAYGUARD_REDIS_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct redis;

#define REDISSTREAM_RECORD_MAX 512 /* bytes; a longer one is not read */
#define REDISSTREAM_READ_MAX 64    /* records of one question */

/* Where a record stands in its stream; the first has more than all zero. */
struct redisstream_id {
	uint64_t ms, seq;
};

/* Told where a record was put; NULL: it was not. */
typedef void redisstream_added(void *arg, const struct redisstream_id *);

/*
 * Add a record, a text of at most REDISSTREAM_RECORD_MAX bytes, at the end; the stream keeps
 * about `keep` of them, and ends ttl seconds after the last.  done is called once, within
 * command_ms or within this call.
 */
void redisstream_add(struct redis *, const char *key, const char *record, uint32_t keep,
    uint32_t ttl, redisstream_added *done, void *arg);

struct redisstream_record {
	struct redisstream_id id;
	const char
	    *data; /* good during the callback, not terminated; NULL: it is none of ours */
	size_t len;
};

/* Told n records, oldest first; -1: nobody can say. */
typedef void redisstream_read_done(void *arg, int n, const struct redisstream_record *);

/* Ask for the records that come after one, REDISSTREAM_READ_MAX at most; all zero: for the
 * oldest.  done is called once, as above. */
void redisstream_read(struct redis *, const char *key, const struct redisstream_id *after,
    redisstream_read_done *done, void *arg);

/* Ask for the last one alone. */
void redisstream_last(struct redis *, const char *key, redisstream_read_done *done, void *arg);

/* Whether one id is after another. */
static inline bool
redisstream_is_after(const struct redisstream_id *a, const struct redisstream_id *b)
{
	return a->ms != b->ms ? a->ms > b->ms : a->seq > b->seq;
}

/* Whether no other can be after it: nobody can add to a stream that has come to that. */
static inline bool
redisstream_is_end(const struct redisstream_id *id)
{
	return id->ms == UINT64_MAX && id->seq == UINT64_MAX;
}

#endif
