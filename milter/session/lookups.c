/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/lookups.c - what is known of one client: its address, and the names it goes
 * by.  Each has a lookup of its own, for others may ask the same.
 */
#include "config.h"

#include "session/lookups.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/random.h"
#include "base/tally.h"
#include "health/datahealth.h"
#include "lookup/memcache.h"
#include "lookup/quota.h"
#include "session/datafacts.h"

/* So much of a deadline's time those have that are asked first, before others are: to answer,
 * and, where that is to be confirmed, which may take a second, until it is. */
#define ANSWER_SHARE 8
#define PROOF_SHARE 2

struct client_lookups {
	struct client_lookups_rules rules;
	struct memcache *memory; /* borrowed, as is lookups */
	struct lookups *lookups;
	struct lookup *open[ROLES];    /* NULL: nothing is missing, or nobody was asked */
	struct subject subject[ROLES]; /* with a name of our own */
	listset asked;                 /* about this client */
	listset unasked; /* of these, those that its network has no question for */
	listset later;   /* of these, those that were asked when others had been */
	listset parked;  /* of these, those without a lookup, until it is needed */
	listset by_data; /* of these, those of which their data alone tells, as it was */
	struct datamoment moment;
	struct ipaddr client;
	bool frugal;           /* not all lists are asked about this client */
	unsigned paid;         /* bit r: its network has given a question for role r */
	bool again;            /* lists were asked for after the others */
	unsigned epoch[ROLES]; /* of memory, when it was looked into */
	int64_t last_ms;       /* when some were asked, in clock_ms() */
	struct fact facts[];
};

struct client_lookups *
client_lookups_new(const struct client_lookups_rules *rules, struct memcache *memory,
    struct lookups *lookups, const struct ipaddr *client)
{
	unsigned n = rules->roster->n;
	struct client_lookups *d = calloc(1, sizeof(*d) + n * sizeof(d->facts[0]));

	if (d == NULL)
		return NULL;
	d->rules = *rules;
	d->memory = memory;
	d->lookups = lookups;
	d->client = *client;
	if (rules->quiet)
		d->rules.per_minute = 0;
	/* Who asks what would become of a client wants to know what usually does. */
	d->frugal =
	    rules->asking->frugal && (rules->quiet || !random_draws(rules->asking->sample));
	for (unsigned i = 0; i < n; i++)
		d->facts[i].state = FACT_CLEAR; /* of nobody there is nothing to say */
	return d;
}

void
client_lookups_free(struct client_lookups *d)
{
	if (d == NULL)
		return;
	for (unsigned role = 0; role < ROLES; role++) {
		lookup_release(&d->open[role]);
		free((char *)(uintptr_t)d->subject[role].name);
	}
	free(d);
}

/* Take from memory what is there and may be used; returns the lists it is of. */
static listset
recall(struct client_lookups *d, const struct subject *subject, listset wanted)
{
	listset known;

	d->epoch[subject->role] = memcache_epoch(d->memory);
	known = memcache_get(
	    d->memory, &subject->key, d->rules.roster, wanted, clock_ms(), d->facts);
	for (unsigned i = 0; i < d->rules.roster->n; i++) {
		if (!listset_has(known, i) ||
		    listing_keeps(d->rules.roster->list[i], &d->facts[i]))
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
	const struct roster *roster = d->rules.roster;
	listset of = roster_of(roster, subject->role),
		wanted = roster_covering(roster, subject);

	lookup_release(&d->open[subject->role]);
	d->parked &= ~of;
	d->later &= ~of;
	d->asked &= ~of;
	d->unasked &= ~of;
	d->by_data &= ~of;
	d->paid &= ~(1U << subject->role);
	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(of, i))
			d->facts[i] = (struct fact){
			    .state = listset_has(wanted, i) ? FACT_UNKNOWN : FACT_CLEAR};
	return wanted;
}

/* Look at the lists of own evidence that were asked about the client's address: what they say
 * is what is so now. */
static void
look_at_own(struct client_lookups *d)
{
	for (unsigned i = 0; i < d->rules.roster->n; i++)
		if (d->rules.roster->list[i]->own && listset_has(d->asked, i))
			ownfacts_find(
			    &d->rules.own, d->rules.roster->list[i], &d->client, &d->facts[i]);
}

