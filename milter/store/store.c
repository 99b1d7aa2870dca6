/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/store.c - a queue, and the thread that empties it.  What cannot be written waits; what finds no room in the queue is dropped and counted: the line is
 * in the log all the same.
 */
#include "config.h"

#include "store/store.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/random.h"
#include "base/textfile.h"
#include "os/thread.h"
#include "store/copy.h"
#include "store/dayfile.h"
#include "store/days.h"
#include "store/erasure.h"
#include "store/waiting.h"

struct store {
	struct store_options options;
	struct store_copy *copy; /* or NULL */
	struct writer *writer;   /* the thread's */
	pthread_t thread;
	bool running;

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	pthread_cond_t settled; /* a batch is done */
	struct waiting *first, **last;
	unsigned n, taken;  /* rows that wait, and that are being written */
	uint64_t put, done; /* rows that came, and that do not wait any more */
	bool stopping, ended;
	int64_t stop_at; /* nothing more is written then */
};

struct store *
store_new(const struct store_options *options, struct store_copy *copy)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->options = *options;
	s->options.redis = (struct redis_options){0};
	s->copy = copy;
	s->options.path = strdup(options->path);
	s->writer = writer_new(options, copy);
	if (s->options.path == NULL || s->writer == NULL) {
		writer_free(s->writer);
		free(s->options.path);
		free(s);
		return NULL;
	}
	s->last = &s->first;
	pthread_mutex_init(&s->lock, NULL);
	condition_init(&s->changed);
	condition_init(&s->settled);
	return s;
}

bool
store_is_nameless(const struct store *s)
{
	return s->options.no_names;
}

int
store_keep(const struct store *s)
{
	return s->options.keep;
}

bool
store_is_up(const struct store *s)
{
	return writer_is_up(s->writer);
}

int64_t
store_size(const struct store *s)
{
	int day[DAYS_MAX];
	unsigned n = days_list(s->options.path, day);
	int64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		bytes += days_bytes(s->options.path, day[i]);
	return bytes;
}

/* --- The queue --- */

