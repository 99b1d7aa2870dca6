/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passshare.h - the page's passes of all nodes that share a Redis: one that was taken
 * at any of them is good at all of them within some seconds, and what it lets through counts
 * at all.  Mail never waits for that.  A node that starts reads what there is.  Without Redis
 * each node knows its own; what was not told then is told when Redis is back.
 */
#ifndef RELAYGUARD_SESSION_PASSSHARE_H
#define RELAYGUARD_SESSION_PASSSHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

struct loop;
struct passes;
struct passshare;
struct promises;
struct upstream;

/* Share these passes, which are the caller's and outlive it, as all else; nothing before
 * passshare_use().  Before the loop runs and other threads know them.  NULL: out of memory. */
struct passshare *passshare_new(
    struct loop *, struct upstream *, struct promises *, struct passes *);

/* Whether to share from now on.  Any thread. */
void passshare_use(struct passshare *, bool);

enum pass_claim {
	PASS_CLAIM_UNKNOWN, /* there is no Redis, or it has not answered: each node for itself */
	PASS_CLAIM_GOOD,    /* no node has given that network a pass in PASS_AGAIN_MS */
	PASS_CLAIM_TAKEN    /* one has */
};

/* Claim the pass of a network for this node, before it is given: of all nodes one gets it.
 * Waits up to deadline, in clock_ms().  Any thread but the I/O thread. */
enum pass_claim passshare_claim(struct passshare *, const struct network *, int64_t deadline);

/* End, after the loop has stopped and upstream_free(); NULL is fine. */
void passshare_free(struct passshare *);

#endif
