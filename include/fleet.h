/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fleet.h - nodes that share a Redis share the testing of lists: one tests,
 * all obey.  Rank 5; I/O thread only.
 *
 * What Redis says of a list is worth as much as what it says of addresses: it
 * can make the fleet do without a list, and never refuse by one.
 */
#ifndef RELAYGUARD_FLEET_H
#define RELAYGUARD_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "listing.h"

struct fleet;
struct upstream;

/* This node, as the others know it; NULL: out of memory. */
struct fleet *fleet_new(struct upstream *);
void fleet_free(struct fleet *);

/*
 * Ask whether this node is to test a list for the next ttl seconds.  done is
 * called once: true also where there is no Redis to ask.
 */
typedef void fleet_claimed(void *arg, bool ours);
void fleet_claim(
    struct fleet *, const struct listing *, uint32_t ttl, fleet_claimed *done, void *arg);

/* Tell the others for ttl seconds that a list is suspended, and why; NULL: that it is good. */
void fleet_say(struct fleet *, const struct listing *, const char *reason, uint32_t ttl);

#define FLEET_REASON_MAX 32

enum fleet_word { FLEET_NOTHING, FLEET_GOOD, FLEET_SUSPENDED };

/*
 * Hear what is said of a list.  heard is called once; reason is "" but for
 * FLEET_SUSPENDED.
 */
typedef void fleet_heard(void *arg, enum fleet_word, const char *reason);
void fleet_hear(struct fleet *, const struct listing *, fleet_heard *heard, void *arg);

#endif
