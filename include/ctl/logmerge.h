/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logmerge.h - the decisions of several logs as if they were one, in the order of their
 * times: rotated files in any order, and those of several servers.  One thread; blocks on
 * files.
 */
#ifndef RELAYGUARD_CTL_LOGMERGE_H
#define RELAYGUARD_CTL_LOGMERGE_H

#include <stdint.h>

#include "ctl/logentry.h"

struct logmerge;

/* Is called now and then while lines are read, that of other programs too. */
typedef void logmerge_tick(const struct logmerge *, void *arg);

/*
 * Open the files, "-" for standard input; now is that of logentry_parse().  NULL: errno says
 * why, and *bad which of them, or NULL where memory is out.
 */
struct logmerge *logmerge_open(
    char *const *paths, int64_t now, logmerge_tick *tick, void *arg, const char **bad);
void logmerge_close(struct logmerge *);

/* The next decision; good until the next call.  NULL: there is no more. */
const struct logentry *logmerge_next(struct logmerge *);

/* How many lines begin as a decision of ours, and are none. */
uint64_t logmerge_bad(const struct logmerge *);

/* How many decisions have been read. */
uint64_t logmerge_decisions(const struct logmerge *);

/* How far the files have been read, in percent; -1: that is not known. */
int logmerge_percent(const struct logmerge *);

/* The name of file number i, and why it could not be read to its end, or NULL; false: there
 * is no such file. */
bool logmerge_error(const struct logmerge *, size_t i, const char **path, const char **why);

#endif
