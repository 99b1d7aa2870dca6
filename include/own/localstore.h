/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/localstore.h - the own list between restarts, and its evidence: a queue, and a thread
 * that empties it into local.db beside the store's files, or into memory where there is no
 * store.  Mail never waits for it: what finds no room is dropped and counted.
 */
#ifndef RELAYGUARD_OWN_LOCALSTORE_H
#define RELAYGUARD_OWN_LOCALSTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "own/localfile.h"
#include "own/locallist.h"
#include "own/witnesses.h"

struct localstore;

#define LOCALSTORE_BATCH_MS 250 /* how long they may wait for others */
#define LOCALSTORE_STOP_MS 3000 /* how long the end may take */

/*
 * For a list, which outlives it, before other threads know that; folder: NULL: in memory
 * alone; no_names: without names, HELO and local parts.  NULL: out of memory.
 */
struct localstore *localstore_new(struct locallist *, const char *folder, bool no_names);

/* Read what there is into the list, and begin to write.  False: there can be no thread.  What
 * cannot be read or written is said, and nobody is kept from anything.  Blocks on files. */
bool localstore_start(struct localstore *);

/* Keep a hit (copied).  Any thread; never blocks. */
void localstore_hit(struct localstore *, const struct local_hit *);

/* Remove a client from the list, as locallist_remove() does, and write down by whom.  Any
 * thread but the I/O thread; blocks on files, as all that follows. */
enum local_removal localstore_remove(
    struct localstore *, const struct ipaddr *, const char *by, int64_t now);

/* What an operator says of a client; texts are borrowed. */
struct local_nomination {
	struct ipaddr client;
	const char *by, *why;
	const char *evidence; /* or NULL */
	int64_t until;
};

enum local_nominated {
	LOCAL_NOMINATED_NOTED,   /* without evidence: it lists nobody */
	LOCAL_NOMINATED_WAITS,   /* for a second operator, or an own observation */
	LOCAL_NOMINATED_LISTED,  /* there are two, or one and an own observation */
	LOCAL_NOMINATED_REFUSED, /* nobody can be listed at that address */
	LOCAL_NOMINATED_FULL,
	LOCAL_NOMINATED_FAILED /* it could not be written down */
};

/* Write a nomination down, and list the client where they suffice: until the soonest date. */
enum local_nominated localstore_nominate(
    struct localstore *, const struct local_nomination *, int64_t now);

/* Have fn called with each nomination here that has evidence, by the thread that makes it: so that
 * it may copy and wake.  Before other threads know the store. */
typedef void localstore_watcher(void *arg, const struct witness *);
void localstore_watch(struct localstore *, localstore_watcher *, void *arg);

/* Write down what an operator at another node has said, and list the client where that suffices
 * (copied).  Any thread; never blocks. */
void localstore_heard(struct localstore *, const struct witness *);

/* Tell all of a client, the last first.  False: it cannot be read; *error says why. */
bool localstore_read(struct localstore *, const struct ipaddr *, const struct local_reader *,
    const char **error);

/* Tell what people have asked for, so many at most, the last first. */
bool localstore_requests(
    struct localstore *, unsigned max, const struct local_reader *, const char **error);

/* Erase the evidence of a client and its audit, but not its entry; how many rows it was.
 * False: it cannot be; *error says why. */
bool localstore_forget(
    struct localstore *, const struct ipaddr *, unsigned *rows, const char **error);

/* Whether all can be written, as far as is known.  Any thread. */
bool localstore_is_up(const struct localstore *);

/* How many hits there were of a reason, kept or not.  Any thread. */
uint64_t localstore_hits(const struct localstore *, enum local_reason);

/* What found no room in the queue, or could not be written.  Any thread. */
uint64_t localstore_dropped(const struct localstore *);

/* Write what waits, and end the thread, within LOCALSTORE_STOP_MS; false: a file holds it up,
 * and it is not to be freed. */
bool localstore_stop(struct localstore *);

/* Stop and free; nobody uses it any more.  NULL is fine. */
void localstore_free(struct localstore *);

#endif
