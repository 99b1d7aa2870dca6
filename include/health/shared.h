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

#include "base/random.h"
#include "lists/listing.h"

struct shared_health;
struct upstream;

/* This node, by a name of its own; NULL: out of memory. */
struct shared_health *shared_health_new(struct upstream *);
void shared_health_free(struct shared_health *);

/* Tell the others for ttl seconds that this node has suspended a list, and why. */
void shared_health_publish(
    struct shared_health *, const struct listing *, const char *reason, uint32_t ttl);

#define SHARED_REASON_MAX 32

/* That another node has suspended a list. */
struct shared_report {
	char node[REF_LEN + 1];
	char reason[SHARED_REASON_MAX]; /* small letters and hyphens */
	int64_t said;                   /* when, by its own clock_wall() */
};

/*
 * Hear what is said of a list.  heard is called once, with NULL where nothing is,
 * where it was this node, or where it was said longer ago than max_age seconds, or will
 * be.
 */
typedef void shared_health_read_done(void *arg, const struct shared_report *);
void shared_health_read(struct shared_health *, const struct listing *, uint32_t max_age,
    shared_health_read_done *heard, void *arg);

#endif
