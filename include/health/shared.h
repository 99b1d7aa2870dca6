/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/shared.h - nodes that share a Redis tell each other which list looks bad from
 * where they are.  I/O thread only.
 *
 * What another node says of a list is no more than a reason to test it: what it
 * sees may be the fault of its own resolver.
 */
#ifndef RELAYGUARD_HEALTH_SHARED_H
#define RELAYGUARD_HEALTH_SHARED_H

#include <stddef.h>
#include <stdint.h>

#include "lists/listing.h"
#include "base/ref.h"

struct fleet;
struct upstream;

/* This node, by a name of its own; NULL: out of memory. */
struct fleet *fleet_new(struct upstream *);
void fleet_free(struct fleet *);

/* Tell the others for ttl seconds that this node has suspended a list, and why. */
void fleet_say(struct fleet *, const struct listing *, const char *reason, uint32_t ttl);

#define FLEET_REASON_MAX 32

/* That another node has suspended a list. */
struct fleet_word {
	char node[REF_LEN + 1];
	char reason[FLEET_REASON_MAX]; /* small letters and hyphens */
	int64_t said;                  /* when, by its own clock_wall() */
};

/*
 * Hear what is said of a list.  heard is called once, with NULL where nothing is,
 * where it was this node, or where it was said longer ago than max_age seconds, or will
 * be.
 */
typedef void fleet_heard(void *arg, const struct fleet_word *);
void fleet_hear(
    struct fleet *, const struct listing *, uint32_t max_age, fleet_heard *heard, void *arg);

#endif
