/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/doors.h - connections of clients that the milter sees, so that Postfix's policy
 * delegation does not decide on them, too.  Any thread, never blocks for long.
 *
 * Both name the client's address and port, and the address that it has come to: no two
 * connections that are open at a time have all three the same.
 */
#ifndef RELAYGUARD_SESSION_DOORS_H
#define RELAYGUARD_SESSION_DOORS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

/* A connection; port 0: not known, and so like no other. */
struct doors_key {
	struct ipaddr client, server; /* server: of no bits where it is not known */
	uint16_t port;                /* of the client */
};

/* Its place in what is known; begins zeroed, and is part of what the connection has. */
struct doors_entry {
	struct doors_entry *next, **at; /* at: NULL: it is not there */
	struct doors_key key;
};

/* The addresses are copied; server is as the MTA writes it, or NULL. */
struct doors_key doors_key(const struct ipaddr *client, uint16_t port, const char *server);

/* The milter sees that connection, from now on until the entry is taken out. */
void doors_enter(struct doors_entry *, const struct doors_key *);

/* Take it out; one that is not there is fine. */
void doors_leave(struct doors_entry *);

/* Whether the milter sees a connection. */
bool doors_has(const struct doors_key *);

#endif
