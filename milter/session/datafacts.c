/* SPDX-License-Identifier: BSD-2-Clause */
/* session/datafacts.c - the codes of an entry become the answer of a list. */
#include "config.h"

#include "session/datafacts.h"

#include <stddef.h>

#include "base/clock.h"
#include "data/datafeed.h"
#include "health/datahealth.h"

/* The data of a list; NULL: there is none to be used.  Lists of one label stand one after the
 * other and share a feed: the last one that was looked at, and what it had. */
static struct datalist *
take(struct datafeed *feed, int64_t now, int64_t *until, const struct datafeed **last,
    struct datalist *had)
{
	if (feed == *last)
		return had != NULL ? datalist_ref(had) : NULL;
	*last = feed;
	return datafeed_get(feed, now, until);
}

void
datafacts_take(struct datafacts *f, const struct roster *roster, listset lists)
{
	const struct datafeed *last = NULL;
	struct datalist *had = NULL;
	int64_t now = clock_wall();

	f->roster = roster;
	f->lists = lists & roster_data(roster);
	f->in_use = 0;
	f->moment = (struct datamoment){datafeed_changes(), INT64_MAX};
	for (unsigned i = 0; i < roster->n; i++) {
		if (!listset_has(f->lists, i))
			continue;
		had = f->data[i] =
		    take(roster->list[i]->data, now, &f->moment.until, &last, had);
		f->in_use |= had != NULL ? (listset)1 << i : 0;
	}
}

void
datafacts_drop(struct datafacts *f)
{
	for (unsigned i = 0; i < f->roster->n; i++)
		if (listset_has(f->in_use, i))
			datalist_unref(&f->data[i]);
	f->in_use = 0;
}

bool
datafacts_hold(const struct datamoment *moment)
{
	return moment->changes == datafeed_changes() && clock_wall() <= moment->until;
}

listset
datafacts_settled(const struct datafacts *f)
{
	return f->in_use | (f->lists & roster_local(f->roster));
}

/* The codes by which a list has the subject. */
static void
find_codes(const struct datafacts *f, unsigned list, const struct subject *subject,
    struct codeset *codes)
{
	const char *name;

	codes->n = 0;
	if (subject->name == NULL)
		datalist_find(f->data[list], &subject->key, codes);
	else if ((name = listing_asked_name(f->roster->list[list], subject)) != NULL)
		datalist_find_name(f->data[list], name, codes);
}

static void
find_one(const struct datafacts *f, unsigned list, const struct subject *subject, int64_t now,
    struct datahealth *health, struct fact *fact)
{
	const struct listing *listing = f->roster->list[list];
	enum anomaly anomaly;
	struct codeset codes;
	uint32_t bad;

	/* It holds for this moment; somebody was asked. */
	*fact = (struct fact){.state = FACT_CLEAR, .source = FACT_FROM_DATA, .expires = now};
	find_codes(f, list, subject, &codes);
	if (codes.n == 0)
		return;
	anomaly = listing_read(listing, codes.code, codes.n, fact, &bad);
	if (anomaly != ANOMALY_NONE)
		datahealth_odd(health, listing, anomaly, bad);
}

/* All memory that is needed is on its way before any of it is waited for. */
static void
fetch(const struct datafacts *f, listset lists, const struct ipaddr *address)
{
	for (unsigned step = 1; step <= DATALIST_FETCH_STEPS; step++)
		for (unsigned i = 0; i < f->roster->n; i++)
			if (listset_has(lists, i))
				datalist_fetch(f->data[i], address, step);
}

void
datafacts_find(const struct datafacts *f, listset lists, const struct subject *subject,
    struct datahealth *health, struct fact *facts)
{
	int64_t now = clock_ms();

	if (subject->name == NULL)
		fetch(f, lists & f->in_use, &subject->key);
	for (unsigned i = 0; i < f->roster->n; i++) {
		if (!listset_has(lists, i))
			continue;
		if (listset_has(f->in_use, i))
			find_one(f, i, subject, now, health, &facts[i]);
		else
			facts[i] = (struct fact){.state = FACT_UNKNOWN};
	}
}
