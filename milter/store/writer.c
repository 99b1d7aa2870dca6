/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/writer.c - the file of the day, and what becomes of the others.  What cannot be
 * written is tried again; why, and what to do, is said once.
 */
#include "config.h"

#include "store/writer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "store/copy.h"
#include "store/dayfile.h"
#include "store/days.h"
#include "store/hours.h"

#define LOOK_MS 60000 /* between two looks at what is old, and how much there is */
#define STEP_S 60     /* of the clock, between two looks at it: it was set */
#define DAY_S 86400
#define JOURNAL_MAX (INT64_C(32) << 20)
#define JOURNAL_SHARE 4 /* of all bytes, at most */

/* Why nothing is written, and what to do. */
enum trouble {
	TROUBLE_DAY_FULL,
	TROUBLE_DISK_FULL,
	TROUBLE_DAMAGED,
	TROUBLE_NO_FOLDER,
	TROUBLE_OTHER_FOLDER,
	TROUBLE_NO_RIGHT,
	TROUBLE_OTHER
};

static const char *const hints[] = {
    [TROUBLE_DAY_FULL] = "raise size; the next day is stored again",
    [TROUBLE_DISK_FULL] = "free space there; then it goes on",
    [TROUBLE_DAMAGED] = "a new file is damaged at once; look at the disk",
    [TROUBLE_NO_FOLDER] = "make the folder for its user, then restart relayguard",
    [TROUBLE_OTHER_FOLDER] = "the folder was not there at the start; restart relayguard",
    [TROUBLE_NO_RIGHT] = "let its user read and write there; then it goes on",
    [TROUBLE_OTHER] = "mend that; then it goes on",
};

struct writer {
	char *path; /* of the folder */
	int keep;   /* days */
	int64_t size;
	struct store_copy *copy; /* or NULL */
	int64_t journal;         /* bytes that the journal of a day may have */
	unsigned batch;          /* rows of a transaction, at most */
	struct dayfile *file;
	int day;          /* of the file */
	int full;         /* the day that can have no more, or 0 */
	int64_t noted;    /* copied bytes that it has written down */
	int64_t others;   /* bytes of the files of the other days */
	int64_t looked;   /* when it was looked how much there is, in clock_ms() */
	int64_t wall, ms; /* when it was looked at the clock, by both */
	struct hours *hours;
	int64_t hours_again; /* not before then, in clock_ms() */
	int64_t turn;        /* since when it runs evenly, and no day was removed */
	dev_t dev;           /* of the folder at the start */
	ino_t ino;
	unsigned said;        /* a bit for each trouble, until rows are written again */
	bool failed;          /* the last attempt has */
	atomic_bool troubled; /* as said; everybody may read it */
};

struct writer *
writer_new(const struct store_options *options, struct store_copy *copy)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->path = strdup(options->path);
	w->keep = options->keep;
	w->size = options->size;
	w->copy = copy;
	w->hours = hours_new(clock_wall());
	w->journal = options->size / JOURNAL_SHARE;
	if (w->journal > JOURNAL_MAX)
		w->journal = JOURNAL_MAX;
	/* The journal is taken over when half of it is full. */
	w->batch = (unsigned)(w->journal / 2 / DAYFILE_ROW_BYTES);
	if (w->batch > STORE_BATCH_MAX)
		w->batch = STORE_BATCH_MAX;
	if (w->path != NULL && w->hours != NULL)
		return w;
	writer_free(w);
	return NULL;
}

void
writer_free(struct writer *w)
{
	if (w == NULL)
		return;
	hours_free(w->hours);
	free(w->path);
	free(w);
}

bool
writer_is_up(const struct writer *w)
{
	return !atomic_load(&w->troubled);
}

unsigned
writer_batch(const struct writer *w)
{
	return w->batch;
}

bool
writer_has_failed(const struct writer *w)
{
	return w->failed;
}

int64_t
writer_next_look(const struct writer *w)
{
	int64_t now = clock_ms(), hours = now + hours_left_ms(w->hours, clock_wall());

	if (hours < w->hours_again)
		hours = w->hours_again;
	return hours < now + LOOK_MS ? hours : now + LOOK_MS;
}

/* --- What goes wrong --- */

static void
say(struct writer *w, const char *event, const char *error, const char *hint)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "path", w->path);
	logline_words(&line, "error", error);
	logline_words(&line, "hint", hint);
	logline_end(&line, LOG_LEVEL_ERROR);
}

static void
close_file(struct writer *w)
{
	dayfile_close(w->file);
	w->file = NULL;
}

