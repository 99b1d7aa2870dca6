/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/storelog.h - the files of a store, read by who has the right to, whether the daemon runs
 * or not.  One thread; blocks on files.
 */
#ifndef RELAYGUARD_CTL_STORELOG_H
#define RELAYGUARD_CTL_STORELOG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ctl/logentry.h"
#include "store/dayfile.h"

struct conf;

/* Where a store is: in the folder, or where the configuration says.  What is NULL is what
 * the daemon has. */
struct storelog_place {
	const char *folder;
	const char *conf, *registry;
};

/* Read the configuration.  What it warns of goes to warnings, or nowhere (NULL).  NULL: what
 * is wrong was said on stderr. */
struct conf *storelog_conf(const struct storelog_place *, FILE *warnings);

/*
 * The folder, which conf names, or the configuration of the place where conf is NULL; EX_OK,
 * or EX_CONFIG: the configuration is wrong, or EX_NOINPUT: it has no store; which was said on
 * stderr.
 */
int storelog_find(const struct storelog_place *, const struct conf *, char folder[PATH_MAX]);

#define STORELOG_DAYS_MAX 36500

/* The time so many days ago, in clock_wall(), back to the full hour; 0 of 0. */
int64_t storelog_since(int64_t days);

/*
 * Tell the reader all that the files of a folder have from a time on, in clock_wall(), the
 * oldest first.  What cannot be read is said on stderr.  EX_OK; or what is wrong with one of
 * them: EX_NOPERM or EX_DATAERR, and the others have been read; or with the folder: EX_NOPERM,
 * or EX_NOINPUT: there is none, or nothing of a store in it.
 */
int storelog_read(const char *folder, int64_t since, const struct dayfile_reader *);

/* Whether something was read, by the status. */
bool storelog_is_readable(int status);

/* A row as a line of a log; false: it is none.  The entry points into the row. */
bool storelog_entry(struct logentry *, const struct store_row *);

/* How many seconds local time is ahead of UTC at a time: logs have stamps in local time. */
int64_t storelog_offset(int64_t time);

#endif
