/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datafeed.h - the data of a list as its files have it now: they are replaced while it is
 * in use, and what is no good is not taken.
 *
 * Any thread may look at the files, which blocks, one at a time; any thread may have what was
 * taken.
 */
#ifndef RELAYGUARD_DATA_DATAFEED_H
#define RELAYGUARD_DATA_DATAFEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/datalist.h"
#include "data/feedrules.h"

#define DATAFEED_FEW 20 /* so many entries may come or go, whatever the percentage is; */
#define DATAFEED_WIDE (UINT64_C(1) << 24) /* and fewer addresses of IPv4 may come */

struct datafeed;

/* A feed with one reference; NULL when memory is out.  Others come by data/datafeeds.h. */
struct datafeed *datafeed_new(const struct datafeed_rules *);
void datafeed_free(struct datafeed *); /* nobody has it, nor its data, any more */

/*
 * Have a new feed begin with what another one has that looks at the same files, and judges them
 * alike: they need not be read again.  Nothing, if somebody looks at them now.  Any thread; does
 * not block.
 */
void datafeed_adopt(struct datafeed *, struct datafeed *from);

/* By what it goes, as it keeps it. */
const struct datafeed_rules *datafeed_rules(const struct datafeed *);

/* What a look at the files has come to. */
enum datafeed_news {
	DATAFEED_SAME,       /* they are what they were at the last look */
	DATAFEED_TAKEN,      /* they are others, and in use from now on */
	DATAFEED_MISSING,    /* one is not there */
	DATAFEED_UNREADABLE, /* they cannot be read, or not be understood */
	DATAFEED_LARGE,      /* one has more bytes than it may have: none is read */
	DATAFEED_CUT,        /* one ends too early */
	DATAFEED_EMPTY,      /* they have no entries */
	DATAFEED_SHRUNK,     /* they have far fewer entries than there were */
	DATAFEED_GROWN,      /* they have far more */
	DATAFEED_REFUSED,    /* the judge does not take them */
	DATAFEED_NEWS
};

/* "taken", "missing", "unreadable", "large", "cut", "empty", "shrunk", "grown", "refused";
 * "same". */
const char *datafeed_news_name(enum datafeed_news);

#define DATAFEED_WHY_MAX 128

/* What is known of files that are others. */
struct datafeed_figures {
	size_t entries,
	    before;       /* of those that were looked at, and of those in use until then */
	size_t skipped;   /* lines */
	const char *file; /* the one at fault, or the first: as long as the feed is there */
	unsigned line;    /* of it, or 0 */
	/* unreadable: how; large: how large; refused: the judge's word; or empty */
	char why[DATAFEED_WHY_MAX];
};

/*
 * Look at the files, and take them if they are others and good; now in clock_wall().  Blocks on
 * them.  Each is told once; those that cannot be read are tried again every minute.  forced: how many entries there were does not matter, and what was
 * not taken is looked at again.
 */
enum datafeed_news datafeed_look(struct datafeed *, int64_t now, bool forced,
    datalist_complaint *, void *arg, struct datafeed_figures *);

/*
 * How long somebody has been looking at the files, in milliseconds, now in clock_ms(); 0: nobody
 * is.  Any thread; does not block.
 */
int64_t datafeed_busy(struct datafeed *, int64_t now);

/* The same of a look that has taken longer than that, and of which this function has not told
 * before; else 0. */
int64_t datafeed_say_busy(struct datafeed *, int64_t now, int64_t longer);

/*
 * What is in use, with a reference; NULL: there is nothing, or it is too old, and nobody knows
 * whom the list has.  *until becomes the last second of it, in clock_wall(), if that is earlier.
 * Any thread; does not block.
 */
struct datalist *datafeed_get(struct datafeed *, int64_t now, int64_t *until);

/* How often data has taken the place of other data, in all feeds: what datafeed_get() gives stays
 * the same as long as this does, up to *until. */
uint64_t datafeed_changes(void);

/* How a list's data is doing. */
struct datafeed_state {
	bool looked;                     /* somebody has looked at the files */
	bool known;                      /* there is data, and it is not too old */
	size_t entries, bytes;           /* in use, and the memory that they take */
	size_t skipped;                  /* lines of the files of what is in use */
	int64_t written;                 /* as datafeed_written() */
	const char *oldest;              /* the first file of the set that is so old, or NULL */
	int64_t expires;                 /* when it is too old, in clock_wall(); 0: never */
	uint64_t taken, refused;         /* times since the feed was made */
	enum datafeed_news last;         /* what the last look came to that came to something */
	struct datafeed_figures figures; /* of that */
};

/* Any thread; does not block; now in clock_wall(). */
void datafeed_state(struct datafeed *, int64_t now, struct datafeed_state *);

/* What there is to be said of a feed: a look has come to something; what is in use has become
 * too old, or is not too old any more. */
#define DATAFEED_SAY_NEWS 1U
#define DATAFEED_SAY_AGE 2U

/* The same, and what of it this function has not told of before: bits of those. */
unsigned datafeed_say(struct datafeed *, int64_t now, struct datafeed_state *);

/* When what is in use was written, or made by its own word, in clock_wall(): a set with the
 * newest of its files, and the list with the oldest of its sets; 0: there is nothing. */
int64_t datafeed_written(struct datafeed *);

#endif
