/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datawatch.c - one list after the other, so that loading them leaves the processor to
 * mail.  The thread owns the memory, and frees it when it ends, whenever that may be.
 */
#include "config.h"

#include "data/datawatch.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "data/datafeeds.h"
#include "os/thread.h"

#define LINES_MAX 10      /* that are told of, of those that a look leaves out */
#define HANGING_MS 120000 /* no file takes so long to be read */

struct datawatch {
	int64_t every_ms;
	pthread_cond_t changed;
	pthread_mutex_t lock; /* guards the rest */
	bool stop, wake;
};

/* --- What is said --- */

/* A look at the files of a list. */
struct looking {
	const char *label;
	unsigned lines; /* left out */
};

static void
on_complaint(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	struct looking *looking = arg;
	struct logline out;

	if (fatal || ++looking->lines > LINES_MAX)
		return;
	logline_event(&out, "data-line-skipped");
	logline_str(&out, "list", looking->label);
	logline_str(&out, "file", file);
	logline_num(&out, "line", line);
	logline_words(&out, "why", why);
	logline_end(&out, LOG_LEVEL_WARNING);
}

static void
say_taken(const char *label, const struct datafeed_state *state, int64_t now)
{
	struct logline line;

	logline_event(&line, "data-taken");
	logline_str(&line, "list", label);
	logline_str(&line, "file", state->figures.file);
	logline_num(&line, "entries", (int64_t)state->figures.entries);
	logline_num(&line, "before", (int64_t)state->figures.before);
	logline_num(&line, "skipped", (int64_t)state->figures.skipped);
	logline_num(&line, "age", now - state->written);
	logline_end(&line, LOG_LEVEL_INFO);
}

static void
say_refused(const char *label, const struct datafeed_state *state)
{
	const struct datafeed_figures *figures = &state->figures;
	struct logline line;

	logline_event(&line, "data-refused");
	logline_str(&line, "list", label);
	logline_str(&line, "file", figures->file);
	if (figures->line > 0)
		logline_num(&line, "line", figures->line);
	logline_str(&line, "reason", datafeed_news_name(state->last));
	logline_words(&line, "why", figures->why);
	logline_num(&line, "entries", (int64_t)figures->entries);
	logline_num(&line, "before", (int64_t)figures->before);
	logline_end(&line, LOG_LEVEL_WARNING);
}

static void
say_age(const char *label, const struct datafeed_state *state, int64_t now)
{
	struct logline line;

	logline_event(&line, state->known ? "data-back" : "data-expired");
	logline_str(&line, "list", label);
	logline_str(&line, "file", state->oldest);
	logline_num(&line, "age", now - state->written);
	logline_end(&line, state->known ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR);
}

static void
say(struct datafeed *feed, int64_t now)
{
	const char *label = datafeed_rules(feed)->label;
	struct datafeed_state state;
	unsigned what = datafeed_say(feed, now, &state);

	if ((what & DATAFEED_SAY_NEWS) != 0 && state.last == DATAFEED_TAKEN)
		say_taken(label, &state, now);
	else if ((what & DATAFEED_SAY_NEWS) != 0)
		say_refused(label, &state);
	if ((what & DATAFEED_SAY_AGE) != 0)
		say_age(label, &state, now);
}

/* --- The thread --- */

/* Where a reload hangs at files that are new to it, other lists are not to wait for it. */
static void
look(struct datafeed *feed)
{
	struct looking looking = {.label = datafeed_rules(feed)->label};
	struct datafeed_figures figures;

	if (datafeed_busy(feed, clock_ms()) > 0)
		return;
	(void)datafeed_look(feed, clock_wall(), false, on_complaint, &looking, &figures);
	say(feed, clock_wall());
}

static bool
is_stopped(struct datawatch *w)
{
	bool stop;

	(void)pthread_mutex_lock(&w->lock);
	stop = w->stop;
	(void)pthread_mutex_unlock(&w->lock);
	return stop;
}

static void
look_at_all(struct datawatch *w)
{
	struct datafeed *feed = NULL;

	while ((feed = datafeeds_next(feed)) != NULL) {
		if (is_stopped(w)) {
			datafeed_unref(&feed);
			return;
		}
		look(feed);
	}
	datafeeds_sweep();
}

static void
wait(struct datawatch *w)
{
	struct timespec until = condition_deadline(clock_ms() + w->every_ms);

	(void)pthread_mutex_lock(&w->lock);
	while (
	    !w->stop && !w->wake && pthread_cond_timedwait(&w->changed, &w->lock, &until) == 0)
		;
	w->wake = false;
	(void)pthread_mutex_unlock(&w->lock);
}

static void *
work(void *arg)
{
	struct datawatch *w = arg;

	while (!is_stopped(w)) {
		look_at_all(w);
		wait(w);
	}
	(void)pthread_cond_destroy(&w->changed);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

struct datawatch *
datawatch_start(int64_t every_ms)
{
	struct datawatch *w = calloc(1, sizeof(*w));
	pthread_t thread;

	if (w == NULL)
		return NULL;
	w->every_ms = every_ms;
	condition_init(&w->changed);
	(void)pthread_mutex_init(&w->lock, NULL);
	if (!thread_start(&thread, NULL, work, w)) {
		(void)pthread_cond_destroy(&w->changed);
		(void)pthread_mutex_destroy(&w->lock);
		free(w);
		return NULL;
	}
	(void)pthread_detach(thread);
	return w;
}

/* --- For others --- */

void
datawatch_wake(struct datawatch *w)
{
	(void)pthread_mutex_lock(&w->lock);
	w->wake = true;
	(void)pthread_cond_signal(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
}

void
datawatch_check(int64_t now)
{
	struct datafeed *feed = NULL;
	struct logline line;
	int64_t ms;

	while ((feed = datafeeds_next(feed)) != NULL) {
		if ((ms = datafeed_say_busy(feed, now, HANGING_MS)) == 0)
			continue;
		logline_event(&line, "data-hangs");
		logline_str(&line, "list", datafeed_rules(feed)->label);
		logline_num(&line, "seconds", ms / 1000);
		logline_end(&line, LOG_LEVEL_ERROR);
	}
}

void
datawatch_stop(struct datawatch *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->stop = true;
	(void)pthread_cond_signal(&w->changed);
	(void)pthread_mutex_unlock(&w->lock);
}
