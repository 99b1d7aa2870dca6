/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/localset.h - the networks of allow or of deny, written there and in files, and where
 * each of them stands.  Built by one thread, then read by any number of them; to build, and
 * to locate, may block on files.
 */
#ifndef RELAYGUARD_CONF_LOCALSET_H
#define RELAYGUARD_CONF_LOCALSET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/prefix.h"
#include "conf/netline.h"

struct place;
struct report;
struct section;

struct localset {
	enum netline_sense sense;
	struct prefix_set *set; /* NULL only where memory is out */
	size_t ninlines, nfiles;
	struct localset_inline *inlines;
	struct localset_file *files;
};

/*
 * Read a section and its files.  before: the same section of the configuration that runs,
 * or NULL: that a file holds far less than it did is a warning.  Mistakes go to the report.
 */
void localset_build(struct localset *, const struct section *, enum netline_sense,
    const struct localset *before, struct report *);
void localset_clear(struct localset *);

/* The bytes that it takes. */
size_t localset_bytes(const struct localset *);

/* Have each network taken that is written in the section itself, until one is not; whether
 * all were. */
bool localset_each_inline(const struct localset *, prefix_taker *, void *arg);

enum localset_found {
	LOCALSET_DEFAULT, /* it is there by default */
	LOCALSET_INLINE,  /* it is written in the section */
	LOCALSET_FILE,    /* in a file */
	LOCALSET_GONE     /* it was in a file, which has changed */
};

/*
 * Where a network of the set was written.  The lines of files are not kept: these are read
 * again, which takes seconds for millions of lines.  place gets the file, NULL where that
 * is the configuration, and the line; of what is gone, the line that names the first file.
 */
enum localset_found localset_locate(
    const struct localset *, const struct network *, struct place *place);

#endif
