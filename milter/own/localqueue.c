/* SPDX-License-Identifier: BSD-2-Clause */
/* own/localqueue.c - a list with a lock, which is held for no longer than it takes to link. */
#include "config.h"

#include "own/localqueue.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/condition.h"

struct localqueue {
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	struct localitem *first, **last;
	unsigned n;
	bool stopping, ended;
};

struct localqueue *
localqueue_new(void)
{
	struct localqueue *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->last = &q->first;
	pthread_mutex_init(&q->lock, NULL);
	condition_init(&q->changed);
	return q;
}

void
localqueue_free(struct localqueue *q)
{
	if (q == NULL)
		return;
	localqueue_free_items(q->first);
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
}

bool
localqueue_add(struct localqueue *q, const struct localitem *item)
{
	struct localitem *copy = malloc(sizeof(*copy));
	bool taken;

	if (copy != NULL) {
		*copy = *item;
		copy->next = NULL;
	}
	pthread_mutex_lock(&q->lock);
	taken = copy != NULL && q->n < LOCALQUEUE_MAX && !q->stopping;
	if (taken) {
		*q->last = copy;
		q->last = &copy->next;
		if (q->n++ == 0)
			pthread_cond_signal(&q->changed);
	}
	pthread_mutex_unlock(&q->lock);
	if (!taken)
		free(copy);
	return taken;
}

struct localitem *
localqueue_take(struct localqueue *q)
{
	struct localitem *all;

	pthread_mutex_lock(&q->lock);
	all = q->first;
	q->first = NULL;
	q->last = &q->first;
	q->n = 0;
	pthread_mutex_unlock(&q->lock);
	return all;
}

void
localqueue_free_items(struct localitem *item)
{
	while (item != NULL) {
		struct localitem *next = item->next;

		free(item);
		item = next;
	}
}

bool
localqueue_await(struct localqueue *q, int64_t next_ms, int64_t batch_ms)
{
	struct timespec until = condition_deadline(clock_ms() + next_ms);
	int error = 0;
	bool goes_on;

	pthread_mutex_lock(&q->lock);
	while (q->n == 0 && !q->stopping && error == 0)
		error = pthread_cond_timedwait(&q->changed, &q->lock, &until);
	until = condition_deadline(clock_ms() + batch_ms);
	for (error = 0; q->n > 0 && !q->stopping && error == 0;)
		error = pthread_cond_timedwait(&q->changed, &q->lock, &until);
	goes_on = !q->stopping;
	pthread_mutex_unlock(&q->lock);
	return goes_on;
}

void
localqueue_end(struct localqueue *q)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	pthread_cond_broadcast(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

bool
localqueue_stop(struct localqueue *q, int64_t ms)
{
	struct timespec until = condition_deadline(clock_ms() + ms);
	int error = 0;
	bool ended;

	pthread_mutex_lock(&q->lock);
	q->stopping = true;
	pthread_cond_broadcast(&q->changed);
	while (!q->ended && error == 0)
		error = pthread_cond_timedwait(&q->changed, &q->lock, &until);
	ended = q->ended;
	pthread_mutex_unlock(&q->lock);
	return ended;
}