/* What keeps us from writing.  The sandbox knows the folder that it was shown. */
static enum trouble
look_for_trouble(const struct writer *w, enum database_fault fault)
{
	struct stat st;

	if (fault == DATABASE_FULL)
		return TROUBLE_DISK_FULL;
	if (fault == DATABASE_CORRUPT)
		return TROUBLE_DAMAGED;
	if (stat(w->path, &st) != 0)
		return TROUBLE_NO_FOLDER;
	if (access(w->path, R_OK | W_OK | X_OK) != 0)
		return TROUBLE_NO_RIGHT;
	return st.st_dev != w->dev || st.st_ino != w->ino ? TROUBLE_OTHER_FOLDER
							  : TROUBLE_OTHER;
}

static bool
is_said(const struct writer *w, enum trouble trouble)
{
	return (w->said & 1U << trouble) != 0;
}

/* Each trouble is said once, until there is none. */
static void
say_trouble(struct writer *w, enum trouble trouble, const char *error)
{
	if (!is_said(w, trouble))
		say(w, "store-failed", error, hints[trouble]);
	w->said |= 1U << trouble;
	atomic_store(&w->troubled, true);
}

static void
say_restored(struct writer *w)
{
	if (w->said != 0)
		log_event(LOG_LEVEL_INFO, "store-restored", "path", w->path);
	w->said = 0;
	atomic_store(&w->troubled, false);
}

/* A file that is none any more is set aside, for somebody to look at. */
static void
set_aside(struct writer *w, int day, const char *error)
{
	close_file(w);
	days_set_aside(w->path, day);
	say(w, "store-corrupt", error, "it is set aside as NAME.corrupt");
}

/* --- Days --- */

/* Compare what the clock says with the time that has passed. */
static void
look_at_clock(struct writer *w)
{
	int64_t wall = clock_wall(), ms = clock_ms();
	int64_t step = wall - w->wall - (ms - w->ms) / 1000;

	w->wall = wall;
	w->ms = ms;
	if (llabs(step) > STEP_S)
		w->turn = ms;
	if (llabs(step) >= DAY_S)
		say(w, "store-clock",
		    step > 0 ? "the clock went ahead by a day or more"
			     : "the clock was set back by a day or more",
		    "see that the time is right");
}

/* Remove what is old, and look how much there is. */
static void
look_after_days(struct writer *w)
{
	int64_t ms = clock_ms();

	w->looked = ms;
	if (ms - w->turn >= STORE_TURN_MS && days_expire(w->path, w->keep, w->wall))
		w->turn = ms;
	w->others = days_make_room(w->path, w->day, w->wall, INT64_MAX);
}

/* A file that somebody has taken away or replaced is written to no more: nobody would read it. */
static void
look_for_file(struct writer *w)
{
	if (w->file == NULL || dayfile_is_there(w->file, w->path, w->day))
		return;
	close_file(w);
	say(w, "store-file-gone", "somebody has removed or replaced the file of the day",
	    "a new one is begun; stop relayguard before its files are moved");
}

static void
change_day(struct writer *w, int day)
{
	look_at_clock(w);
	look_for_file(w);
	if (day == w->day && clock_ms() - w->looked < LOOK_MS)
		return;
	if (day != w->day)
		close_file(w);
	w->day = day;
	look_after_days(w);
}

/* Whether the day may have so many rows more; older ones make room for it. */
static bool
has_room(struct writer *w, unsigned rows)
{
	int64_t need = dayfile_bytes(w->file) + w->journal + (int64_t)rows * DAYFILE_ROW_BYTES;
	int64_t room = w->size - need;

	if (w->others > room)
		w->others = days_make_room(w->path, w->day, w->wall, room);
	return w->others <= room;
}

/* --- Writing --- */

static void
count_rows(enum counter which, const struct waiting *row, const struct waiting *end)
{
	for (; row != end; row = row->next)
		counter_add(which);
}

/* What goes into the file of one day: rows up to end, or else hours. */
struct portion {
	const struct waiting *first, *end;
	struct hours *hours; /* or NULL */
	bool refused;        /* the day has no room for it */
};

static enum database_fault
open_day(struct writer *w, const char **error)
{
	enum database_fault fault = DATABASE_GOOD;

	if (w->file == NULL)
		w->file = dayfile_open(w->path, w->day, w->journal, &fault, error);
	return fault;
}

/* Whether there is room in the file of the day, which is open.  Hours take little, and may
 * have what a batch of rows would need. */
static bool
finds_room(struct writer *w, const struct portion *p)
{
	if (p->hours != NULL)
		return has_room(w, 0);
	if (w->full != w->day && !has_room(w, w->batch))
		w->full = w->day;
	return w->full != w->day;
}

/* Write down how much was copied, for the time after the next start. */
static enum database_fault
note_copied(struct writer *w, const char **error)
{
	int64_t used = w->copy != NULL ? store_copy_used(w->copy, w->day) : 0;
	bool same = used == w->noted;

	w->noted = used;
	return same ? DATABASE_GOOD : dayfile_note_copied(w->file, used, error);
}

