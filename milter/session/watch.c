/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/watch.c - a thread that asks about everything in a round, and in a shorter one, soon
 * after, about what one answer more is wanted of.
 */
#include "config.h"

#include "session/watch.h"
#include "session/datafacts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "lookup/fresh.h"
#include "os/thread.h"
#include "session/client.h"
#include "session/tails.h"
#include "session/watchbook.h"
#include "session/watchfile.h"

#define LOOK_MS 1000    /* between two looks at the clock */
#define TESTED_MS 60000 /* how long the first tests of lists are waited for */
#define AGAIN_S (WATCH_APART_S + 5)
#define EVERY_JITTER 10 /* percent */
#define WHY_MAX 256

struct watch {
	const struct client_services *services;
	struct tails *tails;
	struct watchbook *book;
	char *folder; /* of the file of what is known, or NULL */
	pthread_t thread;
	bool running; /* main thread, and so is the next one */
	bool all;     /* of the last configuration */

	/* Of the thread: when the next rounds are due, in clock_wall(); whether what is known is
	 * to be written; and whether that has failed. */
	int64_t next, again;
	bool unsaved, failed;

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t wake;
	bool stopping, changed;
};

/* --- What is told --- */

static void
log_news(struct watch *w, const struct watch_news *news)
{
	enum watch_event event = news->event;
	bool bad = event == WATCH_LISTED_NOW || event == WATCH_UNKNOWN;
	struct logline line;

	logline_event(&line,
	    event == WATCH_LISTED_NOW     ? "watch-listed"
		: event == WATCH_DELISTED ? "watch-delisted"
		: event == WATCH_UNKNOWN  ? "watch-unknown"
					  : "watch-known");
	logline_str(&line, "subject", news->subject);
	logline_str(&line, "list", news->list);
	logline_str(&line, "scope", news->scope);
	logline_str(&line, "category", news->category);
	logline_close(&line);
	if (tails_are_wanted(w->tails))
		tails_put(w->tails, line.text.data);
	logline_end(&line, bad ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO);
}

/* --- What is kept --- */

/* Write what is known; that it cannot be written is said once. */
static void
save(struct watch *w)
{
	struct watchfile f = {.nrows = 0};
	char why[WHY_MAX] = "out of memory";
	bool good;

	w->unsaved = false;
	if (w->folder == NULL)
		return;
	good = watchbook_copy(w->book, &f) && watchfile_save(&f, w->folder, why, sizeof(why));
	watchfile_clear(&f);
	if (!good && !w->failed)
		log_event(LOG_LEVEL_WARNING, "watch-unsaved", "why", why);
	w->failed = !good;
}

/* Read what was known, once. */
static void
load(struct watch *w, const struct conf *conf)
{
	struct watchfile f;
	char why[WHY_MAX];

	if (conf->store.path == NULL || w->folder != NULL ||
	    (w->folder = strdup(conf->store.path)) == NULL)
		return;
	if (watchfile_load(&f, w->folder, why, sizeof(why))) {
		watchbook_remember(w->book, &f);
	} else if (why[0] != '\0')
		log_event(LOG_LEVEL_WARNING, "watch-forgotten", "why", why);
	watchfile_clear(&f);
}

/* Tell a change to all who want to know: it is kept before anybody hears of it. */
static void
tell(struct watch *w, struct watch_news *news)
{
	watchbook_add(w->book, news);
	save(w);
	log_news(w, news);
}

/* --- Answers --- */

/* What a list is worth that is not well is nothing, whatever it says. */
static enum watch_answer
answer_of(const struct listing *list, const struct fact *fact, enum category *category)
{
	enum list_state state = listing_fact_state(list, fact);
	const struct answer *answer;
	uint32_t code;

	if ((state != LIST_GOOD && state != LIST_RESTORED) || fact->unproven)
		return WATCH_NOTHING;
	if (fact->state == FACT_CLEAR)
		return WATCH_CLEAR;
	if (fact->state != FACT_LISTED)
		return WATCH_NOTHING;
	answer = listing_answer(list, fact, &code);
	/* It may speak for us; what counts for nobody is no listing either. */
	if (list->kind != KIND_ALLOW && (answer == NULL || answer->score < 0))
		return WATCH_CLEAR;
	*category = answer != NULL ? answer->category : CATEGORY_ALLOW;
	return WATCH_LISTED;
}

