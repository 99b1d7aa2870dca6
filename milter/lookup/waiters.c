/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/waiters.c - who waits is woken when it is enough, and not at every answer:
 * the I/O thread looks at it for him, where one lookup is all it waits for.
 */
#include "config.h"

#include "lookup/waiters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "loop/workers.h"

/* A session that waits, for this lookup alone or for others, too. */
struct waiter {
	struct waiter *next;
	lookup_enough *enough;
	const void *arg;
	const struct fact *facts; /* what it knows; alone, it changes none of other lists */
	listset but;              /* nor of these, which it knows from elsewhere */
	bool alone;
	struct event_flag *event_flag;
};

bool
waiters_init(struct waiters *h, struct loop *loop, const atomic_bool *hurry, unsigned n,
    listset lists, const struct fact *known, listset missing, listset held)
{
	*h = (struct waiters){.loop = loop,
	    .hurry = hurry,
	    .n = n,
	    .lists = lists,
	    .pending = missing,
	    .held = missing & held};
	h->facts = malloc(n * sizeof(*known));
	if (h->facts == NULL)
		return false;
	memcpy(h->facts, known, n * sizeof(*known));
	pthread_mutex_init(&h->mutex, NULL);
	return true;
}

void
waiters_clear(struct waiters *h)
{
	assert(h->waiters == NULL);
	pthread_mutex_destroy(&h->mutex);
	free(h->facts);
}

/* One of its sets, as it is now. */
static listset
read_set(struct waiters *h, const listset *set)
{
	listset now;

	pthread_mutex_lock(&h->mutex);
	now = *set;
	pthread_mutex_unlock(&h->mutex);
	return now;
}

listset
waiters_held(struct waiters *h)
{
	return read_set(h, &h->held);
}

listset
waiters_pending(struct waiters *h)
{
	return read_set(h, &h->pending);
}

void
waiters_prove(struct waiters *h, unsigned list)
{
	pthread_mutex_lock(&h->mutex);
	h->proving |= h->pending & (listset)1 << list;
	pthread_mutex_unlock(&h->mutex);
}

listset
waiters_proving(struct waiters *h)
{
	return read_set(h, &h->proving);
}

listset
waiters_peek(struct waiters *h, struct fact *facts)
{
	listset pending;

	pthread_mutex_lock(&h->mutex);
	memcpy(facts, h->facts, h->n * sizeof(facts[0]));
	pending = h->pending;
	pthread_mutex_unlock(&h->mutex);
	return pending;
}

static void
take_facts(struct fact *to, const struct fact *from, listset lists)
{
	for (unsigned i = 0; i < LISTS_MAX && lists >> i != 0; i++)
		if (listset_has(lists, i))
			to[i] = from[i];
}

bool
waiters_never(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	(void)facts;
	(void)pending;
	return false;
}

/* Whether a session need wait no more; with several lookups it finds out itself. */
static bool
enough_locked(const struct waiters *h, const struct waiter *w)
{
	struct fact facts[LISTS_MAX];

	if (!w->alone || (h->pending & ~h->held & ~w->but) == 0 || atomic_load(h->hurry))
		return true;
	memcpy(facts, w->facts, h->n * sizeof(facts[0]));
	take_facts(facts, h->facts, h->lists & ~w->but);
	return w->enough(w->arg, facts, h->pending & ~w->but);
}

static void
wake_locked(const struct waiters *h)
{
	for (struct waiter *w = h->waiters; w != NULL; w = w->next)
		if (enough_locked(h, w))
			event_flag_set(w->event_flag);
}

void
waiters_hold(struct waiters *h, listset lists)
{
	pthread_mutex_lock(&h->mutex);
	h->held |= lists & h->pending;
	wake_locked(h);
	pthread_mutex_unlock(&h->mutex);
}

void
waiters_unhold(struct waiters *h, listset lists)
{
	pthread_mutex_lock(&h->mutex);
	h->held &= ~lists;
	pthread_mutex_unlock(&h->mutex);
}

void
waiters_settle_all(struct waiters *h, listset lists, const struct fact *facts)
{
	pthread_mutex_lock(&h->mutex);
	lists &= h->pending;
	take_facts(h->facts, facts, lists);
	h->pending &= ~lists;
	h->held &= ~lists;
	h->proving &= ~lists;
	pthread_mutex_unlock(&h->mutex);
}

void
waiters_settle(struct waiters *h, unsigned list, const struct fact *fact)
{
	struct fact facts[LISTS_MAX];

	facts[list] = *fact;
	waiters_settle_all(h, (listset)1 << list, facts);
}

void
waiters_wake(struct waiters *h)
{
	pthread_mutex_lock(&h->mutex);
	wake_locked(h);
	pthread_mutex_unlock(&h->mutex);
}

/* Take over what is known to them, but of some lists; returns the lists that have not answered;
 * asked: whether any of them is asked. */
static listset
collect(struct waiters *const *all, unsigned n, listset but, struct fact *facts, bool *asked)
{
	listset pending = 0;

	*asked = false;
	for (unsigned k = 0; k < n; k++) {
		pthread_mutex_lock(&all[k]->mutex);
		take_facts(facts, all[k]->facts, all[k]->lists & ~but);
		pending |= all[k]->pending & ~but;
		*asked = *asked || (all[k]->pending & ~all[k]->held & ~but) != 0;
		pthread_mutex_unlock(&all[k]->mutex);
	}
	return pending;
}

static void
join_all(struct waiters *const *all, unsigned n, struct waiter *w)
{
	for (unsigned k = 0; k < n; k++) {
		pthread_mutex_lock(&all[k]->mutex);
		w[k].next = all[k]->waiters;
		all[k]->waiters = &w[k];
		pthread_mutex_unlock(&all[k]->mutex);
	}
}

static void
leave_all(struct waiters *const *all, unsigned n, const struct waiter *w)
{
	for (unsigned k = 0; k < n; k++) {
		struct waiter **at = &all[k]->waiters;

		pthread_mutex_lock(&all[k]->mutex);
		while (*at != &w[k])
			at = &(*at)->next;
		*at = w[k].next;
		pthread_mutex_unlock(&all[k]->mutex);
	}
}

listset
waiters_wait(struct waiters *const *all, unsigned n, listset but, lookup_enough *enough,
    const void *arg, int64_t deadline, struct fact *facts)
{
	struct waiter w[ROLES];
	struct event_flag event_flag;
	bool asked;
	listset pending = collect(all, n, but, facts, &asked);

	if (!asked || enough(arg, facts, pending) || clock_ms() >= deadline)
		return pending;
	event_flag_init(&event_flag);
	for (unsigned k = 0; k < n; k++)
		w[k] = (struct waiter){.enough = enough,
		    .arg = arg,
		    .facts = facts,
		    .but = but,
		    .alone = n == 1,
		    .event_flag = &event_flag};
	join_all(all, n, w);
	for (;;) {
		event_flag_clear(&event_flag);
		pending = collect(all, n, but, facts, &asked);
		if (!asked || atomic_load(all[0]->hurry) || enough(arg, facts, pending) ||
		    !workers_wait(all[0]->loop, &event_flag, deadline))
			break;
	}
	leave_all(all, n, w);
	event_flag_destroy(&event_flag);
	return collect(all, n, but, facts, &asked);
}
