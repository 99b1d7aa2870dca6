/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/nodereport.h - nodes that share a Redis tell each other which list looks bad from
 * where they are.  I/O thread only.
 *
 * What another node says of a list is no more than a reason to test it: what it
 * sees may be the fault of its own resolver.
 */
#ifndef RELAYGUARD_HEALTH_NODEREPORT_H
#define RELAYGUARD_HEALTH_NODEREPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "lists/listing.h"

struct nodereports;
struct upstream;

/* This node, by a name of its own; NULL: out of memory. */
struct nodereports *nodereports_new(struct upstream *);
void nodereports_free(struct nodereports *);

/* Tell the others for ttl seconds that this node has suspended a list, and why. */
void nodereports_publish(
    struct nodereports *, const struct listing *, const char *reason, uint32_t ttl);

#define NODEREPORT_REASON_MAX 32

/* That another node has suspended a list. */
struct nodereport {
	char node[REF_LEN + 1];
	char reason[NODEREPORT_REASON_MAX]; /* small letters and hyphens */
	int64_t said;                       /* when, by its own clock_wall() */
};

/*
 * Hear what is said of a list.  heard is called once, with NULL where nothing is,
 * where it was this node, or where it was said longer ago than max_age seconds, or will
 * be.
 */
typedef void nodereports_read_done(void *arg, const struct nodereport *);
void nodereports_read(struct nodereports *, const struct listing *, uint32_t max_age,
    nodereports_read_done *heard, void *arg);

#endif
