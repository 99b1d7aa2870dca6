/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/reloads.c - tickets: who asks while a reload is under way waits for the next one,
 * as the file may have been changed meanwhile.
 */
#include "config.h"

#include "control/reloads.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"

#define STEP_MS 200 /* between two looks at whether the client is still there */

struct reloads {
	void (*wake)(void);
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	uint64_t wanted, begun, ended; /* the last ticket of each */
	bool good;                     /* of the last that has ended, as is said */
	int64_t used;                  /* when the last that is used was read */
	char *said;
};

struct reloads *
reloads_new(void (*wake)(void))
{
	struct reloads *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->wake = wake;
	r->good = true;
	r->used = clock_wall();
	pthread_mutex_init(&r->lock, NULL);
	condition_init(&r->changed);
	return r;
}

void
reloads_free(struct reloads *r)
{
	if (r == NULL)
		return;
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
	free(r->said);
	free(r);
}

bool
reloads_begin(struct reloads *r)
{
	bool wanted;

	pthread_mutex_lock(&r->lock);
	wanted = r->wanted > r->begun;
	r->begun = r->wanted;
	pthread_mutex_unlock(&r->lock);
	return wanted;
}

void
reloads_end(struct reloads *r, bool good, const char *said)
{
	pthread_mutex_lock(&r->lock);
	free(r->said);
	r->said = said != NULL ? strdup(said) : NULL;
	r->good = good;
	if (good)
		r->used = clock_wall();
	r->ended = r->begun;
	pthread_cond_broadcast(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

void
reloads_last(struct reloads *r, bool *good, int64_t *used)
{
	pthread_mutex_lock(&r->lock);
	*good = r->good;
	*used = r->used;
	pthread_mutex_unlock(&r->lock);
}

uint64_t
reloads_order(struct reloads *r)
{
	uint64_t ticket;

	pthread_mutex_lock(&r->lock);
	ticket = ++r->wanted;
	pthread_mutex_unlock(&r->lock);
	r->wake();
	return ticket;
}

bool
reloads_wait(struct reloads *r, uint64_t ticket, bool *good, char **said)
{
	struct timespec until = condition_deadline(clock_ms() + STEP_MS);
	bool ended;

	pthread_mutex_lock(&r->lock);
	if (r->ended < ticket)
		(void)pthread_cond_timedwait(&r->changed, &r->lock, &until);
	ended = r->ended >= ticket;
	*good = r->good;
	*said = ended && r->said != NULL ? strdup(r->said) : NULL;
	pthread_mutex_unlock(&r->lock);
	return ended;
}
