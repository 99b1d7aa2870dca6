/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/store.c - a queue, and the thread that empties it into the file of the day.  What
 * cannot be written waits; what finds no room in the queue is dropped and counted: the line is
 * in the log all the same.
 */
#include "config.h"

#include "store/store.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/random.h"
#include "os/thread.h"
#include "store/copy.h"
#include "store/dayfile.h"
#include "store/days.h"
#include "store/erasure.h"
#include "store/hours.h"

#define LOOK_MS 60000 /* between two looks at what is old, and how much there is */
#define STEP_S 60     /* of the clock, between two looks at it: it was set */
#define DAY_S 86400
#define JOURNAL_MAX (INT64_C(32) << 20)
#define JOURNAL_SHARE 4 /* of all bytes, at most */

/* A row that waits; its texts stand one after the other behind it. */
struct waiting {
	struct waiting *next;
	bool copied; /* it was handed on, to be put in Redis */
	struct store_row row;
	char text[];
};

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

struct store {
	struct store_options options;
	struct store_copy *copy; /* or NULL */
	int64_t journal;         /* bytes that the journal of a day may have */
	unsigned batch;          /* rows of a transaction, at most */
	pthread_t thread;
	bool running;

	struct dayfile *file; /* the thread's own, as is what follows */
	int day;              /* of the file */
	int full;             /* the day that can have no more, or 0 */
	int64_t noted;        /* copied bytes that it has written down */
	int64_t others;       /* bytes of the files of the other days */
	int64_t looked;       /* when it was looked how much there is, in clock_ms() */
	int64_t wall, ms;     /* when it was looked at the clock, by both */
	struct hours *hours;
	int64_t hours_again; /* not before then, in clock_ms() */
	int64_t turn;        /* since when it runs evenly, and no day was removed */
	dev_t dev;           /* of the folder at the start */
	ino_t ino;
	unsigned said;        /* a bit for each trouble, until rows are written again */
	bool failed;          /* the last attempt has */
	atomic_bool troubled; /* as said; everybody may read it */

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
	s->hours = hours_new(clock_wall());
	if (s->options.path == NULL || s->hours == NULL) {
		hours_free(s->hours);
		free(s->options.path);
		free(s);
		return NULL;
	}
	s->journal = options->size / JOURNAL_SHARE;
	if (s->journal > JOURNAL_MAX)
		s->journal = JOURNAL_MAX;
	/* The journal is taken over when half of it is full. */
	s->batch = (unsigned)(s->journal / 2 / DAYFILE_ROW_BYTES);
	if (s->batch > STORE_BATCH_MAX)
		s->batch = STORE_BATCH_MAX;
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

bool
store_is_up(const struct store *s)
{
	return !atomic_load(&s->troubled);
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
	w->copied = false;
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
	taken = w != NULL && s->n + s->taken < STORE_QUEUE_MAX && !s->stopping;
	if (taken) {
		*s->last = w;
		s->last = &w->next;
		s->n++;
		s->put++;
		/* The first one wakes the thread, which then waits for others; or they are
		 * enough. */
		if (s->n == 1 || s->n == s->batch)
			pthread_cond_signal(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	if (!taken) {
		free(w);
		counter_add(COUNTER_STORE_DROPPED);
	}
}

/* When days are to be looked after, or hours to be written, in clock_ms(). */
static int64_t
next_look(const struct store *s)
{
	int64_t now = clock_ms(), hours = now + hours_left_ms(s->hours, clock_wall());

	if (hours < s->hours_again)
		hours = s->hours_again;
	return hours < now + LOOK_MS ? hours : now + LOOK_MS;
}

/* Wait until there is something, or it is time to look after days or hours; and then for as
 * much as a batch may have or take, or for another attempt. */
static void
await_rows(struct store *s)
{
	struct timespec until = condition_deadline(next_look(s));
	int error = 0;

	while (s->n == 0 && !s->stopping && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	if (s->n == 0)
		return;
	error = 0;
	until = condition_deadline(clock_ms() + (s->failed ? STORE_RETRY_MS : STORE_BATCH_MS));
	while ((s->failed || s->n < s->batch) && !s->stopping && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
}

/* The first rows of the queue, as many as a batch may have. */
static struct waiting *
take_batch(struct store *s)
{
	struct waiting *batch = s->first, **end = &batch;

	for (s->taken = 0; *end != NULL && s->taken < s->batch; s->taken++)
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

static void
close_file(struct store *s)
{
	dayfile_close(s->file);
	s->file = NULL;
}

/* What keeps us from writing.  The sandbox knows the folder that it was shown. */
static enum trouble
look_for_trouble(const struct store *s, enum dayfile_fault fault)
{
	struct stat st;

	if (fault == DAYFILE_FULL)
		return TROUBLE_DISK_FULL;
	if (fault == DAYFILE_CORRUPT)
		return TROUBLE_DAMAGED;
	if (stat(s->options.path, &st) != 0)
		return TROUBLE_NO_FOLDER;
	if (access(s->options.path, R_OK | W_OK | X_OK) != 0)
		return TROUBLE_NO_RIGHT;
	return st.st_dev != s->dev || st.st_ino != s->ino ? TROUBLE_OTHER_FOLDER
							  : TROUBLE_OTHER;
}

static bool
is_said(const struct store *s, enum trouble trouble)
{
	return (s->said & 1U << trouble) != 0;
}

/* Each trouble is said once, until there is none. */
static void
say_trouble(struct store *s, enum trouble trouble, const char *error)
{
	if (!is_said(s, trouble))
		say(s, "store-failed", error, hints[trouble]);
	s->said |= 1U << trouble;
	atomic_store(&s->troubled, true);
}

static void
say_restored(struct store *s)
{
	if (s->said != 0)
		log_event(LOG_LEVEL_INFO, "store-restored", "path", s->options.path);
	s->said = 0;
	atomic_store(&s->troubled, false);
}

/* A file that is none any more is set aside, for somebody to look at. */
static void
set_aside(struct store *s, int day, const char *error)
{
	close_file(s);
	days_set_aside(s->options.path, day);
	say(s, "store-corrupt", error, "it is set aside as NAME.corrupt");
}

/* --- Days --- */

/* Compare what the clock says with the time that has passed. */
static void
look_at_clock(struct store *s)
{
	int64_t wall = clock_wall(), ms = clock_ms();
	int64_t step = wall - s->wall - (ms - s->ms) / 1000;

	s->wall = wall;
	s->ms = ms;
	if (llabs(step) > STEP_S)
		s->turn = ms;
	if (llabs(step) >= DAY_S)
		say(s, "store-clock",
		    step > 0 ? "the clock went ahead by a day or more"
			     : "the clock was set back by a day or more",
		    "see that the time is right");
}

/* Remove what is old, and look how much there is. */
static void
look_after_days(struct store *s)
{
	int64_t ms = clock_ms();

	s->looked = ms;
	if (ms - s->turn >= STORE_TURN_MS &&
	    days_expire(s->options.path, s->options.keep, s->wall))
		s->turn = ms;
	s->others = days_make_room(s->options.path, s->day, s->wall, INT64_MAX);
}

static void
change_day(struct store *s, int day)
{
	look_at_clock(s);
	if (day == s->day && clock_ms() - s->looked < LOOK_MS)
		return;
	if (day != s->day)
		close_file(s);
	s->day = day;
	look_after_days(s);
}

/* Whether the day may have so many rows more; older ones make room for it. */
static bool
has_room(struct store *s, unsigned rows)
{
	int64_t need = dayfile_bytes(s->file) + s->journal + (int64_t)rows * DAYFILE_ROW_BYTES;
	int64_t room = s->options.size - need;

	if (s->others > room)
		s->others = days_make_room(s->options.path, s->day, s->wall, room);
	return s->others <= room;
}

/* --- Writing --- */

static void
count_rows(enum counter which, const struct waiting *w, const struct waiting *end)
{
	for (; w != end; w = w->next)
		counter_add(which);
}

/* What goes into the file of one day: rows up to end, or else hours. */
struct portion {
	const struct waiting *first, *end;
	struct hours *hours; /* or NULL */
	bool refused;        /* the day has no room for it */
};

static enum dayfile_fault
open_day(struct store *s, const char **error)
{
	enum dayfile_fault fault = DAYFILE_GOOD;

	if (s->file == NULL)
		s->file = dayfile_open(s->options.path, s->day, s->journal, &fault, error);
	return fault;
}

/* Whether there is room in the file of the day, which is open.  Hours take little, and may
 * have what a batch of rows would need. */
static bool
finds_room(struct store *s, const struct portion *p)
{
	if (p->hours != NULL)
		return has_room(s, 0);
	if (s->full != s->day && !has_room(s, s->batch))
		s->full = s->day;
	return s->full != s->day;
}

/* Write down how much was copied, for the time after the next start. */
static enum dayfile_fault
note_copied(struct store *s, const char **error)
{
	int64_t used = s->copy != NULL ? store_copy_used(s->copy, s->day) : 0;
	bool same = used == s->noted;

	s->noted = used;
	return same ? DAYFILE_GOOD : dayfile_note_copied(s->file, used, error);
}

/* Write a portion; what went wrong. */
static enum dayfile_fault
write_portion(struct store *s, struct portion *p, const char **error)
{
	enum dayfile_fault fault = open_day(s, error);

	p->refused = fault == DAYFILE_GOOD && !finds_room(s, p);
	if (fault != DAYFILE_GOOD || p->refused)
		return fault;
	fault = dayfile_begin(s->file, error);
	for (const struct waiting *w = p->first; fault == DAYFILE_GOOD && w != p->end;
	     w = w->next)
		fault = dayfile_add(s->file, &w->row, error);
	if (fault == DAYFILE_GOOD && p->hours != NULL)
		fault = hours_write(p->hours, s->file, error);
	if (fault == DAYFILE_GOOD)
		fault = note_copied(s, error);
	return dayfile_end(s->file, fault, error);
}

/* False: it is to be tried again. */
static bool
write_day(struct store *s, int day, struct portion *p)
{
	const char *error = NULL;
	enum dayfile_fault fault;

	change_day(s, day);
	fault = write_portion(s, p, &error);
	if (fault == DAYFILE_CORRUPT && !is_said(s, TROUBLE_DAMAGED)) {
		set_aside(s, s->day, error);
		fault = write_portion(s, p, &error);
	}
	if (fault == DAYFILE_GOOD)
		return true;
	say_trouble(s, look_for_trouble(s, fault), error);
	close_file(s);
	return false;
}

/* Write rows up to end, which are of one day. */
static bool
write_rows(struct store *s, const struct waiting *w, const struct waiting *end)
{
	struct portion portion = {.first = w, .end = end};

	if (!write_day(s, days_of(w->row.time), &portion))
		return false;
	count_rows(portion.refused ? COUNTER_STORE_DROPPED : COUNTER_STORE_ROWS, w, end);
	if (portion.refused)
		say_trouble(s, TROUBLE_DAY_FULL, "one day has all the bytes there may be");
	return true;
}

/* Rows that are tried again were copied before. */
static void
copy_rows(struct store *s, struct waiting *w)
{
	for (; s->copy != NULL && w != NULL; w = w->next) {
		if (!w->copied)
			store_copy_put(s->copy, &w->row);
		w->copied = true;
	}
}

/* Write a batch, a day after the other; what is left is to be tried again. */
static struct waiting *
write_batch(struct store *s, struct waiting *batch)
{
	s->failed = false;
	copy_rows(s, batch);
	while (batch != NULL) {
		struct waiting *end = batch, **last = &batch, *rest;

		for (; end != NULL && days_of(end->row.time) == days_of(batch->row.time);
		     end = end->next)
			last = &end->next;
		if (!write_rows(s, batch, end)) {
			s->failed = true;
			return batch;
		}
		rest = *last;
		*last = NULL;
		free_batch(batch);
		batch = rest;
	}
	if (s->full != s->day)
		say_restored(s);
	return NULL;
}

/* Nothing is to be written: another day may begin all the same. */
static void
idle(struct store *s)
{
	change_day(s, days_of(clock_wall()));
}

/*
 * Write what was counted until now.  The hour is in the row: one that could not be written
 * on its day, or of a clock that was set back, goes into the file that is there.
 */
static void
write_hours(struct store *s)
{
	struct portion portion = {.hours = s->hours};
	int64_t now = clock_wall();
	int day = days_of(hours_began(s->hours));
	bool grown = hours_grown(s->hours);

	if (grown &&
	    (!write_day(s, day > s->day ? day : s->day, &portion) || portion.refused)) {
		s->hours_again = clock_ms() + LOOK_MS;
		return;
	}
	hours_settle(s->hours, now);
	if (grown && !s->failed && s->full != s->day)
		say_restored(s);
}

/* Hours first: rows may be of the day after. */
static void
write_due_hours(struct store *s)
{
	if (hours_due(s->hours, clock_wall()) && clock_ms() >= s->hours_again)
		write_hours(s);
}

/* What was copied before the start takes room still. */
static void
remember_copies(struct store *s)
{
	int day[DAYS_MAX];
	unsigned n = s->copy != NULL ? days_list(s->options.path, day) : 0;

	for (unsigned i = 0; i < n; i++)
		store_copy_remember(s->copy, day[i], dayfile_copied(s->options.path, day[i]));
}

/* That nothing can be written is better said before there is something to write. */
static void
prepare(struct store *s)
{
	const char *error = NULL;
	enum dayfile_fault fault;
	struct stat st;

	s->wall = clock_wall();
	s->ms = s->turn = clock_ms();
	s->day = days_of(s->wall);
	if (stat(s->options.path, &st) == 0) {
		s->dev = st.st_dev;
		s->ino = st.st_ino;
	}
	look_after_days(s);
	remember_copies(s);
	if ((fault = open_day(s, &error)) != DAYFILE_GOOD && fault != DAYFILE_CORRUPT)
		say_trouble(s, look_for_trouble(s, fault), error);
}

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
	write_due_hours(s);
	if (batch != NULL)
		batch = write_batch(s, batch);
	else if (!last)
		idle(s);
	pthread_mutex_lock(&s->lock);
	put_back(s, batch);
	return !last || (s->n > 0 && !s->failed && clock_ms() < s->stop_at);
}

static void *
run(void *arg)
{
	struct store *s = arg;

	prepare(s);
	pthread_mutex_lock(&s->lock);
	while (write_some(s))
		continue;
	pthread_mutex_unlock(&s->lock);
	write_hours(s);
	close_file(s);
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

int
store_find(struct store *s, const char *ref, const struct store_finder *finder)
{
	uint64_t number;
	int day[DAYS_MAX], found = 0;
	unsigned n;

	if (!ref_read(ref, &number))
		return -1;
	n = days_list(s->options.path, day);
	for (unsigned i = 0; i < n; i++)
		found += find_in_day(s, day[i], number, finder);
	return found > 0 || s->copy == NULL ? found : find_copy(s, ref, finder);
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

static bool
forget_copy(void *arg, const char *ref)
{
	return store_copy_forget(arg, ref);
}

void
store_forget(struct store *s, const char *address, struct store_forgotten *out)
{
	int day[DAYS_MAX], n;
	unsigned days;

	*out = (struct store_forgotten){.unwritten = !settle(s)};
	days = days_list(s->options.path, day);
	for (unsigned i = 0; i < days; i++) {
		n = erasure_run(s->options.path, day[i], address,
		    s->copy != NULL ? forget_copy : NULL, s->copy, &out->error);
		out->rows += n > 0 ? (unsigned)n : 0;
		out->failed += n < 0 || erasure_is_aside(s->options.path, day[i]);
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
		free_batch(s->first);
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
	hours_free(s->hours);
	free(s->options.path);
	free(s);
}
