/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/watch.c - a thread that asks about everything in a round, and in a shorter one, soon
 * after, about what one answer more is wanted of.
 */
#include "config.h"

#include "session/watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "lookup/fresh.h"
#include "os/thread.h"
#include "session/client.h"
#include "session/tails.h"
#include "session/watchfile.h"

#define LOOK_MS 1000    /* between two looks at the clock */
#define TESTED_MS 60000 /* how long the first tests of lists are waited for */
#define AGAIN_S (WATCH_APART_S + 5)
#define EVERY_JITTER 10 /* percent */
#define WHY_MAX 256

struct row {
	struct watch_row row;
	bool seen; /* in this round */
};

struct list_row {
	char list[CHECKER_LABEL_MAX + 1];
	struct watch_silence silence;
	bool asked, said; /* in this round */
	bool seldom;      /* no policy names it: its silence is no news */
};

struct watch {
	const struct client_services *services;
	struct tails *tails;
	char series[REF_LEN + 1];
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
	struct row *row;
	size_t nrows;
	struct list_row list[LISTS_MAX];
	size_t nlists;
	struct watch_news news[WATCH_NEWS_MAX];
	uint64_t nnews;
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

/* The changes that are kept, the oldest first. */
static void
copy_news_locked(const struct watch *w, struct watchfile *f)
{
	uint64_t first = w->nnews > WATCH_NEWS_MAX ? w->nnews - WATCH_NEWS_MAX : 0;

	f->last = w->nnews;
	for (uint64_t number = first + 1; number <= w->nnews; number++)
		f->news[f->nnews++] = w->news[number % WATCH_NEWS_MAX];
}

/* Copy all that is known; false: out of memory. */
static bool
copy_locked(const struct watch *w, struct watchfile *f)
{
	memcpy(f->series, w->series, sizeof(f->series));
	copy_news_locked(w, f);
	for (size_t i = 0; i < w->nlists; i++) {
		struct watchfile_list *l = &f->list[f->nlists++];

		memcpy(l->list, w->list[i].list, sizeof(l->list));
		l->silence = w->list[i].silence;
	}
	if (w->nrows > 0 && (f->row = calloc(w->nrows, sizeof(f->row[0]))) == NULL)
		return false;
	while (f->nrows < w->nrows) {
		f->row[f->nrows] = w->row[f->nrows].row;
		f->nrows++;
	}
	return true;
}

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
	pthread_mutex_lock(&w->lock);
	good = copy_locked(w, &f);
	pthread_mutex_unlock(&w->lock);
	good = good && watchfile_save(&f, w->folder, why, sizeof(why));
	watchfile_clear(&f);
	if (!good && !w->failed)
		log_event(LOG_LEVEL_WARNING, "watch-unsaved", "why", why);
	w->failed = !good;
}

/* Take what was known before the start.  What holds now is asked again. */
static void
remember_locked(struct watch *w, const struct watchfile *f)
{
	if (f->nrows > 0 && (w->row = calloc(f->nrows, sizeof(w->row[0]))) == NULL)
		return;
	memcpy(w->series, f->series, sizeof(w->series));
	for (; w->nrows < f->nrows; w->nrows++)
		w->row[w->nrows].row = f->row[w->nrows];
	for (; w->nlists < f->nlists; w->nlists++) {
		memcpy(
		    w->list[w->nlists].list, f->list[w->nlists].list, sizeof(w->list[0].list));
		w->list[w->nlists].silence = f->list[w->nlists].silence;
	}
	for (size_t i = 0; i < f->nnews; i++)
		w->news[f->news[i].number % WATCH_NEWS_MAX] = f->news[i];
	w->nnews = f->last;
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
		pthread_mutex_lock(&w->lock);
		remember_locked(w, &f);
		pthread_mutex_unlock(&w->lock);
	} else if (why[0] != '\0')
		log_event(LOG_LEVEL_WARNING, "watch-forgotten", "why", why);
	watchfile_clear(&f);
}

