/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/changes.h - what another configuration would have made of decisions, counted.  One
 * thread; bounded memory.
 */
#ifndef RELAYGUARD_CTL_CHANGES_H
#define RELAYGUARD_CTL_CHANGES_H

#include <stdint.h>

#include "base/random.h"
#include "ctl/names.h"
#include "ctl/replay.h"
#include "store/dayfile.h"

#define CHANGES_EXAMPLES 20
#define CHANGES_TEXT_MAX 64

/* A decision that would be another; texts are cut. */
struct changes_example {
	char ref[REF_LEN + 1];
	int64_t time; /* in clock_wall() */
	enum action then, now;
	char reason[CHANGES_TEXT_MAX], reason_now[CHANGES_TEXT_MAX];
	char policy[CHANGES_TEXT_MAX], policy_now[CHANGES_TEXT_MAX];
	char score[CHANGES_TEXT_MAX], score_now[CHANGES_TEXT_MAX]; /* "8/5"; or empty */
};

/* Names, and how often each was counted; the last is of all that found no room. */
struct changes_names {
	struct names names;
	uint64_t n[NAMES_MAX + 1];
};

struct changes {
	uint64_t decisions, same, differ, unknown;
	uint64_t bad;        /* rows that are no decision */
	uint64_t other;      /* made under another configuration than that of then */
	bool counted;        /* the store has counted something, so that this is known: */
	uint64_t passed;     /* let through in these hours, of which there is no row */
	int64_t first, last; /* in clock_wall(); 0: there was nothing */
	uint64_t change[ACTIONS][ACTIONS]; /* then and now, of those that differ */
	struct changes_names policies;     /* of those that differ: "then", or "then -> now" */
	struct changes_names lists;        /* ... that say another score than then */
	uint64_t gap[REPLAY_GAPS];         /* of those that are not known */
	struct changes_names open;         /* ... lists that were not heard */
	unsigned nexamples;
	struct changes_example example[CHANGES_EXAMPLES]; /* the first ones */
};

/* NULL: memory is out. */
struct changes *changes_new(void);
void changes_free(struct changes *);

/* Count a row; and what was counted of an hour. */
void changes_add(struct changes *, const struct replay *, const struct store_row *);
void changes_add_hour(struct changes *, const struct dayfile_count *);

/* Whether any decision could be replayed: else nothing is known. */
bool changes_replayed(const struct changes *);

/* The numbers of names in the order of their counts, the highest first; how many. */
int changes_order(const struct changes_names *, int out[NAMES_MAX + 1]);

/* A name by its number: that of all others is "...". */
const char *changes_name(const struct changes_names *, int number);

#endif