void
store_put(struct store *s, const struct store_row *row)
{
	struct waiting *w = waiting_new(row);
	bool taken;

	pthread_mutex_lock(&s->lock);
	taken = w != NULL && s->n + s->taken < STORE_QUEUE_MAX && !s->stopping;
	if (taken) {
		*s->last = w;
		s->last = &w->next;
		s->n++;
		s->put++;
		/* The first one wakes the thread, which then waits for others; or they are
		 * enough. */
		if (s->n == 1 || s->n == writer_batch(s->writer))
			pthread_cond_signal(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	if (!taken) {
		free(w);
		counter_add(COUNTER_STORE_DROPPED);
	}
}

/* Wait until there is something, or it is time to look after days or hours; and then for as
 * much as a batch may have or take, or for another attempt. */
static void
await_rows(struct store *s)
{
	struct timespec until = condition_deadline(writer_next_look(s->writer));
	int error = 0;

	while (s->n == 0 && !s->stopping && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	if (s->n == 0)
		return;
	error = 0;
	until = condition_deadline(
	    clock_ms() + (writer_has_failed(s->writer) ? STORE_RETRY_MS : STORE_BATCH_MS));
	while ((writer_has_failed(s->writer) || s->n < writer_batch(s->writer)) &&
	    !s->stopping && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

/* The first rows of the queue, as many as a batch may have. */
static struct waiting *
take_batch(struct store *s)
{
	struct waiting *batch = s->first, **end = &batch;

	for (s->taken = 0; *end != NULL && s->taken < writer_batch(s->writer); s->taken++)
		end = &(*end)->next;
	s->n -= s->taken;
	s->first = *end;
	if (s->first == NULL)
		s->last = &s->first;
	*end = NULL;
	return batch;
}

/* Rows that could not be written are the first again; the others of a batch are done. */
static void
put_back(struct store *s, struct waiting *batch)
{
	struct waiting **end = &batch;

	s->taken = 0;
	for (; *end != NULL; end = &(*end)->next)
		s->n++;
	s->done = s->put - s->n;
	pthread_cond_broadcast(&s->settled);
	if (batch == NULL)
		return;
	if (s->first == NULL)
		s->last = end;
	*end = s->first;
	s->first = batch;
}

/* --- The thread --- */

/* Write what there is, when it is time, and put back what could not be written, with the lock
 * held before and after.  False: it is to end, whatever is left. */
static bool
write_some(struct store *s)
{
	struct waiting *batch;
	bool last;

	await_rows(s);
	last = s->stopping;
	batch = take_batch(s);
	pthread_mutex_unlock(&s->lock);
	batch = writer_write(s->writer, batch, last);
	pthread_mutex_lock(&s->lock);
	put_back(s, batch);
	return !last || (s->n > 0 && !writer_has_failed(s->writer) && clock_ms() < s->stop_at);
}

static void *
run(void *arg)
{
	struct store *s = arg;

	writer_begin(s->writer);
	pthread_mutex_lock(&s->lock);
	while (write_some(s))
		continue;
	pthread_mutex_unlock(&s->lock);
	writer_end(s->writer);
	pthread_mutex_lock(&s->lock);
	s->ended = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

bool
store_start(struct store *s)
{
	s->running = thread_start(&s->thread, NULL, run, s);
	return s->running;
}

/* Wait until what waits now does not, for so long at most; false: it does still. */
static bool
settle(struct store *s, int64_t ms)
{
	struct timespec until = condition_deadline(clock_ms() + ms);
	uint64_t wanted;
	int error = 0;
	bool good;

	pthread_mutex_lock(&s->lock);
	wanted = s->put;
	while (s->done < wanted && error == 0)
		error = pthread_cond_timedwait(&s->settled, &s->lock, &until);
	good = s->done >= wanted;
	pthread_mutex_unlock(&s->lock);
	return good;
}

/* --- Finding --- */

/* The rows of a reference in a day's file; 0: none, or it cannot be read. */
static int
find_in_day(const struct store *s, int day, uint64_t ref, const struct store_finder *finder)
{
	char path[PATH_MAX];
	const char *error = NULL;
	int n;

	days_name(s->options.path, day, path, sizeof(path));
	n = access(path, F_OK) == 0
	    ? dayfile_find(s->options.path, day, ref, finder->row, finder->arg, &error)
	    : 0;
	if (n < 0)
		finder->unreadable(finder->arg, path, error);
	days_aside(s->options.path, day, path, sizeof(path));
	if (path[0] != '\0')
		finder->unreadable(finder->arg, path, "it was damaged");
	return n < 0 ? 0 : n;
}

static int
find_copy(const struct store *s, const char *ref, const struct store_finder *finder)
{
	char server[REDIS_SERVER_MAX];
	enum store_copy_answer answer = store_copy_find(s->copy, ref, finder->row, finder->arg);

	if (answer == STORE_COPY_SILENT)
		finder->unreadable(
		    finder->arg, store_copy_server(s->copy, server), "Redis does not answer");
	return answer == STORE_COPY_FOUND;
}

/* Why there may be more than what is found; NULL: there is not. */
static const char *
why_not_all(const struct store *s, bool settled)
{
	if (access(s->options.path, R_OK | X_OK) != 0)
		return textfile_why(s->options.path, errno);
	return settled ? NULL : "what waits is not written yet";
}

int
store_find(struct store *s, const char *ref, const struct store_finder *finder)
{
	const char *error;
	uint64_t number;
	int day[DAYS_MAX], found = 0;
	unsigned n;
	bool settled;

	if (!ref_read(ref, &number))
		return -1;
	settled = settle(s, STORE_FIND_MS);
	n = days_list(s->options.path, day);
	for (unsigned i = 0; i < n; i++)
		found += find_in_day(s, day[i], number, finder);
	if (found > 0)
		return found;
	if ((error = why_not_all(s, settled)) != NULL)
		finder->unreadable(finder->arg, s->options.path, error);
	return s->copy == NULL ? 0 : find_copy(s, ref, finder);
}

static bool
forget_copy(void *arg, const char *ref)
{
	return store_copy_forget(arg, ref);
}

void
store_forget(struct store *s, const char *address, struct store_forgotten *out)
{
	int day[DAYS_MAX];
	unsigned days, rows;
	char aside[PATH_MAX];
	bool good;

	*out = (struct store_forgotten){.unwritten = !settle(s, STORE_SETTLE_MS)};
	days = days_list(s->options.path, day);
	for (unsigned i = 0; i < days; i++) {
		good = erasure_run(s->options.path, day[i], address,
		    s->copy != NULL ? forget_copy : NULL, s->copy, &rows, &out->error);
		out->rows += rows;
		days_aside(s->options.path, day[i], aside, sizeof(aside));
		out->failed += !good || aside[0] != '\0';
	}
}

/* --- Its end --- */

/* What nobody will write any more. */
static void
give_up(struct store *s, unsigned rows)
{
	struct logline line;

	for (unsigned i = 0; i < rows; i++)
		counter_add(COUNTER_STORE_DROPPED);
	if (rows == 0)
		return;
	logline_event(&line, "store-unwritten");
	logline_str(&line, "path", s->options.path);
	logline_num(&line, "count", rows);
	logline_end(&line, LOG_LEVEL_ERROR);
}

bool
store_stop(struct store *s)
{
	struct timespec until = condition_deadline(clock_ms() + STORE_STOP_MS);
	unsigned left;
	int error = 0;

	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	s->stop_at = clock_ms() + STORE_STOP_MS / 2;
	pthread_cond_broadcast(&s->changed);
	while (s->running && !s->ended && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	left = s->n + s->taken;
	if (s->ended && s->running) {
		pthread_join(s->thread, NULL);
		s->running = false;
	}
	if (!s->running) {
		waiting_free(s->first);
		s->first = NULL;
		s->last = &s->first;
		s->n = 0;
	}
	pthread_mutex_unlock(&s->lock);
	give_up(s, left);
	return !s->running;
}

void
store_free(struct store *s)
{
	if (s == NULL || !store_stop(s))
		return;
	pthread_cond_destroy(&s->changed);
	pthread_cond_destroy(&s->settled);
	pthread_mutex_destroy(&s->lock);
	writer_free(s->writer);
	free(s->options.path);
	free(s);
}
