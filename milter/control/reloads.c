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
#include <sysexits.h>

#include "base/clock.h"
#include "base/condition.h"
#include "control/status.h"

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

static uint64_t
take_ticket(struct reloads *r)
{
	uint64_t ticket;

	pthread_mutex_lock(&r->lock);
	ticket = ++r->wanted;
	pthread_mutex_unlock(&r->lock);
	r->wake();
	return ticket;
}

/* Wait a moment for the reload of a ticket; whether it has ended, and what it said (copied). */
static bool
wait_step(struct reloads *r, uint64_t ticket, bool *good, char **said)
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

/* The lines as they were said, each a text. */
static json_t *
list_lines(char *said)
{
	json_t *lines = json_array();
	char *rest = said;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (line[0] != '\0')
			json_array_append_new(lines, json_string(line));
	return lines;
}

int
verb_reload(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	int64_t began = clock_ms();
	uint64_t ticket = take_ticket(context->reloads);
	char *said;
	bool good;

	(void)args;
	while (!wait_step(context->reloads, ticket, &good, &said))
		if (!request_is_wanted(r))
			return EX_TEMPFAIL;
	request_reply(r,
	    json_pack("{s:b, s:f, s:o}", "reloaded", good, "seconds",
		(double)(clock_ms() - began) / 1000, "lines", list_lines(said)));
	free(said);
	return good ? EX_OK : EX_CONFIG;
}
