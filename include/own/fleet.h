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

/* Who hears; I/O thread, but for the first key. */
struct fleet_ears {
	/* A record of another node, which is text that can be printed, when it was told, by
	 * this node's clock and no later than now, and how many seconds that of the other is
	 * ahead of it (negative: behind). */
	void (*record)(void *arg, int64_t said, int64_t ahead, const char *record);
	/* The key by which all nodes hash what they do not tell in clear, whenever it is
	 * another one; until Redis has answered, and without one, it is this node's own. */
	void (*key)(void *arg, const uint8_t key[FLEET_KEY_SIZE]);
	void *arg;
};

/* This node, under a name of its own; it is told a key at once.  Before the loop runs.  NULL:
 * out of memory. */
struct fleet *fleet_new(struct loop *, struct upstream *, const struct fleet_ears *);

/* Whether to tell and hear anything from now on: at first not.  Any thread. */
void fleet_use(struct fleet *, bool);

/* Whether others are heard, as far as is known.  I/O thread. */
bool fleet_is_heard(const struct fleet *);

/* Whether there may be others to tell anything: without them nothing need be written.  Any
 * thread. */
bool fleet_is_used(const struct fleet *);

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

#endif