/* Note what a list has said of a subject; whether that is a change, and which. */
static bool
note(struct watch *w, const char *subject, const struct listing *list, const struct fact *fact,
    struct watch_news *news)
{
	enum category category = CATEGORY_MAX;
	enum watch_answer answer = answer_of(list, fact, &category);
	enum watch_change change =
	    watchbook_hear(w->book, subject, list, fact, answer, &category);

	w->unsaved = true;
	*news = (struct watch_news){
	    .event = change == WATCH_GOT_LISTED ? WATCH_LISTED_NOW : WATCH_DELISTED,
	    .scope = watch_scope_name(list->scope),
	    .category = category != CATEGORY_MAX ? category_name(category) : NULL};
	(void)strbuf_copy(news->subject, sizeof(news->subject), subject);
	(void)strbuf_copy(news->list, sizeof(news->list), list->label);
	return change != WATCH_SAME;
}

/* --- Questions --- */

static struct subject
subject_of(const struct watch_subject *s, enum role role)
{
	static const struct ipaddr none = {.bits = 0};

	if (role == ROLE_ADDRESS)
		return subject_address(s->address.bits != 0 ? &s->address : &none);
	return subject_name(role, s->address.bits != 0 ? NULL : s->text);
}

/* The lists of a role that are to be asked about a subject: one of names is asked once, in
 * whatever role. */
static listset
lists_of(struct watch *w, struct roster *roster, const struct watch_subject *s,
    const struct subject *subject, bool again)
{
	listset lists = roster_of(roster, subject->role) & ~roster_own(roster);

	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(lists, i) &&
		    (!listing_covers(roster->list[i], subject) || roster_repeats(roster, i) ||
			(again && !watchbook_wants(w->book, s->text, roster->list[i]->label))))
			lists &= ~((listset)1 << i);
	return lists;
}

/* Look into the data of lists: only those are asked whose data does not tell. */
static void
look_at_data(struct watch *w, struct roster *roster, listset all,
    struct fresh_question question[ROLES], struct fact *facts)
{
	struct datafacts data;
	listset settled;

	datafacts_take(&data, roster, all);
	settled = datafacts_settled(&data);
	for (enum role role = ROLE_ADDRESS; role < ROLES; role++) {
		datafacts_find(&data, question[role].lists & settled, &question[role].subject,
		    w->services->datahealth, facts);
		question[role].lists &= ~settled;
	}
	datafacts_drop(&data);
}

static void
ask(struct watch *w, struct roster *roster, const struct watch_subject *s, bool again)
{
	struct fresh_question question[ROLES];
	struct fact facts[LISTS_MAX] = {{0}};
	struct watch_news news;
	listset all = 0;

	for (enum role role = ROLE_ADDRESS; role < ROLES; role++) {
		question[role].subject = subject_of(s, role);
		question[role].lists = lists_of(w, roster, s, &question[role].subject, again);
		all |= question[role].lists;
	}
	if (all == 0)
		return;
	look_at_data(w, roster, all, question, facts);
	(void)fresh_ask(w->services->lookups, roster, question, facts);
	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(all, i) && note(w, s->text, roster->list[i], &facts[i], &news))
			tell(w, &news);
}

/* --- Rounds --- */

static bool
is_stopping(struct watch *w)
{
	bool stopping;

	pthread_mutex_lock(&w->lock);
	stopping = w->stopping;
	pthread_mutex_unlock(&w->lock);
	return stopping;
}

/* Forget what is not watched any more, and by whom. */
static void
forget(struct watch *w)
{
	if (watchbook_forget(w->book))
		w->unsaved = true;
}

/* Say which lists have been silent for long, or are no more. */
static void
hear_silence(struct watch *w)
{
	for (size_t i = 0; i < LISTS_MAX; i++) {
		struct watch_news news = {.event = WATCH_KNOWN};
		enum watch_silence_change change = watchbook_end_list(w->book, i, news.list);

		if (change == SILENCE_LONG)
			news.event = WATCH_UNKNOWN;
		if (change != SILENCE_SAME)
			tell(w, &news);
	}
}

/* Ask about all, or about what one answer more is wanted of; whether any is. */
static bool
go_round(struct watch *w, const struct conf *conf, bool again)
{
	if (!again)
		watchbook_begin(w->book);
	for (unsigned i = 0; i < conf->watch.n; i++) {
		if (is_stopping(w))
			return false;
		ask(w, conf->tested, &conf->watch.subject[i], again);
	}
	if (!again) {
		forget(w);
		hear_silence(w);
	}
	return watchbook_wants_any(w->book);
}

