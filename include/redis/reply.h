/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/reply.h - what Redis has replied, apart from the library that read it.
 * Pure.
 */
#ifndef RELAYGUARD_REDIS_REPLY_H
#define RELAYGUARD_REDIS_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#define REDISREPLY_TEXT_MAX 3072 /* bytes of a text that are kept */

enum redisreply_type {
	REDISREPLY_STATUS,
	REDISREPLY_ERROR,
	REDISREPLY_STRING,
	REDISREPLY_INTEGER,
	REDISREPLY_NIL,
	REDISREPLY_ARRAY
};

struct redisreply {
	enum redisreply_type type;
	long long number;            /* of an integer */
	size_t len;                  /* bytes of the text as it came, or elements */
	struct redisreply **element; /* len of them; NULL: not read yet */
	char text[];                 /* and a NUL, cut at REDISREPLY_TEXT_MAX */
};

/* How large a reply may be. */
struct redisreply_limits {
	unsigned depth; /* of arrays in arrays; 0: none at all */
	size_t parts;   /* elements of all of them */
};

/* A text, an integer or nil; and an array without its elements.  NULL: out of memory. */
struct redisreply *redisreply_text(enum redisreply_type, const char *, size_t len);
struct redisreply *redisreply_number(long long);
struct redisreply *redisreply_array(size_t n);

/* Free it, and all it holds; NULL is fine. */
void redisreply_free(struct redisreply *);

/* Whether it is that status, or an error that begins with that word. */
bool redisreply_is(const struct redisreply *, const char *status);
bool redisreply_is_error(const struct redisreply *, const char *word);

/* Element i of an array, if there is one of that type; else NULL. */
const struct redisreply *redisreply_at(
    const struct redisreply *, size_t i, enum redisreply_type);

#endif
