/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/tls.h - TLS for connections to Redis, where hiredis was built with it.
 * Any thread.
 *
 * Whoever has a certificate of the authority is believed, under whatever name:
 * so it is one of the site's own, and never the world's.
 */
#ifndef RELAYGUARD_REDIS_TLS_H
#define RELAYGUARD_REDIS_TLS_H

#include <stdbool.h>
#include <stddef.h>

struct redisContext;
struct redistls;

/*
 * Read the certificate of the authority, and ours with its key (both or neither
 * NULL), from files.  NULL: why says what is wrong with them, or that there is
 * no TLS in this program.  May block on the files.
 */
struct redistls *redistls_new(
    const char *ca, const char *cert, const char *key, char *why, size_t whysize);
void redistls_free(struct redistls *); /* NULL is fine */

/* Speak TLS on a new connection of hiredis.  False: its errstr says why not. */
bool redistls_begin(struct redistls *, struct redisContext *);

#endif