/* Tell a change to all who want to know: it is kept before anybody hears of it. */
static void
tell(struct watch *w, struct watch_news *news)
{
	news->time = clock_wall();
	pthread_mutex_lock(&w->lock);
	news->number = ++w->nnews;
	w->news[news->number % WATCH_NEWS_MAX] = *news;
	pthread_mutex_unlock(&w->lock);
	save(w);
	log_news(w, news);
}

const char *
watch_series(const struct watch *w)
{
	return w->series;
}

uint64_t
watch_last(struct watch *w)
{
	uint64_t last;

	pthread_mutex_lock(&w->lock);
	last = w->nnews;
	pthread_mutex_unlock(&w->lock);
	return last;
}

bool
watch_next(struct watch *w, uint64_t number, struct watch_news *news)
{
	bool found;

	pthread_mutex_lock(&w->lock);
	if (w->nnews > WATCH_NEWS_MAX && number < w->nnews - WATCH_NEWS_MAX)
		number = w->nnews - WATCH_NEWS_MAX;
	found = number < w->nnews;
	if (found)
		*news = w->news[(number + 1) % WATCH_NEWS_MAX];
	pthread_mutex_unlock(&w->lock);
	return found;
}

/* --- Rows --- */

bool
watch_row(struct watch *w, size_t i, struct watch_row *row)
{
	bool found;

	pthread_mutex_lock(&w->lock);
	found = i < w->nrows;
	if (found)
		*row = w->row[i].row;
	pthread_mutex_unlock(&w->lock);
	return found;
}

bool
watch_silence(struct watch *w, size_t i, char list[CHECKER_LABEL_MAX + 1], int64_t *since)
{
	bool found;

	pthread_mutex_lock(&w->lock);
	found = i < w->nlists;
	if (found) {
		memcpy(list, w->list[i].list, sizeof(w->list[i].list));
		*since = w->list[i].said ? 0 : w->list[i].silence.since;
	}
	pthread_mutex_unlock(&w->lock);
	return found;
}

static struct row *
find_locked(const struct watch *w, const char *subject, const char *list)
{
	for (size_t i = 0; i < w->nrows; i++)
		if (strcmp(w->row[i].row.subject, subject) == 0 &&
		    strcmp(w->row[i].row.list, list) == 0)
			return &w->row[i];
	return NULL;
}

/* The row of a subject and a list, which may be new; NULL: out of memory. */
static struct row *
take_locked(struct watch *w, const char *subject, const char *list)
{
	struct row *row = find_locked(w, subject, list), *rows;

	if (row != NULL)
		return row;
	if ((rows = bulk_next(w->row, w->nrows, sizeof(rows[0]))) == NULL)
		return NULL;
	w->row = rows;
	row = &rows[w->nrows++];
	*row = (struct row){.row = {.category = CATEGORY_MAX}};
	(void)strbuf_copy(row->row.subject, sizeof(row->row.subject), subject);
	(void)strbuf_copy(row->row.list, sizeof(row->row.list), list);
	return row;
}

static struct list_row *
take_list_locked(struct watch *w, const char *list)
{
	size_t i = 0;

	while (i < w->nlists && strcmp(w->list[i].list, list) != 0)
		i++;
	if (i == LISTS_MAX)
		return NULL;
	if (i == w->nlists) {
		w->list[w->nlists++] = (struct list_row){.said = false};
		(void)strbuf_copy(w->list[i].list, sizeof(w->list[i].list), list);
	}
	return &w->list[i];
}

/* --- Answers --- */

