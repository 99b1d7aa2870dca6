/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logfile.h - the lines of a log, plain or by gzip, a file or standard input, in bounded
 * memory.  One thread; blocks on files.
 */
#ifndef RELAYGUARD_CTL_LOGFILE_H
#define RELAYGUARD_CTL_LOGFILE_H

#include <stdbool.h>
#include <stdint.h>

#define LOGFILE_LINE_MAX 8192 /* bytes, with the NUL: what is longer is nobody's of ours */

struct logfile;

/* Open a file, or standard input as "-".  NULL: errno says why. */
struct logfile *logfile_open(const char *path);
void logfile_close(struct logfile *);

/*
 * The next line, without its end; good until the next call.  A longer one than fits is left
 * out.  NULL: there is no more.
 */
char *logfile_next(struct logfile *);

/* Why there is no more, in a few words; NULL: the file has ended. */
const char *logfile_error(const struct logfile *);

/* How many bytes the file has, 0 if that is not known; how many of them are read. */
int64_t logfile_size(const struct logfile *);
int64_t logfile_offset(const struct logfile *);

#endif
