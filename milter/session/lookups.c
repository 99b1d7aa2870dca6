/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/lookups.c - what is known of one client: its address, and the names it goes
 * by.  Each has a lookup of its own, for others may ask the same.
 */
#include "config.h"

#include "session/lookups.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/tally.h"
#include "lookup/memcache.h"
#include "lookup/quota.h"

struct client_lookups {
	struct roster *roster; /* borrowed, as are memory and lookups */
	struct memcache *memory;
	struct lookups *lookups;
	struct ownfacts own;
	struct lookup *open[ROLES]; /* NULL: nothing is missing */
	listset asked;              /* about this client */
	listset unasked;            /* of these, those that its network has no question for */
	struct ipaddr client;
	unsigned per_minute; /* questions of its network */
	bool quiet;          /* no client asks, but an administrator */
	struct fact facts[];
};

struct client_lookups *
client_lookups_new(struct roster *roster, struct memcache *memory, struct lookups *lookups,
    const struct ownfacts *own, const struct ipaddr *client, unsigned per_minute, bool quiet)
{
	struct client_lookups *d = calloc(1, sizeof(*d) + roster->n * sizeof(d->facts[0]));

	if (d == NULL)
		return NULL;
	d->roster = roster;
	d->memory = memory;
	d->lookups = lookups;
	d->own = *own;
	d->client = *client;
	d->per_minute = quiet ? 0 : per_minute;
	d->quiet = quiet;
	for (unsigned i = 0; i < roster->n; i++)
		d->facts[i].state = FACT_CLEAR; /* of nobody there is nothing to say */
	return d;
}

void
client_lookups_free(struct client_lookups *d)
{
	if (d == NULL)
		return;
	for (unsigned role = 0; role < ROLES; role++)
		lookup_release(&d->open[role]);
	free(d);
}

/* Take from memory what is there and may be used; returns the lists it is of. */
static listset
recall(struct client_lookups *d, const struct subject *subject, listset wanted)
{
	listset known =
	    memcache_get(d->memory, &subject->key, d->roster, wanted, clock_ms(), d->facts);

	for (unsigned i = 0; i < d->roster->n; i++) {
		if (!listset_has(known, i) || listing_keeps(d->roster->list[i], &d->facts[i]))
			continue;
		d->facts[i] = (struct fact){.state = FACT_UNKNOWN};
		known &= ~((listset)1 << i);
	}
	return known;
}

/* Forget what was known of a role; returns the lists to be asked about the subject. */
static listset
clear_role(struct client_lookups *d, const struct subject *subject)
{
	listset wanted = 0;

	lookup_release(&d->open[subject->role]);
	for (unsigned i = 0; i < d->roster->n; i++) {
		const struct listing *list = d->roster->list[i];

		if (list->role != subject->role)
			continue;
		d->asked &= ~((listset)1 << i);
		d->unasked &= ~((listset)1 << i);
		d->facts[i] = (struct fact){.state = FACT_CLEAR};
		if (!listing_covers(list, subject))
			continue;
		d->facts[i].state = FACT_UNKNOWN;
		wanted |= (listset)1 << i;
	}
	return wanted;
}

/* Look at the lists of own evidence that were asked about the client's address: what they say
 * is what is so now. */
static void
look_at_own(struct client_lookups *d)
{
	for (unsigned i = 0; i < d->roster->n; i++)
		if (d->roster->list[i]->own && listset_has(d->asked, i))
			ownfacts_find(&d->own, d->roster->list[i], &d->client, &d->facts[i]);
}

/* Join who asks already, which costs nothing, or ask. */
static void
ask(struct client_lookups *d, const struct subject *subject, listset missing)
{
	struct lookup **q = &d->open[subject->role];
	enum quota quota = subject->role == ROLE_ADDRESS ? QUOTA_ADDRESS : QUOTA_NAME;

	if ((*q = lookup_join(d->lookups, subject, d->roster)) != NULL)
		return;
	if (quota_take(&d->client, quota, d->per_minute))
		*q = lookup_start(d->lookups, subject, d->roster, d->facts, missing,
		    d->quiet ? LOOKUP_QUIET : 0);
	else
		d->unasked |= missing;
}

static void
count(listset wanted, listset missing)
{
	tally_add(TALLY_MEMORY, TALLY_HIT, listset_count(wanted & ~missing));
	tally_add(TALLY_MEMORY, TALLY_MISS, listset_count(missing));
	if (missing == 0)
		counter_add(COUNTER_MEMORY_HITS);
}

void
client_lookups_open(struct client_lookups *d, const struct subject *subject)
{
	listset wanted = clear_role(d, subject), missing;

	if (wanted == 0)
		return;
	d->asked |= wanted;
	look_at_own(d);
	if ((wanted &= ~roster_own(d->roster)) == 0)
		return;
	missing = wanted & ~recall(d, subject, wanted);
	if (!d->quiet)
		count(wanted, missing);
	if (missing != 0)
		ask(d, subject, missing);
}

void
client_lookups_miss(struct client_lookups *d, enum role role)
{
	for (unsigned i = 0; i < d->roster->n; i++)
		if (d->roster->list[i]->role == role)
			d->facts[i].state = FACT_UNKNOWN;
}

listset
client_lookups_wait(struct client_lookups *d, unsigned roles, lookup_enough *enough,
    const void *arg, int64_t deadline)
{
	struct lookup *wanted[ROLES];
	unsigned n = 0;
	listset pending;

	for (unsigned role = 0; role < ROLES; role++)
		if (roles >> role & 1 && d->open[role] != NULL)
			wanted[n++] = d->open[role];
	look_at_own(d);
	if (n == 0)
		return 0;
	pending = lookup_wait(wanted, n, enough, arg, deadline, d->facts);
	for (unsigned role = 0; role < ROLES; role++)
		if (roles >> role & 1 && (pending & roster_of(d->roster, role)) == 0)
			lookup_release(&d->open[role]);
	return pending;
}

listset
client_lookups_unasked(const struct client_lookups *d)
{
	return d->unasked;
}

const struct fact *
client_lookups_facts(const struct client_lookups *d)
{
	return d->facts;
}

/* Whether a fact was kept from before its list was suspended, in a session as old as that. */
static bool
is_stale(const struct listing *list, const struct fact *fact)
{
	return fact->source != FACT_FROM_DNS && !listing_keeps(list, fact);
}

void
client_lookups_weigh(const struct client_lookups *d, listset *doubted, listset *suspended)
{
	*doubted = *suspended = 0;
	for (unsigned i = 0; i < d->roster->n; i++) {
		const struct listing *list = d->roster->list[i];
		listset bit = (listset)1 << i;

		if ((d->asked & bit) == 0)
			continue;
		if (d->facts[i].unproven || is_stale(list, &d->facts[i]))
			*doubted |= bit;
		switch (listing_state(list)) {
		case LIST_NEW:
		case LIST_DOUBTED:
		case LIST_RECOVERING:
			*doubted |= bit;
			break;
		case LIST_SILENT:
			*(d->facts[i].state == FACT_LISTED ? doubted : suspended) |= bit;
			break;
		case LIST_SUSPENDED:
			*suspended |= bit;
			break;
		case LIST_GOOD:
		case LIST_RESTORED:
			break;
		}
	}
}