/* Have it known what the data of lists says of clients. */
static void
tell_health(const struct client_lookups *d, listset lists)
{
	listset heard = 0, listed = 0;

	for (unsigned i = 0; i < d->rules.roster->n; i++) {
		listset bit = lists & (listset)1 << i;

		heard |= d->facts[i].state != FACT_UNKNOWN ? bit : 0;
		listed |= d->facts[i].state == FACT_LISTED ? bit : 0;
	}
	datahealth_answers(d->rules.datahealth, d->rules.roster, heard, listed, &d->client);
}

/* Note of when data is: of the first moment, until which it holds at all. */
static void
note_moment(struct client_lookups *d, const struct datamoment *moment)
{
	if (d->by_data == 0)
		d->moment = *moment;
	else if (moment->until < d->moment.until)
		d->moment.until = moment->until;
}

/* Look into the data of those of the wanted lists that have some; returns those that are to be
 * asked: data that is in use goes before DNS. */
static listset
look_at_data(struct client_lookups *d, const struct subject *subject, listset wanted)
{
	struct datahealth *health = d->rules.quiet ? NULL : d->rules.datahealth;
	struct datafacts data;
	listset settled;

	if ((wanted & roster_data(d->rules.roster)) == 0)
		return wanted;
	datafacts_take(&data, d->rules.roster, wanted);
	settled = datafacts_settled(&data);
	datafacts_find(&data, settled, subject, health, d->facts);
	datafacts_drop(&data);
	note_moment(d, &data.moment);
	d->by_data |= settled;
	if (health != NULL && subject->role == ROLE_ADDRESS)
		tell_health(d, settled);
	return wanted & ~settled;
}

/* Join who asks already, which costs nothing, or ask, if the network has a question left. */
static void
start(struct client_lookups *d, const struct subject *subject, const struct lookup_order *order)
{
	enum quota quota = subject->role == ROLE_ADDRESS ? QUOTA_ADDRESS : QUOTA_NAME;
	struct roster *roster = d->rules.roster;
	struct lookup **q = &d->open[subject->role];
	unsigned bit = 1U << subject->role;

	d->last_ms = clock_ms();
	if ((*q = lookup_join(d->lookups, subject, roster, order)) != NULL)
		return;
	if ((d->paid & bit) == 0 && !quota_take(&d->client, quota, d->rules.per_minute)) {
		d->unasked |= order->missing;
		return;
	}
	d->paid |= bit;
	*q = lookup_start_some(
	    d->lookups, subject, roster, d->facts, order, d->rules.quiet ? LOOKUP_QUIET : 0);
}

/* Whether something that is known speaks against the client: that may be enough. */
static bool
is_listed(const struct client_lookups *d)
{
	for (unsigned i = 0; i < d->rules.roster->n; i++)
		if (listset_has(d->asked, i) && d->facts[i].state == FACT_LISTED &&
		    d->rules.roster->list[i]->worst > 0)
			return true;
	return false;
}

/* Those that are asked first, of those that are missing. */
static struct lookup_order
order_first(const struct client_lookups *d, enum role role, listset wanted, listset missing)
{
	const struct asking *asking = d->rules.asking;
	struct lookup_order order = {.missing = missing,
	    .now = missing,
	    .sample = !asking->frugal || missing == wanted ? missing : 0,
	    .epoch = d->epoch[role]};

	if (!d->frugal)
		return order;
	order.now &= asking->always;
	if (!is_listed(d))
		order.first =
		    missing & ~order.now & asking_first(asking, d->rules.roster, d->by_data);
	order.sample &= order.now | order.first;
	return order;
}

/* Keep a subject that may be asked about later. */
static void
park(struct client_lookups *d, const struct subject *subject, listset lists)
{
	struct subject *own = &d->subject[subject->role];

	free((char *)(uintptr_t)own->name);
	*own = *subject;
	if (subject->name != NULL && (own->name = strdup(subject->name)) == NULL)
		return; /* then they stay unknown */
	d->parked |= lists;
}

static void
ask(struct client_lookups *d, const struct subject *subject, listset wanted, listset missing)
{
	const struct lookup_order order = order_first(d, subject->role, wanted, missing);

	if ((order.now | order.first) != 0)
		start(d, subject, &order);
	else
		park(d, subject, missing);
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
	wanted = look_at_data(d, subject, wanted & ~roster_own(d->rules.roster));
	if (wanted == 0)
		return;
	missing = wanted & ~recall(d, subject, wanted);
	if (!d->rules.quiet)
		count(wanted, missing);
	if (missing != 0)
		ask(d, subject, wanted, missing);
}

