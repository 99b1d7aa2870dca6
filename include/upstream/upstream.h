/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * upstream/upstream.h - whom we ask: the DNS servers and the Redis of the running
 * configuration.  I/O thread only, but for upstream_configure() and
 * upstream_ask_state().
 */
#ifndef RELAYGUARD_UPSTREAM_H
#define RELAYGUARD_UPSTREAM_H

#include <stdbool.h>

#include "redis/conf.h"

struct dns;
struct loop;
struct promise;
struct promises;
struct redis;
struct upstream;

/* Nobody to ask yet; NULL: out of memory. */
struct upstream *upstream_new(struct loop *);

/* End, after the loop has stopped: what is still asked is answered as failed. */
void upstream_free(struct upstream *);

/*
 * Use these DNS servers (NULL-terminated; NULL or empty: /etc/resolv.conf) and
 * this Redis (NULL: none) from now on.  Both are copied; one that is the same
 * as before goes on as it is.  Any thread; done soon, on the I/O thread.
 */
void upstream_configure(struct upstream *, char *const *servers, const struct redis_options *);

/*
 * Whom to ask: these servers (NULL-terminated, read within the call; a list's own), or the
 * common ones where there are none; NULL: nobody can be asked.
 */
struct dns *upstream_dns(struct upstream *, char *const *servers);

/* The common ones, for what is no list's; NULL: nobody. */
struct dns *upstream_resolver(struct upstream *);

/*
 * Keep a promise with how the common DNS servers and Redis are, to be read by the functions
 * below.  Any thread, never blocks.  NULL: out of memory.
 */
struct promise *upstream_ask_state(struct upstream *, struct promises *);

#define UPSTREAM_SERVERS_MAX 16 /* DNS servers that are told of */

/* How many DNS servers there are; whether one answers; and whether there is a Redis, and
 * it answers. */
unsigned upstream_state_servers(int state);
bool upstream_state_server_is_up(int state, unsigned server);
bool upstream_state_has_redis(int state);
bool upstream_state_redis_is_up(int state);

/* The shared Redis, or NULL. */
struct redis *upstream_redis(struct upstream *);

#endif
