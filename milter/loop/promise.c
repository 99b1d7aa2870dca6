/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/promise.c - one number on its way from the I/O thread to a session's.  Who
 * waits stands in a list of all, so that a stop finds him.
 */
#include "config.h"

#include "loop/promise.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "loop/loop.h"
#include "loop/workers.h"

struct waiter {
	struct waiter *next;
	struct promise *promise;
	struct event_flag event_flag;
};

struct promises {
	struct loop *loop;
	atomic_uint open;      /* promises not released */
	pthread_mutex_t mutex; /* guards the rest, and what promises say */
	bool hurry;
	struct waiter *waiters;
};

struct promise {
	struct promises *all;
	struct promise *also; /* is kept with it, and belongs to who keeps it */
	atomic_uint refs;
	bool kept;
	int value;
};

struct promises *
promises_new(struct loop *loop)
{
	struct promises *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->loop = loop;
	atomic_init(&all->open, 0);
	pthread_mutex_init(&all->mutex, NULL);
	return all;
}

void
promises_free(struct promises *all)
{
	if (all == NULL)
		return;
	assert(atomic_load(&all->open) == 0);
	pthread_mutex_destroy(&all->mutex);
	free(all);
}

struct promise *
promise_new(struct promises *all)
{
	struct promise *p = malloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	p->all = all;
	p->also = NULL;
	p->kept = false;
	p->value = 0;
	atomic_init(&p->refs, 2);
	atomic_fetch_add(&all->open, 1);
	return p;
}

void
promise_release(struct promise **pp)
{
	struct promise *p = *pp;

	*pp = NULL;
	if (p == NULL || atomic_fetch_sub(&p->refs, 1) != 1)
		return;
	atomic_fetch_sub(&p->all->open, 1);
	free(p);
}

/* Set the events of who waits for this promise, or of everybody. */
static void
wake_locked(struct promises *all, const struct promise *p)
{
	for (struct waiter *w = all->waiters; w != NULL; w = w->next)
		if (p == NULL || w->promise == p)
			event_flag_set(&w->event_flag);
}

void
promise_join(struct promise *p, struct promise **other)
{
	struct promise **last = &(*other)->also;

	while (*last != NULL)
		last = &(*last)->also;
	*last = p->also;
	p->also = *other;
	*other = NULL;
}

static void
keep_one(struct promise *p, int value)
{
	pthread_mutex_lock(&p->all->mutex);
	assert(!p->kept);
	p->kept = true;
	p->value = value;
	wake_locked(p->all, p);
	pthread_mutex_unlock(&p->all->mutex);
	promise_release(&p);
}

void
promise_keep(struct promise **pp, int value)
{
	struct promise *p = *pp, *next;

	*pp = NULL;
	for (; p != NULL; p = next) {
		next = p->also;
		keep_one(p, value);
	}
}

void
promises_hurry(struct promises *all)
{
	pthread_mutex_lock(&all->mutex);
	all->hurry = true;
	wake_locked(all, NULL);
	pthread_mutex_unlock(&all->mutex);
}

static void
leave_locked(struct promises *all, const struct waiter *gone)
{
	struct waiter **w = &all->waiters;

	while (*w != gone)
		w = &(*w)->next;
	*w = gone->next;
}

int
promise_wait(struct promise *p, int64_t deadline, int otherwise)
{
	struct waiter w = {.promise = p};
	int value;

	if (p == NULL)
		return otherwise;
	pthread_mutex_lock(&p->all->mutex);
	if (!p->kept && !p->all->hurry) {
		event_flag_init(&w.event_flag);
		w.next = p->all->waiters;
		p->all->waiters = &w;
		pthread_mutex_unlock(&p->all->mutex);
		workers_wait(p->all->loop, &w.event_flag, deadline);
		pthread_mutex_lock(&p->all->mutex);
		leave_locked(p->all, &w);
		event_flag_destroy(&w.event_flag);
	}
	value = p->kept ? p->value : otherwise;
	pthread_mutex_unlock(&p->all->mutex);
	return value;
}