void
client_lookups_renew(struct client_lookups *d, const struct subject subjects[ROLES])
{
	struct datafacts data;
	listset gone;

	if (d->by_data == 0 || datafacts_hold(&d->moment))
		return;
	datafacts_take(&data, d->rules.roster, d->by_data);
	d->moment = data.moment;
	gone = d->by_data & ~datafacts_settled(&data);
	for (unsigned role = 0; role < ROLES; role++)
		datafacts_find(&data,
		    d->by_data & ~gone & roster_of(d->rules.roster, (enum role)role),
		    &subjects[role], NULL, d->facts);
	datafacts_drop(&data);
	for (unsigned role = 0; role < ROLES; role++)
		if ((gone & roster_of(d->rules.roster, (enum role)role)) != 0)
			client_lookups_open(d, &subjects[role]);
}

void
client_lookups_miss(struct client_lookups *d, enum role role)
{
	for (unsigned i = 0; i < d->rules.roster->n; i++)
		if (d->rules.roster->list[i]->role == role)
			d->facts[i].state = FACT_UNKNOWN;
}

listset
client_lookups_all(
    const void *arg, const struct fact *facts, listset pending, listset held, bool all)
{
	(void)arg;
	(void)facts;
	(void)pending;
	(void)all;
	return held;
}

listset
client_lookups_held(const struct client_lookups *d)
{
	listset held = d->parked;

	for (unsigned role = 0; role < ROLES; role++)
		if (d->open[role] != NULL)
			held |= lookup_held(d->open[role]);
	return held & ~d->by_data;
}

bool
client_lookups_are_frugal(const struct client_lookups *d)
{
	return d->frugal;
}

void
client_lookups_ask(struct client_lookups *d, listset lists)
{
	for (unsigned role = 0; role < ROLES; role++) {
		listset of = roster_of(d->rules.roster, (enum role)role);
		const struct lookup_order order = {.missing = d->parked & of,
		    .now = lists & d->parked & of,
		    .epoch = d->epoch[role]};

		if ((lists & of) == 0)
			continue;
		d->again = true;
		d->later |= lists & of;
		d->last_ms = clock_ms();
		d->parked &= ~of;
		if (order.missing != 0)
			start(d, &d->subject[role], &order);
		else if (d->open[role] != NULL)
			lookup_more(&d->open[role], lists & of);
	}
}

int64_t
client_lookups_deadline(const struct client_lookups *d, int64_t deadline)
{
	int64_t own = d->again ? d->last_ms + d->rules.deadline_ms : deadline;

	return own > deadline ? own : deadline;
}

/* What is told beside what lookups know. */
struct wait {
	const struct awaited *awaited;
	listset parked;   /* lists that have no lookup */
	listset had_time; /* lists that nobody waits for any more */
};

static bool
is_enough(const void *arg, const struct fact *facts, listset pending)
{
	const struct wait *w = arg;

	return w->awaited->enough(w->awaited->arg, facts, (pending | w->parked) & ~w->had_time);
}

/* Wait at the lookups of some roles, until then; returns who has not answered. */
static listset
wait_until(struct client_lookups *d, unsigned roles, struct wait *wait, int64_t until)
{
	struct lookup *open[ROLES];
	listset pending = 0;
	unsigned n = 0;

	wait->parked = 0;
	for (unsigned role = 0; role < ROLES; role++) {
		if ((roles >> role & 1) == 0)
			continue;
		if (d->parked != 0)
			wait->parked |= d->parked & roster_of(d->rules.roster, (enum role)role);
		if (d->open[role] != NULL)
			open[n++] = d->open[role];
	}
	if (n > 0)
		pending = lookup_wait(open, n, d->by_data, is_enough, wait, until, d->facts);
	return pending | wait->parked;
}

/* The lists of some roles. */
static listset
of_roles(const struct client_lookups *d, unsigned roles)
{
	listset lists = 0;

	for (unsigned role = 0; role < ROLES; role++)
		if (roles >> role & 1)
			lists |= roster_of(d->rules.roster, (enum role)role);
	return lists;
}

/* Ask what it takes of those that were held back.  False: there is nothing to ask. */
static bool
ask_next(struct client_lookups *d, const struct awaited *a, listset pending, listset held)
{
	bool all = d->again || (pending & ~held) != 0;
	listset next = a->next(a->arg, d->facts, pending, held, all);

	client_lookups_ask(d, next);
	return next != 0;
}

