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
#include "store/writer.h"

#define STORE_QUEUE_MAX 32768 /* rows that wait to be written */
#define STORE_BATCH_MS 250    /* how long a row may wait for others */
#define STORE_RETRY_MS 1000   /* between two attempts where it cannot be written */
#define STORE_STOP_MS 3000    /* how long the end may take */

#define STORE_SETTLE_MS 5000 /* how long store_forget() waits for rows to be written */
#define STORE_FIND_MS 1000   /* and store_find() */

struct store;
struct store_copy;

/*
 * A store that has no thread yet; options are copied, but for those of Redis: copies go
 * there (NULL: nowhere), which outlives it.  NULL: out of memory.  Any thread.
 */
struct store *store_new(const struct store_options *, struct store_copy *);

/* Begin to write.  False: there can be no thread.  Once. */
bool store_start(struct store *);

/* Keep a row (copied), under the time that it is now.  Any thread, never blocks on files.
 * After store_stop(): nothing. */
void store_put(struct store *, const struct store_row *);

/* Who is told what is found. */
struct store_finder {
	void (*row)(void *arg, const struct store_row *);
	void (*unreadable)(void *arg, const char *path, const char *error);
	void *arg;
};

/*
 * After what waits now is written: tell of each decision of a reference, the last day first,
 * or, where there is none, of its copy; and of each file, or Redis, that cannot be read, and,
 * where there is none, of the folder if that cannot be, or if something waits still; how many
 * decisions there were, or -1: it is no reference.  Blocks on files.  Any thread but the I/O
 * thread.
 */
int store_find(struct store *, const char *ref, const struct store_finder *);

/* How many days it keeps, today included.  Any thread. */
int store_keep(const struct store *);

/* Whether what is put can be written, as far as is known.  Any thread. */
bool store_is_up(const struct store *);

/* The bytes of all its files.  Blocks on files.  Any thread. */
int64_t store_size(const struct store *);

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

/*
 * Write what waits and end the thread, within STORE_STOP_MS; what is not written then is
 * counted, and said.  False: a file holds up the thread, which stays: the store is not to be
 * freed.
 */
bool store_stop(struct store *);

/* Stop and free; nobody uses it any more.  NULL is fine. */
void store_free(struct store *);

#endif
