/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/store.c - a queue, and the thread that empties it into the file of the day.  What
 * cannot be written is dropped and counted: the line is in the log all the same.
 */
#include "config.h"

#include "store/store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/random.h"
#include "os/thread.h"
#include "store/dayfile.h"
#include "store/days.h"
#include "store/erasure.h"
#include "store/hours.h"

#define LOOK_S 60 /* between two looks at how much there is */

/* A row that waits; its texts stand one after the other behind it. */
struct waiting {
	struct waiting *next;
	struct store_row row;
	char text[];
};

struct store {
	struct store_options options;
	pthread_t thread;
	bool running;

	struct dayfile *file; /* the thread's own, as is what follows */
	int day;              /* of the file */
	int64_t looked;       /* when it was looked how much there is, in clock_wall() */
	bool failing;         /* it has been said */
	struct hours *hours;
	int64_t hours_again; /* not before then, in clock_ms() */

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	pthread_cond_t settled; /* a batch is done */
	struct waiting *first, **last;
	unsigned n;
	uint64_t put, done; /* rows that came, and that do not wait any more */
	bool stopping;
};

struct store *
store_new(const struct store_options *options)
{
	struct store *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->options = *options;
	s->options.path = strdup(options->path);
	s->hours = hours_new(clock_wall());
	if (s->options.path == NULL || s->hours == NULL) {
		hours_free(s->hours);
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

/* --- The queue --- */

static const char *
append(char **at, const char *text)
{
	char *begin = *at;

	if (text == NULL)
		return NULL;
	*at = stpcpy(begin, text) + 1;
	return begin;
}

static size_t
size_of(const char *text)
{
	return text != NULL ? strlen(text) + 1 : 0;
}

static struct waiting *
copy_row(const struct store_row *row)
{
	size_t size = size_of(row->ref) + size_of(row->line) + size_of(row->policy) +
	    size_of(row->conf) + size_of(row->at);
	struct waiting *w = malloc(sizeof(*w) + size);
	char *at;

	if (w == NULL)
		return NULL;
	at = w->text;
	w->next = NULL;
	w->row = (struct store_row){
	    .time = clock_wall(),
	    .ref = append(&at, row->ref),
	    .line = append(&at, row->line),
	    .policy = append(&at, row->policy),
	    .conf = append(&at, row->conf),
	    .at = append(&at, row->at),
	};
	return w;
}

void
store_put(struct store *s, const struct store_row *row)
{
	struct waiting *w = copy_row(row);
	bool taken;

	pthread_mutex_lock(&s->lock);
	taken = w != NULL && s->n < STORE_QUEUE_MAX && !s->stopping;
	if (taken) {
		*s->last = w;
		s->last = &w->next;
		s->n++;
		s->put++;
		/* The first one wakes the thread, which then waits for others; or they are
		 * enough. */
		if (s->n == 1 || s->n == STORE_BATCH_MAX)
			pthread_cond_signal(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	if (!taken) {
		free(w);
		counter_add(COUNTER_STORE_DROPPED);
	}
}

/* When hours are to be written, in clock_ms(). */
static int64_t
next_hours(const struct store *s)
{
	int64_t now = clock_ms(), due = now + hours_left_ms(s->hours, clock_wall());

	return due > s->hours_again ? due : s->hours_again;
}

/* Wait until there is something, and then for as much as a batch may have or take; false:
 * there is nothing, and hours are to be written, or we are to stop. */
static bool
await_batch(struct store *s)
{
	struct timespec until = condition_deadline(next_hours(s));
	int error = 0;

	while (s->n == 0 && !s->stopping && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	if (s->n == 0)
		return false;
	error = 0;
	until = condition_deadline(clock_ms() + STORE_BATCH_MS);
	while (s->n < STORE_BATCH_MAX && !s->stopping && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	return s->n > 0;
}

/* The first rows of the queue, as many as a batch may have. */
static struct waiting *
take_batch(struct store *s)
{
	struct waiting *batch = s->first, **end = &batch;

	for (unsigned n = 0; *end != NULL && n < STORE_BATCH_MAX; n++) {
		end = &(*end)->next;
		s->n--;
	}
	s->first = *end;
	if (s->first == NULL)
		s->last = &s->first;
	*end = NULL;
	return batch;
}

static void
free_batch(struct waiting *batch)
{
	for (struct waiting *next; batch != NULL; batch = next) {
		next = batch->next;
		free(batch);
	}
}

/* --- The thread --- */

static void
say(struct store *s, const char *event, const char *error, const char *hint)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "path", s->options.path);
	logline_words(&line, "error", error);
	logline_words(&line, "hint", hint);
	logline_end(&line, LOG_LEVEL_ERROR);
}

/* It cannot be written: said once, until it can be again. */
static bool
fail(struct store *s, enum dayfile_fault fault, const char *error)
{
	const char *hint = fault == DAYFILE_FULL ? "free space, or raise size"
						 : "see that its user may write there";

	if (!s->failing)
		say(s, "store-failed", error, hint);
	s->failing = true;
	dayfile_close(s->file);
	s->file = NULL;
	return false;
}

/* A file that is none any more is set aside, for somebody to look at. */
static void
set_aside(struct store *s, int day, const char *error)
{
	dayfile_close(s->file);
	s->file = NULL;
	days_set_aside(s->options.path, day);
	say(s, "store-corrupt", error, "it is set aside as NAME.corrupt");
}

static void
look_after_days(struct store *s, int day, int64_t now)
{
	if (day == s->day && now >= s->looked && now - s->looked < LOOK_S)
		return;
	s->looked = now;
	days_trim(s->options.path, day, s->options.keep, s->options.size);
}

static void
count_rows(enum counter which, const struct waiting *w)
{
	for (; w != NULL; w = w->next)
		counter_add(which);
}

/* What goes into the file of one day: rows up to end, or else hours. */
struct portion {
	const struct waiting *first, *end;
	struct hours *hours; /* or NULL */
};

/* Write a portion; what went wrong. */
static enum dayfile_fault
write_portion(struct store *s, int day, const struct portion *p, const char **error)
{
	enum dayfile_fault fault = DAYFILE_GOOD;

	if (s->file == NULL)
		s->file = dayfile_open(s->options.path, day, s->options.size, &fault, error);
	if (s->file == NULL)
		return fault;
	fault = dayfile_begin(s->file, error);
	for (const struct waiting *w = p->first; fault == DAYFILE_GOOD && w != p->end;
	     w = w->next)
		fault = dayfile_add(s->file, &w->row, error);
	if (fault == DAYFILE_GOOD && p->hours != NULL)
		fault = hours_write(p->hours, s->file, error);
	return dayfile_end(s->file, fault, error);
}

/* The clock was set back, and not by the seconds in which rows may overtake each other. */
static void
change_day(struct store *s, int day)
{
	if (s->file != NULL && day != s->day) {
		dayfile_close(s->file);
		s->file = NULL;
	}
	if (day < s->day)
		say(s, "store-clock", "the clock was set back by a day or more",
		    "see that the time is right");
	s->day = day;
}

static bool
write_day(struct store *s, int day, int64_t now, const struct portion *p)
{
	const char *error = NULL;
	enum dayfile_fault fault;

	look_after_days(s, day, now);
	change_day(s, day);
	if ((fault = write_portion(s, day, p, &error)) == DAYFILE_CORRUPT) {
		set_aside(s, day, error);
		fault = write_portion(s, day, p, &error);
	}
	if (fault != DAYFILE_GOOD)
		return fail(s, fault, error);
	if (p->hours != NULL)
		return true; /* rows may find no room all the same */
	if (s->failing)
		log_event(LOG_LEVEL_INFO, "store-restored", "path", s->options.path);
	s->failing = false;
	return true;
}

static void
write_batch(struct store *s, struct waiting *batch)
{
	while (batch != NULL) {
		struct waiting *end = batch, **last = &batch, *rest;
		bool good;

		for (; end != NULL && days_of(end->row.time) == days_of(batch->row.time);
		     end = end->next)
			last = &end->next;
		good = write_day(s, days_of(batch->row.time), batch->row.time,
		    &(struct portion){batch, end, NULL});
		rest = *last;
		*last = NULL;
		count_rows(good ? COUNTER_STORE_ROWS : COUNTER_STORE_DROPPED, batch);
		free_batch(batch);
		batch = rest;
	}
}

/*
 * Write what was counted until now.  The hour is in the row: one that could not be written
 * on its day, or of a clock that was set back, goes into the file that is there.
 */
static void
write_hours(struct store *s)
{
	int64_t now = clock_wall();
	int day = days_of(hours_began(s->hours));
	const struct portion portion = {NULL, NULL, s->hours};

	if (!hours_grown(s->hours) || write_day(s, day > s->day ? day : s->day, now, &portion))
		hours_settle(s->hours, now);
	else
		s->hours_again = clock_ms() + LOOK_S * INT64_C(1000);
}

/* Hours first: rows may be of the day after. */
static void
write_what_is_due(struct store *s, struct waiting *batch)
{
	if (hours_due(s->hours, clock_wall()) && clock_ms() >= s->hours_again)
		write_hours(s);
	write_batch(s, batch);
}

static void *
run(void *arg)
{
	struct store *s = arg;
	int64_t now = clock_wall();

	look_after_days(s, days_of(now), now);
	s->day = days_of(now);
	pthread_mutex_lock(&s->lock);
	while (await_batch(s) || !s->stopping) {
		struct waiting *batch = take_batch(s);

		pthread_mutex_unlock(&s->lock);
		write_what_is_due(s, batch);
		pthread_mutex_lock(&s->lock);
		s->done = s->put - s->n;
		pthread_cond_broadcast(&s->settled);
	}
	pthread_mutex_unlock(&s->lock);
	write_hours(s);
	dayfile_close(s->file);
	s->file = NULL;
	return NULL;
}

bool
store_start(struct store *s)
{
	s->running = thread_start(&s->thread, NULL, run, s);
	return s->running;
}

int
store_find(struct store *s, const char *ref, void (*fn)(void *arg, const struct store_row *),
    void *arg)
{
	uint64_t number;
	int day[DAYS_MAX], found = 0;
	unsigned n;

	if (!ref_read(ref, &number))
		return -1;
	n = days_list(s->options.path, day);
	for (unsigned i = 0; i < n; i++)
		found += dayfile_find(s->options.path, day[i], number, fn, arg);
	return found;
}

/* Wait until what waits now does not; false: it does still. */
static bool
settle(struct store *s)
{
	struct timespec until = condition_deadline(clock_ms() + STORE_SETTLE_MS);
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

void
store_forget(struct store *s, const char *address, struct store_forgotten *out)
{
	int day[DAYS_MAX], n;
	unsigned days;

	*out = (struct store_forgotten){.unwritten = !settle(s)};
	days = days_list(s->options.path, day);
	for (unsigned i = 0; i < days; i++) {
		n = erasure_run(s->options.path, day[i], address, &out->error);
		out->rows += n > 0 ? (unsigned)n : 0;
		out->failed += n < 0 || erasure_is_aside(s->options.path, day[i]);
	}
}

void
store_stop(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (s->running)
		pthread_join(s->thread, NULL);
	s->running = false;
}

void
store_free(struct store *s)
{
	if (s == NULL)
		return;
	store_stop(s);
	free_batch(s->first);
	pthread_cond_destroy(&s->changed);
	pthread_cond_destroy(&s->settled);
	pthread_mutex_destroy(&s->lock);
	hours_free(s->hours);
	free(s->options.path);
	free(s);
}