/* Those that were asked at connect, when that is as long ago as they have. */
static listset
find_late(const struct client_lookups *d, int64_t deadline)
{
	if (!d->again || clock_ms() < deadline)
		return 0;
	return (roster_of(d->rules.roster, ROLE_ADDRESS) |
		   roster_of(d->rules.roster, ROLE_NAME)) &
	    ~d->later;
}

/* Whether all that are asked have spoken, and have time left to be confirmed. */
static bool
are_proving(const struct client_lookups *d, listset asked)
{
	listset proving = 0;

	for (unsigned role = 0; role < ROLES; role++)
		if (d->open[role] != NULL)
			proving |= lookup_proving(d->open[role]);
	return asked != 0 && (asked & ~proving) == 0 &&
	    clock_ms() < d->last_ms + d->rules.deadline_ms / PROOF_SHARE;
}

/*
 * When there is something else to be done than to wait, end at the latest.  holding: some may have
 * to be asked; they may be held back later, too, when it is known what Redis has.
 */
static int64_t
next_step(const struct client_lookups *d, const struct awaited *a, bool holding, int64_t end)
{
	int64_t now = clock_ms(), answer = d->last_ms + d->rules.deadline_ms / ANSWER_SHARE;
	int64_t proof = d->last_ms + d->rules.deadline_ms / PROOF_SHARE;
	int64_t first = now < answer ? answer : proof;

	if ((holding || (d->frugal && now < first)) && first < end)
		end = first;
	return d->again && now < a->deadline && a->deadline < end ? a->deadline : end;
}

/*
 * Lists that are held back are asked when those that are asked have answered and it is not
 * enough, or have had their share of the time.
 */
static listset
wait_and_ask(struct client_lookups *d, unsigned roles, const struct awaited *a)
{
	listset useless = 0; /* held back, and need not be asked */

	for (;;) {
		struct wait wait = {.awaited = a, .had_time = find_late(d, a->deadline)};
		int64_t end = client_lookups_deadline(d, a->deadline), until;
		listset pending, held = client_lookups_held(d) & ~useless;
		bool holding = held != 0 && (held & of_roles(d, roles)) != 0;
		bool idle, over;

		end = end < a->limit ? end : a->limit;
		until = next_step(d, a, holding, end);
		pending = wait_until(d, roles, &wait, until);
		held = client_lookups_held(d) & pending;
		idle = pending == held;
		over = clock_ms() >= until;
		if (pending == 0 || a->enough(a->arg, d->facts, pending & ~wait.had_time))
			return pending;
		holding = (held & ~useless) != 0;
		if (holding && over && until < end && are_proving(d, pending & ~held))
			continue;
		if (holding && (idle || over)) {
			if (ask_next(d, a, pending & ~wait.had_time, held))
				continue;
			useless |= held;
		}
		/* Others may have asked meanwhile those that were held back. */
		if (idle || clock_ms() >= end || lookups_are_hurried(d->lookups))
			return pending;
	}
}

/* Whether there is nothing to wait for, nor to be asked. */
static bool
is_idle(const struct client_lookups *d, unsigned roles)
{
	for (unsigned role = 0; role < ROLES; role++)
		if (roles >> role & 1 && d->open[role] != NULL)
			return false;
	return d->parked == 0;
}

listset
client_lookups_wait(struct client_lookups *d, unsigned roles, const struct awaited *a)
{
	listset pending;

	look_at_own(d);
	if (is_idle(d, roles))
		return 0;
	pending = wait_and_ask(d, roles, a);
	for (unsigned role = 0; role < ROLES; role++)
		if (roles >> role & 1 && d->open[role] != NULL &&
		    (pending & roster_of(d->rules.roster, role)) == 0)
			lookup_release(&d->open[role]);
	return pending;
}

listset
client_lookups_unasked(const struct client_lookups *d)
{
	return d->unasked;
}

listset
client_lookups_by_data(const struct client_lookups *d)
{
	return d->by_data;
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
	return fact->source != FACT_FROM_DNS && fact->source != FACT_FROM_DATA &&
	    !listing_keeps(list, fact);
}

void
client_lookups_weigh(const struct client_lookups *d, listset *doubted, listset *suspended)
{
	*doubted = *suspended = 0;
	for (unsigned i = 0; i < d->rules.roster->n; i++) {
		const struct listing *list = d->rules.roster->list[i];
		listset bit = (listset)1 << i;

		if ((d->asked & bit) == 0)
			continue;
		if (d->facts[i].unproven || is_stale(list, &d->facts[i]))
			*doubted |= bit;
		switch (listing_fact_state(list, &d->facts[i])) {
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
