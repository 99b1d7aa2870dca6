/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/newfile.h - a file that takes the place of another one as a whole, or not at all: it is
 * written beside it, in the same folder.  One thread; blocks on files.
 */
#ifndef RELAYGUARD_CTL_NEWFILE_H
#define RELAYGUARD_CTL_NEWFILE_H

#include <stdbool.h>
#include <stdio.h>

#define NEWFILE_PATH_MAX 4096

struct newfile {
	FILE *out; /* to be written, and read */
	const char *path;
	char beside[NEWFILE_PATH_MAX];
};

/* Begin one that will be at a path, which is borrowed; EX_OK, or EX_CANTCREAT, or EX_TEMPFAIL
 * where another process is at it, which is said on stderr. */
int newfile_begin(struct newfile *, const char *path);

/* Move it there, once it is on the disk; or, where it is no good, take it away.  EX_OK, or
 * EX_IOERR: it could not be written, which is said on stderr, and what was there stays. */
int newfile_end(struct newfile *, bool good);

#endif
