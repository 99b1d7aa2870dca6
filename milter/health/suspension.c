/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/suspension.c - a table of labels.  Whoever weighs a list reads a flag of its id
 * alone; a timer on the I/O thread clears it when the time is up.
 */
#include "config.h"

#include "health/suspension.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"

struct entry {
	struct entry *next;
	char *label;
	struct suspension suspension;
	atomic_bool **held; /* of all ids that have had the label meanwhile */
	uint32_t n;
};

struct suspensions {
	struct loop *loop;
	struct call call;
	struct timer *timer;  /* of the I/O thread */
	pthread_mutex_t lock; /* guards what follows */
	struct entry *first;
};

static void
entry_free(struct entry *e)
{
	if (e == NULL)
		return;
	free(e->held);
	free(e->label);
	free(e);
}

void
suspensions_free(struct suspensions *s)
{
	struct entry *e;

	if (s == NULL)
		return;
	while ((e = s->first) != NULL) {
		s->first = e->next;
		entry_free(e);
	}
	timer_free(s->timer);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Where the entry of a label is, or would be. */
static struct entry **
find_locked(struct suspensions *s, const char *label)
{
	struct entry **at = &s->first;

	while (*at != NULL && strcmp((*at)->label, label) != 0)
		at = &(*at)->next;
	return at;
}

static void
log_begun(const char *label, const struct suspension *suspension)
{
	struct logline line;

	logline_event(&line, "list-suspended");
	logline_str(&line, "list", label);
	logline_str(&line, "reason", "administrator");
	logline_str(&line, "by", suspension->by);
	logline_num(&line, "seconds", (suspension->until - suspension->begun) / 1000);
	logline_str(&line, "why", suspension->why);
	logline_end(&line, LOG_LEVEL_WARNING);
}

static void
log_ended(const struct entry *e, const char *by)
{
	struct logline line;

	logline_event(&line, "list-resumed");
	logline_str(&line, "list", e->label);
	logline_str(&line, "by", by);
	logline_num(&line, "after", (clock_ms() - e->suspension.begun) / 1000);
	logline_end(&line, LOG_LEVEL_WARNING);
}

/* Hold a list, once. */
static bool
hold_locked(struct entry *e, const struct listing *list)
{
	atomic_bool **grown;

	for (uint32_t i = 0; i < e->n; i++)
		if (e->held[i] == list->held)
			return true;
	grown = bulk_next(e->held, e->n, sizeof(*e->held));
	if (grown == NULL)
		return false;
	e->held = grown;
	e->held[e->n++] = list->held;
	atomic_store(list->held, true);
	return true;
}

static bool
hold_all_locked(struct entry *e, const struct roster *roster)
{
	bool good = true;

	for (unsigned i = 0; i < roster->n; i++)
		if (strcmp(roster->list[i]->label, e->label) == 0)
			good = hold_locked(e, roster->list[i]) && good;
	return good;
}

/* Let the lists of an entry go, and take it out. */
static struct entry *
release_locked(struct entry **at)
{
	struct entry *e = *at;

	for (uint32_t i = 0; i < e->n; i++)
		atomic_store(e->held[i], false);
	*at = e->next;
	return e;
}

/* One whose time is up, out of the table; NULL: there is none, and *next is when the next
 * one is, or 0. */
static struct entry *
take_due(struct suspensions *s, int64_t *next)
{
	int64_t now = clock_ms();
	struct entry *due = NULL;

	*next = 0;
	pthread_mutex_lock(&s->lock);
	for (struct entry **at = &s->first; due == NULL && *at != NULL;) {
		int64_t until = (*at)->suspension.until;

		if (until <= now) {
			due = release_locked(at);
			continue;
		}
		if (*next == 0 || until < *next)
			*next = until;
		at = &(*at)->next;
	}
	pthread_mutex_unlock(&s->lock);
	return due;
}

/* I/O thread: end what is over, and come again for the next. */
static void
look(void *arg)
{
	struct suspensions *s = arg;
	struct entry *due;
	int64_t next;

	while ((due = take_due(s, &next)) != NULL) {
		log_ended(due, "time");
		entry_free(due);
	}
	if (next != 0)
		timer_start(s->timer, next - clock_ms());
}

static struct entry *
entry_new(const char *label)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (e != NULL && (e->label = strdup(label)) != NULL)
		return e;
	free(e);
	return NULL;
}

struct suspensions *
suspensions_new(struct loop *loop)
{
	struct suspensions *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->loop = loop;
	if ((s->timer = timer_new(loop, look, s)) == NULL) {
		free(s);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

bool
suspensions_begin(struct suspensions *s, const struct roster *roster, const char *label,
    const struct suspension *suspension)
{
	struct entry **at;
	bool good = false;

	pthread_mutex_lock(&s->lock);
	at = find_locked(s, label);
	if (*at == NULL)
		*at = entry_new(label);
	if (*at != NULL) {
		(*at)->suspension = *suspension;
		good = hold_all_locked(*at, roster) && (*at)->n > 0;
		if (!good)
			entry_free(release_locked(at));
	}
	pthread_mutex_unlock(&s->lock);
	if (!good)
		return false;
	log_begun(label, suspension);
	loop_post(s->loop, &s->call, look, s);
	return true;
}

bool
suspensions_end(struct suspensions *s, const char *label, const char *by)
{
	struct entry *e = NULL, **at;

	pthread_mutex_lock(&s->lock);
	at = find_locked(s, label);
	if (*at != NULL)
		e = release_locked(at);
	pthread_mutex_unlock(&s->lock);
	if (e == NULL)
		return false;
	log_ended(e, by);
	entry_free(e);
	return true;
}

bool
suspensions_find(struct suspensions *s, const char *label, struct suspension *out)
{
	const struct entry *e;

	pthread_mutex_lock(&s->lock);
	e = *find_locked(s, label);
	if (e != NULL)
		*out = e->suspension;
	pthread_mutex_unlock(&s->lock);
	return e != NULL;
}

void
suspensions_apply(struct suspensions *s, const struct roster *roster)
{
	bool good = true;

	pthread_mutex_lock(&s->lock);
	for (struct entry *e = s->first; e != NULL; e = e->next)
		good = hold_all_locked(e, roster) && good;
	pthread_mutex_unlock(&s->lock);
	if (!good)
		log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "suspending-a-list");
}
