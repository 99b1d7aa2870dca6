/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/milterclients.h - connections of clients that the milter sees, so that Postfix's policy
 * delegation does not decide on them, too.  Any thread, never blocks for long.
 *
 * Both name the client's address and port, and the address that it has come to: no two
 * connections that are open at a time have all three the same.
 */
#ifndef RELAYGUARD_SESSION_MILTERCLIENTS_H
#define RELAYGUARD_SESSION_MILTERCLIENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

/* A connection; port 0: not known, and so like no other. */
struct milterclients_key {
	struct ipaddr client, server; /* server: of no bits where it is not known */
	uint16_t port;                /* of the client */
};

/* Its place in what is known; begins zeroed, and is part of what the connection has. */
struct milterclients_entry {
	struct milterclients_entry *next, **at; /* at: NULL: it is not there */
	struct milterclients_key key;
};

/* The addresses are copied; server is as the MTA writes it, or NULL. */
struct milterclients_key milterclients_key(
    const struct ipaddr *client, uint16_t port, const char *server);

/* The milter sees that connection, from now on until the entry is taken out. */
void milterclients_add(struct milterclients_entry *, const struct milterclients_key *);

/* Take it out; one that is not there is fine. */
void milterclients_remove(struct milterclients_entry *);

/* Whether the milter sees a connection. */
bool milterclients_has(const struct milterclients_key *);

#endif
