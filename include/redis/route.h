/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/route.h - to which Redis a question goes: the only one, the master that
 * Sentinels name, or the node of a Cluster that has the key.  I/O
 * thread only.
 */
#ifndef RELAYGUARD_REDIS_ROUTE_H
#define RELAYGUARD_REDIS_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/conf.h"
#include "redis/link.h"

struct loop;
struct redisroute;

/* A route to where the options say, which are copied; NULL: out of memory. */
struct redisroute *redisroute_new(struct loop *, const struct redis_options *);

/* Free it: what is still asked is done within this call, without a reply.  NULL is fine. */
void redisroute_free(struct redisroute *);

/* Whether keys of different slots have to be asked for apart. */
bool redisroute_is_split(const struct redisroute *);

/*
 * The reply, good during the callback, and who gave it; NULL: there is none.
 * Returns NULL, or why the connection is to end, as text that stays.
 */
typedef const char *redisroute_done(void *arg, const char *server, const struct redisreply *);

struct redisroute_question {
	unsigned slot;    /* of its keys */
	bool now;         /* not to wait for a connection that is being made */
	int64_t deadline; /* in clock_ms() */
	struct redisreply_limits limits;
	size_t argc; /* at most REDISROUTE_ARGC_MAX */
	const char *const *argv;
};

#define REDISROUTE_ARGC_MAX 8

/*
 * Ask.  done is called once, by the deadline, and never from within this call.
 * False: nobody can be asked, and done is not called.
 */
bool redisroute_ask(
    struct redisroute *, const struct redisroute_question *, redisroute_done *, void *arg);

#endif
