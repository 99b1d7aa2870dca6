/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datafile.h - the files of a data set, read from their first line to their last.  Blocks
 * on the files.
 */
#ifndef RELAYGUARD_DATA_DATAFILE_H
#define RELAYGUARD_DATA_DATAFILE_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/dataset.h"

#define DATA_FILES_MAX 8 /* of one set */

/* Where a data set is: as rbldnsd has it, some files that are read as one. */
struct data_source {
	enum data_format format;
	const char *subzone; /* of a combined set; NULL: its base */
	unsigned nfiles;
	const char *file[DATA_FILES_MAX];
	uint64_t size_max; /* bytes that each may have; 0: any number */
};

/* Who gets what is read, and hears of what is left out. */
struct data_taker {
	bool (*begin)(void *arg, enum data_format);
	bool (*entry)(void *arg, const struct data_entry *, const char *file, unsigned line);
	bool (*end)(void *arg, uint32_t common);
	/* A line that is left out; line 0: the file cannot be read, and fatal: nor can the set. */
	void (*complain)(
	    void *arg, const char *file, unsigned line, const char *why, bool fatal);
	void *arg;
};

/* What reading came to. */
struct data_reading {
	size_t lines, skipped;
	/* The file that ends within a line, or says that it has more than it has; or NULL. */
	const char *cut;
	/* When it was made and is over by the set's own word, in clock_wall(); 0: it has none. */
	int64_t made, expires;
};

/* Whether a file of it has more bytes than it may have. */
bool datafile_is_large(const struct data_source *, const struct stat *);

/* Read a set; now in clock_wall().  False: it cannot be read, which was said. */
bool datafile_read(
    const struct data_source *, const struct data_taker *, int64_t now, struct data_reading *);

#endif
