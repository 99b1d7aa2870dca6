/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/localqueue.h - what is to be written of the own list and its evidence, in its order, and
 * the thread that waits for it.  Any thread, and nobody who adds waits.
 */
#ifndef RELAYGUARD_OWN_LOCALQUEUE_H
#define RELAYGUARD_OWN_LOCALQUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "own/localfile.h"
#include "own/locallist.h"
#include "own/witnesses.h"

#define LOCALQUEUE_MAX 4096 /* items that wait */

enum localitem_kind {
	LOCALITEM_ENTRY, /* it has changed */
	LOCALITEM_HIT,
	LOCALITEM_WITNESS
};

struct localitem {
	struct localitem *next;
	enum localitem_kind kind;
	struct local_entry entry;
	enum local_change change; /* of the entry, */
	enum local_reason reason; /* for that reason */
	struct local_hit hit;
	struct witness witness;
};

struct localqueue;

/* NULL: out of memory. */
struct localqueue *localqueue_new(void);
void localqueue_free(struct localqueue *);

/* Add an item (copied) at the end; false: there is no room, or it has been stopped. */
bool localqueue_add(struct localqueue *, const struct localitem *);

/* Take all that there is, the first one first, for localqueue_free_items(). */
struct localitem *localqueue_take(struct localqueue *);
void localqueue_free_items(struct localitem *);

/* Wait until there is something, for next_ms at most, and then for others, for batch_ms.  False:
 * it has been stopped. */
bool localqueue_await(struct localqueue *, int64_t next_ms, int64_t batch_ms);

/* Say that the thread has ended. */
void localqueue_end(struct localqueue *);

/* Stop, and wait so long for the thread to end; false: it has not. */
bool localqueue_stop(struct localqueue *, int64_t ms);

#endif
