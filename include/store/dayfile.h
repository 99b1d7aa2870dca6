/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/dayfile.h - the decisions of a day in a SQLite file: a table "decisions" of time,
 * ref (its 40 bits as a number), line, policy, conf and at; and a table "hours" of hour, kind,
 * name, what and n: store/hours.h.  Blocks on files.  An open file belongs to one thread;
 * others, and other processes, may read it meanwhile.  A file that an earlier version has made
 * has no at: it is read as well, and gets it when it is written.
 */
#ifndef RELAYGUARD_STORE_DAYFILE_H
#define RELAYGUARD_STORE_DAYFILE_H

#include <stdint.h>

/* One decision; its texts are borrowed. */
struct store_row {
	int64_t time;       /* in clock_wall() */
	const char *ref;    /* base/random.h */
	const char *line;   /* as the log has it */
	const char *policy; /* or NULL */
	const char *conf;   /* checksum of the configuration, or NULL */
	const char *at;     /* "file:line" of the policy in it, or NULL */
};

/* What was counted in an hour; its texts are borrowed. */
struct dayfile_count {
	int64_t hour;     /* its first second, in clock_wall() */
	const char *kind; /* this and what follows: store/hours.h */
	const char *name;
	const char *what;
	int64_t n;
};

enum dayfile_fault {
	DAYFILE_GOOD,
	DAYFILE_FULL,    /* the disk, or the file by its limit */
	DAYFILE_CORRUPT, /* it is no such file, or no more */
	DAYFILE_FAILED   /* anything else */
};

struct dayfile;

/*
 * Open the file of a day to be written, and make it if it is not there, of at most so many
 * bytes.  NULL: *fault says what it is, and *error, in SQLite's words, why.
 */
struct dayfile *dayfile_open(
    const char *folder, int day, int64_t size, enum dayfile_fault *fault, const char **error);

/* A transaction: begin, add rows and to counts, and end it, which of a fault makes nothing of all and returns
 * the fault.  *error is set where there is one. */
enum dayfile_fault dayfile_begin(struct dayfile *, const char **error);
enum dayfile_fault dayfile_add(struct dayfile *, const struct store_row *, const char **error);
enum dayfile_fault dayfile_count(
    struct dayfile *, const struct dayfile_count *, const char **error);
enum dayfile_fault dayfile_end(struct dayfile *, enum dayfile_fault, const char **error);

/* Close and free; NULL is fine. */
void dayfile_close(struct dayfile *);

/* Call fn with each row of a reference in the file of a day, the last one first; how many.
 * A file that cannot be read has none. */
int dayfile_find(const char *folder, int day, uint64_t ref,
    void (*fn)(void *arg, const struct store_row *), void *arg);

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
enum dayfile_fault dayfile_read(const char *folder, int day, int64_t since,
    const struct dayfile_reader *, const char **error);

#endif
