/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logmerge.h - what is of interest in several logs, as if they were one, in the order of
 * its times: rotated files in any order, and those of several servers.  One thread; blocks on
 * files.
 */
#ifndef RELAYGUARD_CTL_LOGMERGE_H
#define RELAYGUARD_CTL_LOGMERGE_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

struct logmerge;

enum logmerge_line {
	LOGMERGE_OTHER, /* not of interest */
	LOGMERGE_ENTRY,
	LOGMERGE_BAD /* it begins as an entry, and is none */
};

/* What is of interest, and how it is read from a line. */
struct logmerge_kind {
	size_t size; /* of an entry */
	/* Read a line into an entry, which may point into it; its time as logstamp_read() has
	 * it.  now as there. */
	enum logmerge_line (*parse)(void *entry, const char *line, int64_t now, int64_t *time);
};

/* Is called now and then while lines are read, those not of interest too. */
typedef void logmerge_tick(const struct logmerge *, void *arg);

/*
 * Open the files, "-" for standard input; kind and paths are borrowed.  NULL: errno says why,
 * and *bad which of them, or NULL where memory is out.
 */
struct logmerge *logmerge_open(const struct logmerge_kind *, char *const *paths, int64_t now,
    logmerge_tick *tick, void *arg, const char **bad);
void logmerge_close(struct logmerge *);

/* The next entry; good until the next call.  NULL: there is no more. */
const void *logmerge_next(struct logmerge *);

/* How many lines begin as an entry, and are none. */
uint64_t logmerge_bad(const struct logmerge *);

/* How many entries have been read. */
uint64_t logmerge_entries(const struct logmerge *);

/* How far the files have been read, in percent; -1: that is not known. */
int logmerge_percent(const struct logmerge *);

/* The name of file number i, and why it could not be read to its end, or NULL; false: there
 * is no such file. */
bool logmerge_error(const struct logmerge *, size_t i, const char **path, const char **why);

/* Say on standard error which files could not be read to their ends; EX_OK, or EX_DATAERR. */
int logmerge_tell(const struct logmerge *);

#endif
