/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/dropboxes.h - mailboxes that somebody has sent mail from to themselves, as relay testers
 * do that collect there what came through; and who has tried each.  Bounded: where there are
 * too many, those are forgotten that nobody has tried for longest.  One thread at a time.
 */
#ifndef RELAYGUARD_OWN_DROPBOXES_H
#define RELAYGUARD_OWN_DROPBOXES_H

#include <stddef.h>
#include <stdint.h>

#include "base/assoc.h"
#include "base/ipaddr.h"

#define DROPBOXES_NETWORKS 8   /* that have tried a mailbox are remembered, */
#define DROPBOXES_DAYS 7       /* count for so many days, */
#define DROPBOXES_KEEP_DAYS 30 /* and are known to have been there for so many */

struct dropboxes;

/* NULL: out of memory. */
struct dropboxes *dropboxes_new(void);
void dropboxes_free(struct dropboxes *);

/* Hash with this secret from now on, as other nodes do: mailboxes of before are no longer found. */
void dropboxes_use_secret(struct dropboxes *, const uint8_t secret[ASSOC_SECRET_SIZE]);

/* The hash of n bytes, of a mailbox or of what else is told other nodes with it. */
uint64_t dropboxes_key(const struct dropboxes *, const void *bytes, size_t n);

/*
 * Note that a client has tried the mailbox of a hash, by the hash of a HELO, at a time in
 * seconds since 1970: how many others, by network (/16, of IPv6 /32) and HELO, had tried it
 * lately when this one came first.
 */
unsigned dropboxes_visit(struct dropboxes *, const struct ipaddr *client, uint64_t mailbox,
    uint16_t helo, uint32_t now);

#endif
