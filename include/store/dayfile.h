/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/dayfile.h - the decisions of a day in a SQLite file: a table "decisions" of time,
 * ref (its 40 bits as a number), line, policy, conf and at; and a table "hours" of hour, kind,
 * name, what and n: store/hours.h.  A table "copied" has the bytes that were put in Redis.
 * Blocks on files.  An open file belongs to one thread; others, and other processes, may read
 * it meanwhile.  A file that an earlier version has made has no at: it is read as well, and
 * gets it when it is written.
 */
#ifndef RELAYGUARD_STORE_DAYFILE_H
#define RELAYGUARD_STORE_DAYFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/database.h"

/* One decision; its texts are borrowed. */
struct store_row {
	int64_t time;       /* in clock_wall() */
	const char *ref;    /* base/random.h */
	const char *line;   /* as the log has it */
	const char *policy; /* or NULL */
	const char *conf;   /* checksum of the configuration, or NULL */
	const char *at;     /* "file:line" of the policy in it, or NULL */
	bool copied;        /* as found: it was put in Redis, without local parts */
};

/* What was counted in an hour; its texts are borrowed. */
struct dayfile_count {
	int64_t hour;     /* its first second, in clock_wall() */
	const char *kind; /* this and what follows: store/hours.h */
	const char *name;
	const char *what;
	int64_t n;
};

struct dayfile;

/*
 * Open the file of a day to be written, and make it if it is not there; its journal, which
 * stands beside it, gets about so many bytes.  NULL: *fault says what it is, and *error, in
 * SQLite's words, why.
 */
struct dayfile *dayfile_open(const char *folder, int day, int64_t journal,
    enum database_fault *fault, const char **error);

/* The bytes of the file, once all that is in its journal has gone into it. */
int64_t dayfile_bytes(struct dayfile *);

#define DAYFILE_ROW_BYTES 4096 /* the most that a row adds to it, and to its journal */

/* A transaction: begin, add rows and to counts, and end it, which of a fault makes nothing of all and returns
 * the fault.  *error is set where there is one. */
enum database_fault dayfile_begin(struct dayfile *, const char **error);
enum database_fault dayfile_add(struct dayfile *, const struct store_row *, const char **error);
enum database_fault dayfile_count(
    struct dayfile *, const struct dayfile_count *, const char **error);
enum database_fault dayfile_end(struct dayfile *, enum database_fault, const char **error);

/* Whether the file of the day in that folder is still the one that is open. */
bool dayfile_is_there(const struct dayfile *, const char *folder, int day);

/* Note, in a transaction, the bytes of rows of this day that were copied to Redis; and read
 * that in the file of a day, 0 where there is none. */
enum database_fault dayfile_note_copied(struct dayfile *, int64_t bytes, const char **error);
int64_t dayfile_copied(const char *folder, int day);

/* Close and free; NULL is fine. */
void dayfile_close(struct dayfile *);

/* Call fn with each row of a reference in the file of a day, the last one first; how many.
 * -1: it cannot be read, and *error says, in words that stay, why. */
int dayfile_find(const char *folder, int day, uint64_t ref,
    void (*fn)(void *arg, const struct store_row *), void *arg, const char **error);

/* Who is told what is in a file. */
struct dayfile_reader {
	void (*row)(
	    void *arg, const struct store_row *); /* their ref is NULL: the line has it */
	void (*count)(void *arg, const struct dayfile_count *);
	void *arg;
};

/*
 * Read all that is in the file of a day from a time on, in clock_wall(): counts first, then
 * rows as they were written.  Any process with a right to read it, whether it is being
 * written or not; where it is not, nothing is made beside it.  The fault, and *error, as above; what
 * was read until then has been told.
 */
enum database_fault dayfile_read(const char *folder, int day, int64_t since,
    const struct dayfile_reader *, const char **error);

#endif
