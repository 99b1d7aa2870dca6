/* SPDX-License-Identifier: BSD-2-Clause */
/* data/feedrules.h - by what the data of a list goes.  Pure. */
#ifndef RELAYGUARD_DATA_FEEDRULES_H
#define RELAYGUARD_DATA_FEEDRULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/datalist.h"
#include "data/filestamps.h"

#define DATAFEED_SETS_MAX FILESTAMPS_SETS_MAX

/* Where data is, and what is not taken.  Whoever gives them lends the texts. */
struct datafeed_rules {
	const char *label; /* of the list */
	unsigned nsets;
	struct data_source set[DATAFEED_SETS_MAX];
	unsigned shrink; /* percent of the entries that there were: fewer are not taken; */
	unsigned grow;   /* nor are more; 0: as many as there are */
	int64_t max_age; /* seconds that the files may be old; 0: as old as they are */
	/* Whether nothing else is against taking data; false, and a word in why.  What it goes
	 * by is copied and compared byte by byte.  NULL: nobody is asked. */
	bool (*judge)(const void *arg, const struct datalist *, char *why, size_t whysize);
	const void *judge_arg;
	size_t judge_size;
};

/* Copy them with their texts; what feedrules_clear() frees.  False: memory is out, and not all is
 * there. */
bool feedrules_copy(struct datafeed_rules *out, const struct datafeed_rules *);
void feedrules_clear(struct datafeed_rules *);

/* Whether the same files are looked at for the same list, and judged alike; and whether all is
 * the same. */
bool feedrules_same_files(const struct datafeed_rules *, const struct datafeed_rules *);
bool feedrules_equal(const struct datafeed_rules *, const struct datafeed_rules *);

#endif