/* Whether all lists have had their first tests: until then nothing is believed. */
static bool
is_tested(const struct roster *roster)
{
	for (unsigned i = 0; i < roster->n; i++)
		if (listing_state(roster->list[i]) == LIST_NEW)
			return false;
	return true;
}

/* Do what is due, if anything is.  Due times that are too far away were made before the clock
 * was put back. */
static void
look(struct watch *w, const struct conf *conf, int64_t waits_until)
{
	int64_t now = clock_wall();
	bool again = w->again != 0 && (now >= w->again || now < w->again - AGAIN_S);
	bool due = now >= w->next || now < w->next - 2 * conf->watch.every;

	if (conf->watch.n == 0) {
		watchbook_begin(w->book);
		forget(w);
		return;
	}
	if ((!due && !again) || (!is_tested(conf->tested) && clock_ms() < waits_until))
		return;
	if (go_round(w, conf, !due))
		w->again = clock_wall() + AGAIN_S;
	else
		w->again = 0;
	if (due)
		w->next =
		    clock_wall() + jittered(conf->watch.every * 1000, EVERY_JITTER) / 1000;
}

static void *
run(void *arg)
{
	struct watch *w = arg;
	int64_t waits_until = 0;
	struct conf *conf;

	pthread_mutex_lock(&w->lock);
	while (!w->stopping) {
		struct timespec until = condition_deadline(clock_ms() + LOOK_MS);

		if (w->changed) {
			w->changed = false;
			w->next = 0;
			waits_until = clock_ms() + TESTED_MS;
		}
		pthread_mutex_unlock(&w->lock);
		conf = conf_current();
		if (conf != NULL) /* else it is about to end */
			look(w, conf, waits_until);
		conf_unref(&conf);
		if (w->unsaved)
			save(w);
		pthread_mutex_lock(&w->lock);
		if (!w->stopping && !w->changed)
			(void)pthread_cond_timedwait(&w->wake, &w->lock, &until);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* --- What is asked of it --- */

bool
watch_row(struct watch *w, size_t i, struct watch_row *row)
{
	return watchbook_row(w->book, i, row);
}

bool
watch_silence(struct watch *w, size_t i, char list[CHECKER_LABEL_MAX + 1], int64_t *since)
{
	return watchbook_silence(w->book, i, list, since);
}

const char *
watch_series(const struct watch *w)
{
	return watchbook_series(w->book);
}

uint64_t
watch_last(struct watch *w)
{
	return watchbook_last(w->book);
}

bool
watch_next(struct watch *w, uint64_t number, struct watch_news *news)
{
	return watchbook_next(w->book, number, news);
}

/* --- Its life --- */

struct watch *
watch_new(const struct client_services *services, struct tails *tails)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->services = services;
	w->tails = tails;
	if ((w->book = watchbook_new()) == NULL) {
		free(w);
		return NULL;
	}
	pthread_mutex_init(&w->lock, NULL);
	condition_init(&w->wake);
	return w;
}

static bool
is_watched(const struct watch_options *o, const char *subject)
{
	for (unsigned i = 0; i < o->n; i++)
		if (strcmp(o->subject[i].text, subject) == 0)
			return true;
	return false;
}

/* Whether what is known is of other subjects than those that are to be watched, or of other
 * lists. */
static bool
differs(struct watch *w, const struct watch_options *o)
{
	bool other = o->n > 0 && w->all != o->all;
	struct watch_row row;

	w->all = o->all;
	for (unsigned i = 0; i < o->n; i++)
		other = other || !watchbook_knows(w->book, o->subject[i].text);
	for (size_t i = 0; !other && watchbook_row(w->book, i, &row); i++)
		other = !is_watched(o, row.subject);
	return other;
}

void
watch_configure(struct watch *w)
{
	struct conf *conf = conf_current();

	if (conf != NULL && !w->running && conf->watch.n > 0)
		load(w, conf);
	if (conf != NULL && (differs(w, &conf->watch) || (!w->running && conf->watch.n > 0))) {
		pthread_mutex_lock(&w->lock);
		w->changed = true;
		pthread_cond_signal(&w->wake);
		pthread_mutex_unlock(&w->lock);
		if (!w->running && !(w->running = thread_start(&w->thread, NULL, run, w)))
			log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "watching");
	}
	conf_unref(&conf);
}

void
watch_free(struct watch *w)
{
	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	if (w->running)
		pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->folder);
	watchbook_free(w->book);
	free(w);
}
