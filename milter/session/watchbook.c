/* SPDX-License-Identifier: BSD-2-Clause */
/* session/watchbook.c - rows, lists and changes under one lock, that is held for a few steps. */
#include "config.h"

#include "session/watchbook.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/strbuf.h"
#include "session/watchfile.h"

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

struct watchbook {
	char series[REF_LEN + 1];
	pthread_mutex_t lock; /* guards the rest */
	struct row *row;
	size_t nrows;
	struct list_row list[LISTS_MAX];
	size_t nlists;
	struct watch_news news[WATCH_NEWS_MAX];
	uint64_t nnews;
};

struct watchbook *
watchbook_new(void)
{
	struct watchbook *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	ref_make(w->series);
	pthread_mutex_init(&w->lock, NULL);
	return w;
}

void
watchbook_free(struct watchbook *w)
{
	if (w == NULL)
		return;
	pthread_mutex_destroy(&w->lock);
	free(w->row);
	free(w);
}

/* --- Between a stop and the next start --- */

/* The changes that are kept, the oldest first. */
static void
copy_news_locked(const struct watchbook *w, struct watchfile *f)
{
	uint64_t first = w->nnews > WATCH_NEWS_MAX ? w->nnews - WATCH_NEWS_MAX : 0;

	f->last = w->nnews;
	for (uint64_t number = first + 1; number <= w->nnews; number++)
		f->news[f->nnews++] = w->news[number % WATCH_NEWS_MAX];
}

/* Copy all that is known; false: out of memory. */
static bool
copy_locked(const struct watchbook *w, struct watchfile *f)
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

bool
watchbook_copy(struct watchbook *w, struct watchfile *f)
{
	bool good;

	pthread_mutex_lock(&w->lock);
	good = copy_locked(w, f);
	pthread_mutex_unlock(&w->lock);
	return good;
}

/* Take what was known before the start.  What holds now is asked again. */
static void
remember_locked(struct watchbook *w, const struct watchfile *f)
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

void
watchbook_remember(struct watchbook *w, const struct watchfile *f)
{
	pthread_mutex_lock(&w->lock);
	remember_locked(w, f);
	pthread_mutex_unlock(&w->lock);
}

/* --- Changes --- */

void
watchbook_add(struct watchbook *w, struct watch_news *news)
{
	news->time = clock_wall();
	pthread_mutex_lock(&w->lock);
	news->number = ++w->nnews;
	w->news[news->number % WATCH_NEWS_MAX] = *news;
	pthread_mutex_unlock(&w->lock);
}

const char *
watchbook_series(const struct watchbook *w)
{
	return w->series;
}

uint64_t
watchbook_last(struct watchbook *w)
{
	uint64_t last;

	pthread_mutex_lock(&w->lock);
	last = w->nnews;
	pthread_mutex_unlock(&w->lock);
	return last;
}

bool
watchbook_next(struct watchbook *w, uint64_t number, struct watch_news *news)
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
watchbook_row(struct watchbook *w, size_t i, struct watch_row *row)
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
watchbook_silence(
    struct watchbook *w, size_t i, char list[CHECKER_LABEL_MAX + 1], int64_t *since)
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
find_locked(const struct watchbook *w, const char *subject, const char *list)
{
	for (size_t i = 0; i < w->nrows; i++)
		if (strcmp(w->row[i].row.subject, subject) == 0 &&
		    strcmp(w->row[i].row.list, list) == 0)
			return &w->row[i];
	return NULL;
}

/* The row of a subject and a list, which may be new; NULL: out of memory. */
static struct row *
take_locked(struct watchbook *w, const char *subject, const char *list)
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
take_list_locked(struct watchbook *w, const char *list)
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

/* Whether one answer more is wanted soon: not of a list that may well never answer us. */
static bool
is_open(const struct watch_row *row)
{
	return watched_wants_more(&row->watched) && !(row->seldom && row->watched.known == 0);
}

bool
watchbook_wants(struct watchbook *w, const char *subject, const char *list)
{
	const struct row *row;
	bool wanted;

	pthread_mutex_lock(&w->lock);
	row = find_locked(w, subject, list);
	wanted = row != NULL && is_open(&row->row);
	pthread_mutex_unlock(&w->lock);
	return wanted;
}

bool
watchbook_wants_any(struct watchbook *w)
{
	bool wanted = false;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nrows; i++)
		wanted = wanted || is_open(&w->row[i].row);
	pthread_mutex_unlock(&w->lock);
	return wanted;
}

bool
watchbook_knows(struct watchbook *w, const char *subject)
{
	bool known = false;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nrows; i++)
		known = known || strcmp(w->row[i].row.subject, subject) == 0;
	pthread_mutex_unlock(&w->lock);
	return known;
}

/* --- Rounds --- */

void
watchbook_begin(struct watchbook *w)
{
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nrows; i++)
		w->row[i].seen = false;
	for (size_t i = 0; i < w->nlists; i++)
		w->list[i].asked = w->list[i].said = false;
	pthread_mutex_unlock(&w->lock);
}

bool
watchbook_forget(struct watchbook *w)
{
	size_t rows = 0, lists = 0;
	bool any;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->nrows; i++)
		if (w->row[i].seen)
			w->row[rows++] = w->row[i];
	for (size_t i = 0; i < w->nlists; i++)
		if (w->list[i].asked)
			w->list[lists++] = w->list[i];
	any = w->nrows > rows || w->nlists > lists;
	w->nrows = rows;
	w->nlists = lists;
	pthread_mutex_unlock(&w->lock);
	return any;
}

enum watch_change
watchbook_hear(struct watchbook *w, const char *subject, const struct listing *list,
    const struct fact *fact, enum watch_answer answer, enum category *category)
{
	enum watch_change change = WATCH_SAME;
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
			row->row.category = *category;
		change = watched_hear(&row->row.watched, answer, clock_wall());
		*category = row->row.category;
	}
	pthread_mutex_unlock(&w->lock);
	return change;
}

enum watch_silence_change
watchbook_end_list(struct watchbook *w, size_t i, char list[CHECKER_LABEL_MAX + 1])
{
	enum watch_silence_change change = SILENCE_SAME;

	pthread_mutex_lock(&w->lock);
	if (i < w->nlists) {
		change = watch_silence_hear(&w->list[i].silence, w->list[i].said, clock_wall());
		memcpy(list, w->list[i].list, sizeof(w->list[i].list));
	}
	if (i < w->nlists && w->list[i].seldom) {
		change = SILENCE_SAME;
		w->list[i].silence.told = false;
	}
	pthread_mutex_unlock(&w->lock);
	return change;
}
