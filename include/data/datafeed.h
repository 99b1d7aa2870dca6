/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datafeed.h - the data of a list as its files have it now: they are replaced while it is
 * in use, and what is no good is not taken.
 *
 * One thread at a time looks at the files; any thread may have what was taken.
 */
#ifndef RELAYGUARD_DATA_DATAFEED_H
#define RELAYGUARD_DATA_DATAFEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/datalist.h"

#define DATAFEED_SETS_MAX 16

/* Where data is, and what is not taken; texts are borrowed. */
struct datafeed_rules {
	unsigned nsets;
	struct data_source set[DATAFEED_SETS_MAX];
	unsigned shrink; /* percent of the entries that there were: fewer are not taken; */
	unsigned grow;   /* nor are more; 0: as many as there are */
	int64_t max_age; /* seconds that the files may be old */
};

struct datafeed;

/* NULL when memory is out. */
struct datafeed *datafeed_new(const struct datafeed_rules *);
void datafeed_free(struct datafeed *); /* nobody has its data any more */

/* What a look at the files has come to. */
enum datafeed_news {
	DATAFEED_SAME,       /* they are what they were at the last look */
	DATAFEED_TAKEN,      /* they are others, and in use from now on */
	DATAFEED_MISSING,    /* one is not there, or cannot be read */
	DATAFEED_UNREADABLE, /* they cannot be understood */
	DATAFEED_CUT,        /* one ends too early */
	DATAFEED_EMPTY,      /* they have no entries */
	DATAFEED_SHRUNK,     /* they have far fewer entries than there were */
	DATAFEED_GROWN,      /* they have far more */
	DATAFEED_NEWS
};

/* "taken", "missing", "unreadable", "cut", "empty", "shrunk", "grown"; "same". */
const char *datafeed_news_name(enum datafeed_news);

/* What is known of files that are others. */
struct datafeed_figures {
	size_t entries,
	    before;     /* of those that were looked at, and of those in use until then */
	size_t skipped; /* lines */
};

/*
 * Look at the files, and take them if they are others and good; now in clock_wall().  Blocks on
 * them.  Each is told once.  forced: how many entries there were does not matter, and what was
 * not taken is looked at again.
 */
enum datafeed_news datafeed_look(struct datafeed *, int64_t now, bool forced,
    datalist_complaint *, void *arg, struct datafeed_figures *);

/*
 * What is in use, with a reference; NULL: there is nothing, or it is too old, and nobody knows
 * whom the list has.  Any thread; does not block.
 */
struct datalist *datafeed_get(struct datafeed *, int64_t now);

/* When the newest file of what is in use was written, in clock_wall(); 0: there is nothing. */
int64_t datafeed_written(struct datafeed *);

#endif
