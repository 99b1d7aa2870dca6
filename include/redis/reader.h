/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/reader.h - replies in our own shape, out of a connection of hiredis.
 * One thread.
 *
 * hiredis takes memory for as many elements and bytes as are announced: here a
 * reply is refused as soon as it goes over its limits.
 */
#ifndef RELAYGUARD_REDIS_READER_H
#define RELAYGUARD_REDIS_READER_H

#include "redis/reply.h"

struct redisContext;

struct redisreader {
	struct redisreply_limits limits; /* of the reply being read */
	size_t parts;                    /* of it so far */
};

/* Take over the reader of a new connection; lives as long as that. */
void redisreader_begin(struct redisreader *, struct redisContext *);

enum reading { READING_REPLY, READING_WAITS, READING_NONSENSE };

/* Take the next reply out of what has come, which is then the caller's to free. */
enum reading redisreader_next(struct redisreader *, struct redisContext *,
    const struct redisreply_limits *, struct redisreply **);

#endif
