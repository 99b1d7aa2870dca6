/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/trapped.h - the spam traps that a session has written to, until it is over, and how
 * what it said is shown without them.  Of one thread.
 */
#ifndef RELAYGUARD_SESSION_TRAPPED_H
#define RELAYGUARD_SESSION_TRAPPED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "own/traps.h"

struct client;
struct localstore;
struct own;
struct logrecord;

#define TRAPPED_MAX 8 /* hits of a session that count; of more, the last */

struct trapped {
	unsigned n;
	struct trapped_hit {
		const struct trap *trap; /* borrowed of the configuration */
		char *sender;            /* as typed */
		char ref[REF_LEN + 1];   /* of the decision, or empty */
		uint32_t at;             /* seconds since 1970 */
		bool deferred;           /* the reply was "later" */
	} hit[TRAPPED_MAX + 1]; /* the one behind them is written for what is no trap */
};

/* Keep a recipient, as it was typed, if it is a trap, with the reference of its decision;
 * whether it is.  How long that takes does not tell. */
bool trapped_note(struct trapped *, const struct traps *, const char *recipient,
    const struct client *, const char *ref, bool deferred);

/* Who is told of hits. */
struct trapped_listeners {
	struct own *own;
	struct localstore *store; /* or NULL */
};

/* The session is over: judge, log and keep what it has hit, and free that. */
void trapped_end(
    struct trapped *, const struct traps *, const struct trapped_listeners *, struct client *);

/* What is shown of a record in the place of what tells an address of a trap. */
struct trapped_shown {
	char to[TRAPS_SHOWN_SIZE], from[TRAPS_SHOWN_SIZE], helo[TRAPS_SHOWN_SIZE];
};

/* Have a record show traps by their ids: whom it is to, and a sender or a HELO that pretends
 * to be one.  Its texts are in shown then. */
void trapped_hide(struct logrecord *, const struct traps *, struct trapped_shown *shown);

/* The same of one path, which may be NULL. */
const char *trapped_hide_path(
    const char *path, const struct traps *, char shown[TRAPS_SHOWN_SIZE]);

#endif
