/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/attempts.h - what a recipient tells of its client, for our own evidence (own/own.h).
 * On the thread of the session; never blocks.
 */
#ifndef RELAYGUARD_SESSION_ATTEMPTS_H
#define RELAYGUARD_SESSION_ATTEMPTS_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "own/own.h"

struct client;

/* The mail server that a client has come to: only itself says so in HELO. */
struct attempts_server {
	char *name;            /* what it is called, as names are compared; NULL: not known */
	struct ipaddr address; /* of no bits: not known */
};

/* All words are copied, and each may be NULL. */
void attempts_server_set(struct attempts_server *, const char *name, const char *address);
void attempts_server_clear(struct attempts_server *);

/* What a client's HELO is. */
enum attempts_helo {
	ATTEMPTS_HELO_FINE,   /* none of ours, or it may well be its own */
	ATTEMPTS_HELO_DOMAIN, /* a domain of ours itself, whose owner may have hosts elsewhere */
	ATTEMPTS_HELO_US      /* the name or the address of this server */
};

enum attempts_helo attempts_helo(const struct client *, const struct attempts_server *);

/* Whether a client's HELO is a domain that is known to let it send: by SPF, as far as that has
 * been asked for the message under way. */
bool attempts_helo_is_vouched(const struct client *);

/* Whether nothing that a client does is evidence: it has logged in, is allowed, of our own
 * networks, or trusted by an allow list, as far as lists have been heard;
 * late: or by one that has been asked and not heard yet. */
bool attempts_are_excused(struct client *, bool late);

/* Note what the MTA makes of a recipient, an argument of RCPT as it was typed; what it is
 * evidence for, as own_recipient() says it. */
uint8_t attempts_note(struct own *, struct client *, const struct attempts_server *,
    bool forges_helo, const char *recipient, enum own_outcome);

#endif