/* What a list is worth that is not well is nothing, whatever it says. */
static enum watch_answer
answer_of(const struct listing *list, const struct fact *fact, enum category *category)
{
	enum list_state state = listing_state(list);
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
	enum watch_change change = WATCH_SAME;
	enum category category = CATEGORY_MAX;
	enum watch_answer answer = answer_of(list, fact, &category);
	struct list_row *of_list;
	struct row *row;

	pthread_mutex_lock(&w->lock);
	if ((of_list = take_list_locked(w, list->label)) != NULL) {
		of_list->asked = true;
		of_list->seldom = list->seldom;
		of_list->said = of_list->said || answer != WATCH_NOTHING;
	}
	if ((row = take_locked(w, subject, list->label)) != NULL) {
		row->seen = true;
		row->row.kind = list->kind;
		row->row.scope = list->scope;
		row->row.seldom = list->seldom;
		row->row.fact = *fact;
		if (answer == WATCH_LISTED)
			row->row.category = category;
		change = watched_hear(&row->row.watched, answer, clock_wall());
		category = row->row.category;
	}
	pthread_mutex_unlock(&w->lock);
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

/* Whether one answer more is wanted soon: not of a list that may well never answer us. */
static bool
is_open(const struct watch_row *row)
{
	return watched_wants_more(&row->watched) && !(row->seldom && row->watched.known == 0);
}

static bool
wants_more(struct watch *w, const char *subject, const char *list)
{
	const struct row *row;
	bool wanted;

	pthread_mutex_lock(&w->lock);
	row = find_locked(w, subject, list);
	wanted = row != NULL && is_open(&row->row);
	pthread_mutex_unlock(&w->lock);
	return wanted;
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
			(again && !wants_more(w, s->text, roster->list[i]->label))))
			lists &= ~((listset)1 << i);
	return lists;
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

static void
begin_round(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nrows; i++)
		w->row[i].seen = false;
	for (size_t i = 0; i < w->nlists; i++)
		w->list[i].asked = w->list[i].said = false;
	pthread_mutex_unlock(&w->lock);
}

/* Forget what is not watched any more, and by whom. */
static void
forget(struct watch *w)
{
	size_t rows = 0, lists = 0;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nrows; i++)
		if (w->row[i].seen)
			w->row[rows++] = w->row[i];
	for (size_t i = 0; i < w->nlists; i++)
		if (w->list[i].asked)
			w->list[lists++] = w->list[i];
	w->unsaved = w->unsaved || w->nrows > rows || w->nlists > lists;
	w->nrows = rows;
	w->nlists = lists;
	pthread_mutex_unlock(&w->lock);
}

/* Say which lists have been silent for long, or are no more. */
static void
hear_silence(struct watch *w)
{
	for (size_t i = 0; i < LISTS_MAX; i++) {
		enum watch_silence_change change = SILENCE_SAME;
		struct watch_news news = {.event = WATCH_KNOWN};

		pthread_mutex_lock(&w->lock);
		if (i < w->nlists) {
			change = watch_silence_hear(
			    &w->list[i].silence, w->list[i].said, clock_wall());
			memcpy(news.list, w->list[i].list, sizeof(news.list));
		}
		if (i < w->nlists && w->list[i].seldom) {
			change = SILENCE_SAME;
			w->list[i].silence.told = false;
		}
		pthread_mutex_unlock(&w->lock);
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
	bool wanted = false;

	if (!again)
		begin_round(w);
	for (unsigned i = 0; i < conf->watch.n; i++) {
		if (is_stopping(w))
			return false;
		ask(w, conf->tested, &conf->watch.subject[i], again);
	}
	if (!again) {
		forget(w);
		hear_silence(w);
	}
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nrows; i++)
		wanted = wanted || is_open(&w->row[i].row);
	pthread_mutex_unlock(&w->lock);
	return wanted;
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
		begin_round(w);
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

/* --- Its life --- */

struct watch *
watch_new(const struct client_services *services, struct tails *tails)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->services = services;
	w->tails = tails;
	ref_make(w->series);
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

/* Whether something is known of a subject. */
static bool
is_known_locked(const struct watch *w, const char *subject)
{
	for (size_t i = 0; i < w->nrows; i++)
		if (strcmp(w->row[i].row.subject, subject) == 0)
			return true;
	return false;
}

/* Whether what is known is of other subjects than those that are to be watched, or of other
 * lists. */
static bool
differs(struct watch *w, const struct watch_options *o)
{
	bool other = o->n > 0 && w->all != o->all;

	w->all = o->all;
	pthread_mutex_lock(&w->lock);
	for (unsigned i = 0; i < o->n; i++)
		other = other || !is_known_locked(w, o->subject[i].text);
	for (size_t i = 0; i < w->nrows; i++)
		other = other || !is_watched(o, w->row[i].row.subject);
	pthread_mutex_unlock(&w->lock);
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
	free(w->row);
	free(w);
}
