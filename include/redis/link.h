/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/link.h - one connection to one Redis or Sentinel, made again whenever it
 * is lost.  I/O thread only.
 *
 * It bounds how long a reply may take and how large it may be.  Whatever goes
 * wrong ends the connection: one that owes a reply is never used again.
 */
#ifndef RELAYGUARD_REDIS_LINK_H
#define RELAYGUARD_REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/node.h"
#include "redis/reply.h"

struct loop;
struct redislink;
struct redistls;

/* It can be used, or cannot any more.  It is not to be freed from within. */
typedef void redislink_notice(void *arg, bool up);

/* To whom, and how; the texts are borrowed for as long as the link lives. */
struct redislink_spec {
	const char *name;            /* in the log; copied */
	const struct endpoint *node; /* copied; NULL: path */
	const char *path;            /* of a unix socket */
	const char *user, *password; /* or NULL */
	unsigned db;
	bool sentinel;        /* it is none that keeps values */
	bool master;          /* it is to be one, by its own word */
	struct redistls *tls; /* or NULL; borrowed as well */
	int64_t connect_ms;   /* patience with a connection, and with a command */
	int64_t command_ms;
	redislink_notice *notice; /* or NULL */
	void *arg;
};

/* A link that connects by and by; NULL: out of memory. */
struct redislink *redislink_new(struct loop *, const struct redislink_spec *);

/*
 * Free it: what is still asked is done within this call, without a reply.  Not
 * from within a callback of this link; NULL is fine.
 */
void redislink_free(struct redislink *);

/*
 * A reply, good during the callback; NULL: there is none.  Returns NULL if it is
 * one that may be given, else why the connection is to end: as text that stays.
 */
typedef const char *redislink_done(void *arg, struct redislink *, const struct redisreply *);

/*
 * Send a command.  done (NULL: nobody wants to know) is called once, within
 * command_ms, and never from within this call.  False: nothing was sent, as the
 * link is down or has too much to do; done is not called.
 */
bool redislink_ask(struct redislink *, const struct redisreply_limits *, size_t argc,
    const char *const *argv, redislink_done *done, void *arg);

/* Whether it has been greeted; whether it is known to be down; neither: not yet known. */
bool redislink_up(const struct redislink *);
bool redislink_down(const struct redislink *);

/* The server's name in the log, and its address, which a unix socket has not. */
const char *redislink_name(const struct redislink *);
const struct endpoint *redislink_node(const struct redislink *);

#endif
