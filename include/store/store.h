/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/store.h - the decisions whose reference somebody was told, kept on disk to be
 * explained later: a SQLite file a day (UTC), decisions-YYYYMMDD.db, written by a thread of
 * its own.  Mail never waits for it: what finds no room in the queue is dropped and counted.
 */
#ifndef RELAYGUARD_STORE_H
#define RELAYGUARD_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/dayfile.h"

#define STORE_QUEUE_MAX 32768 /* rows that wait to be written */
#define STORE_BATCH_MAX 1000  /* rows of a transaction */
#define STORE_BATCH_MS 250    /* how long a row may wait for others */
#define STORE_SETTLE_MS 5000  /* how long store_forget() waits for rows to be written */

struct store_options {
	char *path;   /* of the folder; NULL: nothing is stored */
	int keep;     /* days, today included */
	int64_t size; /* bytes of all files; also the most that one day may have */
	bool no_names;
};

struct store;

/* A store that has no thread yet; options are copied.  NULL: out of memory.  Any thread. */
struct store *store_new(const struct store_options *);

/* Remove what is too old, and begin to write.  False: there can be no thread.  Once. */
bool store_start(struct store *);

/* Keep a row (copied), under the time that it is now.  Any thread, never blocks on files.
 * After store_stop(): nothing. */
void store_put(struct store *, const struct store_row *);

/*
 * Call fn with each decision of a reference, the last day first; how many there were, or -1:
 * it is no reference.  Blocks on files.  Any thread.
 */
int store_find(struct store *, const char *ref, void (*fn)(void *arg, const struct store_row *),
    void *arg);

/* What became of the decisions about a client. */
struct store_forgotten {
	unsigned rows; /* that were erased */
	unsigned
	    failed; /* files of which not all could be, or that were set aside as damaged */
	const char *error; /* why the last of them could not be; or NULL */
	bool unwritten;    /* what still waited was not written in time */
};

/*
 * Erase all decisions about a client, by its address as lines have it, from all files, after
 * what waits now is written.  Blocks on files, for as long as it takes to read them all.  Any
 * thread.
 */
void store_forget(struct store *, const char *address, struct store_forgotten *);

/* Whether names and local parts are to be left out of what is kept. */
bool store_is_nameless(const struct store *);

/* Write what waits and end the thread; blocks on files. */
void store_stop(struct store *);

/* Stop and free; nobody uses it any more.  NULL is fine. */
void store_free(struct store *);

#endif
