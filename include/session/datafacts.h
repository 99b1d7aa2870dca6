/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/datafacts.h - what lists say whose entries are in files here, as facts of this moment,
 * which nobody keeps.  Any thread; never blocks.
 */
#ifndef RELAYGUARD_SESSION_DATAFACTS_H
#define RELAYGUARD_SESSION_DATAFACTS_H

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"

struct datalist;
struct datahealth;

/* All data that there is, up to a moment in clock_wall(). */
struct datamoment {
	uint64_t changes; /* until then */
	int64_t until;
};

/* The data of some lists as it is now: one version of each, in whatever roles it is looked at. */
struct datafacts {
	const struct roster *roster; /* borrowed */
	listset lists;               /* those that have data, ... */
	listset in_use;              /* ... and those whose data is there, and not too old */
	struct datamoment moment;
	struct datalist *data[LISTS_MAX];
};

/* Take the data of those of the lists that have some; datafacts_drop() gives it back, soon: it is
 * much memory, and may be out of date. */
void datafacts_take(struct datafacts *, const struct roster *, listset lists);
void datafacts_drop(struct datafacts *);

/* Whether what was taken then would be taken now. */
bool datafacts_hold(const struct datamoment *);

/* Those of whom their data alone tells: it is in use, or there is no zone to ask instead. */
listset datafacts_settled(const struct datafacts *);

/*
 * What these lists say of a subject, all of which cover it (listing_covers()), and are settled:
 * FACT_LISTED, FACT_CLEAR; FACT_ERROR where their codes are no answer, which health is told,
 * if it is not NULL; FACT_UNKNOWN where nothing is in use.
 */
void datafacts_find(const struct datafacts *, listset lists, const struct subject *,
    struct datahealth *, struct fact *facts);

#endif
