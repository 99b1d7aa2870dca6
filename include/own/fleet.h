/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/fleet.h - what nodes that share a Redis tell each other of their own evidence.
 *
 * A record of one node reaches the others within some seconds: each reads the stream that
 * all of them write to.  A node that starts reads what has been told in the last days.
 * Records may come twice, and late.  Without a Redis nothing is told; while it is down, what
 * was to be told waits.  Whoever can write to Redis is believed.
 */
#ifndef RELAYGUARD_OWN_FLEET_H
#define RELAYGUARD_OWN_FLEET_H

#include <stdbool.h>
#include <stdint.h>

struct fleet;
struct loop;
struct upstream;

#define FLEET_RECORD_MAX 448 /* characters of a record */
#define FLEET_KEY_SIZE 32

/*
 * A record of another node, which is text that can be printed, and when it was told: no
 * later than now.  I/O thread.
 */
typedef void fleet_heard(void *arg, int64_t said, const char *record);

/* This node, under a name of its own.  Before the loop runs.  NULL: out of memory. */
struct fleet *fleet_new(struct loop *, struct upstream *, fleet_heard *, void *arg);

/* End, after the loop has stopped and upstream_free(); NULL is fine. */
void fleet_free(struct fleet *);

/* What is told first where not all can be. */
enum fleet_kind {
	FLEET_EVIDENCE, /* there may be a flood of it */
	FLEET_DECISION  /* that somebody is listed, or is not any more */
};

/*
 * Tell the others a record, which is text that can be printed, of at most FLEET_RECORD_MAX
 * characters (copied).  Any thread, never blocks.  What finds no room is lost, and counted.
 */
void fleet_tell(struct fleet *, enum fleet_kind, const char *record);

/*
 * The key by which all nodes hash what they do not tell in clear; until Redis has answered,
 * and without one, this node's own.  Any thread, never blocks.
 */
void fleet_key(struct fleet *, uint8_t out[FLEET_KEY_SIZE]);

#endif
