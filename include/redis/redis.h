/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/redis.h - get and put values in a shared Redis or Valkey.  I/O
 * thread only.
 *
 * Redis is never needed: down, slow, full, wrong password or talking nonsense
 * are a miss, one line in the log when it begins and one when it is over.  It
 * is tried again by itself, off the path of any mail.
 */
#ifndef RELAYGUARD_REDIS_H
#define RELAYGUARD_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/conf.h"
#include "redis/reply.h"

struct loop;
struct redis;

#define REDIS_VALUE_MAX 3072 /* a longer value is nonsense */

/* A client that connects by and by; options are copied.  NULL: out of memory. */
struct redis *redis_new(struct loop *, const struct redis_options *);

enum redis_value_state {
	REDIS_AWAY,  /* nobody can say */
	REDIS_NONE,  /* there is none */
	REDIS_FOUND, /* here it is */
	REDIS_ODD    /* there is what is nothing of ours: of another type, longer than
		      * REDIS_VALUE_MAX, or, where it was asked, without an end */
};

struct redis_value {
	enum redis_value_state state;
	const char
	    *data;    /* of REDIS_FOUND: good during the callback, not terminated; or NULL */
	size_t len;   /* at most REDIS_VALUE_MAX */
	int64_t ends; /* when its key does, in clock_ms(): no later, or 0: it was not asked */
};

typedef void redis_done(void *arg, const struct redis_value *);

/*
 * Ask for a value (key copied).  done is called exactly once, within command_ms, and never
 * from within this call unless memory is out.
 */
void redis_get(struct redis *, const char *key, redis_done *, void *arg);

/* The same, and when it ends. */
void redis_get_with_end(struct redis *, const char *key, redis_done *, void *arg);

/* Whether the last question had an answer; false before the first. */
bool redis_is_up(const struct redis *);

/* Told whether a key was there, and is gone: 1 or 0; -1: nobody can say. */
typedef void redis_deleted_done(void *arg, int64_t n);

/* Delete a key (copied).  done is called exactly once, as in redis_get(), or within this
 * call. */
void redis_delete(struct redis *, const char *key, redis_deleted_done *, void *arg);

/* Told whether a value was put. */
typedef void redis_set_done(void *arg, bool good);

/* Put a value for ttl seconds, 1 or more.  done (NULL: nobody wants to know) is called once,
 * within command_ms or within this call. */
void redis_set(struct redis *, const char *key, const char *value, uint32_t ttl,
    redis_set_done *, void *arg);

/* The same, unless there is a value: then that stays, and this one was not put. */
void redis_set_new(struct redis *, const char *key, const char *value, uint32_t ttl,
    redis_set_done *done, void *arg);

#define REDIS_COMMAND_NAME_MAX 16 /* with its NUL */

/* A command about one key; all is borrowed for the call. */
struct redis_command {
	size_t argc;                     /* 2 to REDISROUTE_ARGC_MAX (redis/route.h) */
	const char *const *argv;         /* its name, and the rest */
	const char *key;                 /* which of that is the key; NULL: argv[1] */
	struct redisreply_limits limits; /* of the reply */
	bool now;                        /* not to wait for a connection that is being made */
};

/*
 * The reply, good during the callback; NULL: there is none, or it was an error, which has
 * been logged.  Returns NULL, or, where it is nonsense, what is, as text that stays.
 */
typedef const char *redis_command_done(void *arg, const struct redisreply *);

/* Send it.  done is called exactly once, within command_ms or within this call. */
void redis_command(
    struct redis *, const struct redis_command *, redis_command_done *done, void *arg);

/*
 * End: every question still open is done as a miss, within this call.  Not from
 * within a redis_done; NULL is fine.
 */
void redis_free(struct redis *);

#endif