/* Write a portion; what went wrong. */
static enum database_fault
write_portion(struct writer *w, struct portion *p, const char **error)
{
	enum database_fault fault = open_day(w, error);

	p->refused = fault == DATABASE_GOOD && !finds_room(w, p);
	if (fault != DATABASE_GOOD || p->refused)
		return fault;
	fault = dayfile_begin(w->file, error);
	for (const struct waiting *row = p->first; fault == DATABASE_GOOD && row != p->end;
	     row = row->next)
		fault = dayfile_add(w->file, &row->row, error);
	if (fault == DATABASE_GOOD && p->hours != NULL)
		fault = hours_write(p->hours, w->file, error);
	if (fault == DATABASE_GOOD)
		fault = note_copied(w, error);
	return dayfile_end(w->file, fault, error);
}

/* False: it is to be tried again. */
static bool
write_day(struct writer *w, int day, struct portion *p)
{
	const char *error = NULL;
	enum database_fault fault;

	change_day(w, day);
	fault = write_portion(w, p, &error);
	if (fault == DATABASE_CORRUPT && !is_said(w, TROUBLE_DAMAGED)) {
		set_aside(w, w->day, error);
		fault = write_portion(w, p, &error);
	}
	if (fault == DATABASE_GOOD)
		return true;
	say_trouble(w, look_for_trouble(w, fault), error);
	close_file(w);
	return false;
}

/* What is on no disk is not copied either: forget finds copies by their rows. */
static void
copy_rows(struct writer *w, const struct waiting *row, const struct waiting *end)
{
	for (; w->copy != NULL && row != end; row = row->next)
		store_copy_put(w->copy, &row->row);
}

/* Write rows up to end, which are of one day. */
static bool
write_rows(struct writer *w, const struct waiting *first, const struct waiting *end)
{
	struct portion portion = {.first = first, .end = end};

	if (!write_day(w, days_of(first->row.time), &portion))
		return false;
	count_rows(portion.refused ? COUNTER_STORE_DROPPED : COUNTER_STORE_ROWS, first, end);
	if (portion.refused)
		say_trouble(w, TROUBLE_DAY_FULL, "one day has all the bytes there may be");
	else
		copy_rows(w, first, end);
	return true;
}

/* A day after the other; what is left is to be tried again. */
static struct waiting *
write_batch(struct writer *w, struct waiting *batch)
{
	w->failed = false;
	while (batch != NULL) {
		struct waiting *end = batch, **last = &batch, *rest;

		for (; end != NULL && days_of(end->row.time) == days_of(batch->row.time);
		     end = end->next)
			last = &end->next;
		if (!write_rows(w, batch, end)) {
			w->failed = true;
			return batch;
		}
		rest = *last;
		*last = NULL;
		waiting_free(batch);
		batch = rest;
	}
	if (w->full != w->day)
		say_restored(w);
	return NULL;
}

/*
 * Write what was counted until now.  The hour is in the row: one that could not be written
 * on its day, or of a clock that was set back, goes into the file that is there.
 */
static void
write_hours(struct writer *w)
{
	struct portion portion = {.hours = w->hours};
	int64_t now = clock_wall();
	int day = days_of(hours_began(w->hours));
	bool grown = hours_grown(w->hours);

	if (grown &&
	    (!write_day(w, day > w->day ? day : w->day, &portion) || portion.refused)) {
		w->hours_again = clock_ms() + LOOK_MS;
		return;
	}
	hours_settle(w->hours, now);
	if (grown && !w->failed && w->full != w->day)
		say_restored(w);
}

/* What was copied before the start takes room still. */
static void
remember_copies(struct writer *w)
{
	int day[DAYS_MAX];
	unsigned n = w->copy != NULL ? days_list(w->path, day) : 0;

	for (unsigned i = 0; i < n; i++)
		store_copy_remember(w->copy, day[i], dayfile_copied(w->path, day[i]));
}

/* That nothing can be written is better said before there is something to write. */
void
writer_begin(struct writer *w)
{
	const char *error = NULL;
	enum database_fault fault;
	struct stat st;

	w->wall = clock_wall();
	w->ms = w->turn = clock_ms();
	w->day = days_of(w->wall);
	if (stat(w->path, &st) == 0) {
		w->dev = st.st_dev;
		w->ino = st.st_ino;
	}
	look_after_days(w);
	remember_copies(w);
	if ((fault = open_day(w, &error)) != DATABASE_GOOD && fault != DATABASE_CORRUPT)
		say_trouble(w, look_for_trouble(w, fault), error);
}

struct waiting *
writer_write(struct writer *w, struct waiting *batch, bool last)
{
	/* Hours first: rows may be of the day after. */
	if (hours_due(w->hours, clock_wall()) && clock_ms() >= w->hours_again)
		write_hours(w);
	if (batch != NULL)
		return write_batch(w, batch);
	if (!last) /* another day may begin without rows */
		change_day(w, days_of(clock_wall()));
	return NULL;
}

void
writer_end(struct writer *w)
{
	write_hours(w);
	close_file(w);
}
