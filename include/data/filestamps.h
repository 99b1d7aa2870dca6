/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/filestamps.h - what tells that the files of data are others than before.  Looks at them,
 * which may block.
 */
#ifndef RELAYGUARD_DATA_FILESTAMPS_H
#define RELAYGUARD_DATA_FILESTAMPS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "data/datafile.h"

#define FILESTAMPS_SETS_MAX 16

struct filestamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written;
};

struct filestamps {
	struct filestamp file[FILESTAMPS_SETS_MAX * DATA_FILES_MAX];
	int64_t newest[FILESTAMPS_SETS_MAX]; /* when the last one of each set was written */
	const char *missing; /* the first one that cannot be looked at, of the sets; or NULL */
	int error;           /* of that: errno(3) */
	const char *large;   /* the first one that has more bytes than it may have; or NULL */
	off_t size;          /* of that */
};

/* Look at the files of so many sets, FILESTAMPS_SETS_MAX at most. */
void filestamps_take(struct filestamps *, const struct data_source *, unsigned n);

/* Whether the same files were there, as they are. */
bool filestamps_equal(const struct filestamps *, const struct filestamps *);

/* Whether one was written so short a time ago that somebody may still be at it; now in
 * clock_wall(). */
bool filestamps_settle(const struct filestamps *, int64_t now);

#endif
