/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passfile.c - SQLite: a row for each network, with its note (session/passnote.h) and
 * when it was written.  The file is opened for each writing, which is rare: of a pass there
 * are 17 changes at most.  One that somebody has removed is made again.
 */
#include "config.h"

#include "session/passfile.h"

#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "os/thread.h"
#include "session/passes.h"
#include "session/passnote.h"
#include "store/database.h"

#define RETRY_MS 10000                     /* after it could not be written */
#define KEEP_S (2 * PASS_ABUSED_MS / 1000) /* a row that nobody has written since goes */

struct passfile {
	struct passes *passes;
	char path[PATH_MAX];
	pthread_t thread;
	bool running;
	bool troubled; /* said that it cannot be written; of the thread */

	pthread_mutex_t lock; /* guards the rest; taken inside that of the passes */
	pthread_cond_t changed;
	bool due, stopping, ended;
};

static const char schema[] =
    "PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;"
    "CREATE TABLE IF NOT EXISTS passes (network TEXT PRIMARY KEY, note TEXT NOT NULL,"
    " written INTEGER NOT NULL) WITHOUT ROWID;";

/* --- What goes wrong --- */

static void
say(const struct passfile *f, const char *event, const char *error, const char *hint)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "path", f->path);
	logline_words(&line, "error", error);
	logline_words(&line, "hint", hint);
	logline_end(&line, LOG_LEVEL_ERROR);
}

/* Said once, until it can be written again. */
static void
note_outcome(struct passfile *f, enum database_fault fault, const char *error)
{
	if (fault != DATABASE_GOOD && !f->troubled)
		say(f, "passes-failed", error,
		    "see that its user can write there, and the disk; then it goes on");
	else if (fault == DATABASE_GOOD && f->troubled)
		log_event(LOG_LEVEL_INFO, "passes-restored", "path", f->path);
	f->troubled = fault != DATABASE_GOOD;
}

/* --- The file --- */

/* What is to be done with an open file; *error is set where there is a fault. */
typedef enum database_fault file_fn(struct passfile *, sqlite3 *, const char **error);

static enum database_fault
with_file_once(struct passfile *f, file_fn *fn, const char **error)
{
	sqlite3 *db = NULL;
	int code = database_open(f->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db);
	enum database_fault fault;

	if (code == SQLITE_OK)
		code = sqlite3_exec(db, schema, NULL, NULL, NULL);
	fault = database_fault(code, error);
	if (fault == DATABASE_GOOD)
		fault = fn(f, db, error);
	(void)sqlite3_close(db);
	return fault;
}

/* One that is none any more is set aside, and all written anew. */
static enum database_fault
with_file(struct passfile *f, file_fn *fn, const char **error)
{
	enum database_fault fault = with_file_once(f, fn, error);

	if (fault != DATABASE_CORRUPT)
		return fault;
	database_set_aside(f->path);
	say(f, "passes-corrupt", *error, "it is set aside as " PASSFILE_NAME ".corrupt");
	passes_take_again(f->passes, PASS_KEEPER_FILE, NULL);
	return with_file_once(f, fn, error);
}

/* --- Reading --- */

static void
take_row(struct passfile *f, sqlite3_stmt *s, int64_t wall)
{
	const char *note = (const char *)sqlite3_column_text(s, 0);
	int64_t elapsed = wall - sqlite3_column_int64(s, 1);
	struct pass pass;

	if (note != NULL && elapsed < KEEP_S &&
	    passnote_read(&pass, note, elapsed > 0 ? elapsed : 0, clock_ms()))
		(void)passes_join(f->passes, PASS_KEEPER_FILE, &pass);
}

static enum database_fault
read_all(struct passfile *f, sqlite3 *db, const char **error)
{
	sqlite3_stmt *s = NULL;
	int64_t wall = clock_wall();
	int code = sqlite3_prepare_v2(db, "SELECT note, written FROM passes", -1, &s, NULL);

	while (code == SQLITE_OK || code == SQLITE_ROW)
		if ((code = sqlite3_step(s)) == SQLITE_ROW)
			take_row(f, s, wall);
	(void)sqlite3_finalize(s);
	return database_fault(code, error);
}

/* --- Writing --- */

/* Run a statement of a text and a number; or of the number alone, where text is NULL. */
static int
run(sqlite3 *db, const char *sql, const char *network, const char *note, int64_t number)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(s, 1, number);
	if (code == SQLITE_OK && network != NULL)
		code = sqlite3_bind_text(s, 2, network, -1, SQLITE_STATIC);
	if (code == SQLITE_OK && note != NULL)
		code = sqlite3_bind_text(s, 3, note, -1, SQLITE_STATIC);
	if (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_DONE)
		code = SQLITE_OK;
	(void)sqlite3_finalize(s);
	return code;
}

static int
write_one(sqlite3 *db, const struct pass *pass, int64_t wall)
{
	char address[IPADDR_STRLEN], network[IPADDR_STRLEN + 4], note[PASSNOTE_SIZE];

	(void)snprintf(network, sizeof(network), "%s/%u",
	    ipaddr_format(&pass->network.addr, address), pass->network.len);
	passnote_write(pass, clock_ms(), note);
	return run(
	    db, "INSERT OR REPLACE INTO passes VALUES (?2, ?3, ?1)", network, note, wall);
}

static enum database_fault
write_changes(struct passfile *f, sqlite3 *db, const char **error)
{
	int code = database_begin(db);
	int64_t wall = clock_wall();
	struct pass pass;

	while (code == SQLITE_OK && passes_take(f->passes, PASS_KEEPER_FILE, &pass))
		code = write_one(db, &pass, wall);
	if (code == SQLITE_OK)
		code =
		    run(db, "DELETE FROM passes WHERE written < ?1", NULL, NULL, wall - KEEP_S);
	if (code == SQLITE_OK)
		code = database_commit(db);
	else
		database_roll_back(db);
	return database_fault(code, error);
}

/* Write what has changed; what could not be written is tried again. */
static void
write_file(struct passfile *f)
{
	const char *error = "";
	enum database_fault fault = with_file(f, write_changes, &error);

	note_outcome(f, fault, error);
	if (fault != DATABASE_GOOD)
		passes_take_again(f->passes, PASS_KEEPER_FILE, NULL);
}

/* --- The thread --- */

static void
on_changed(void *arg)
{
	struct passfile *f = arg;

	pthread_mutex_lock(&f->lock);
	f->due = true;
	pthread_cond_signal(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

/* Wait for a change, and a little longer for others, or until it is time to try again. */
static void
await(struct passfile *f)
{
	struct timespec until = condition_deadline(clock_ms() + RETRY_MS);
	int error = 0;

	while (!f->due && !f->stopping && error == 0)
		error = f->troubled ? pthread_cond_timedwait(&f->changed, &f->lock, &until)
				    : pthread_cond_wait(&f->changed, &f->lock);
	until = condition_deadline(clock_ms() + PASSFILE_BATCH_MS);
	for (error = 0; f->due && !f->stopping && error == 0;)
		error = pthread_cond_timedwait(&f->changed, &f->lock, &until);
}

static void *
work(void *arg)
{
	struct passfile *f = arg;
	bool stopping = false;

	while (!stopping) {
		bool due;

		pthread_mutex_lock(&f->lock);
		await(f);
		due = f->due || f->troubled;
		f->due = false;
		stopping = f->stopping;
		pthread_mutex_unlock(&f->lock);
		if (due)
			write_file(f);
	}
	pthread_mutex_lock(&f->lock);
	f->ended = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* --- Its life --- */

struct passfile *
passfile_new(struct passes *passes, const char *folder)
{
	struct passfile *f = calloc(1, sizeof(*f));
	struct strbuf sb;

	if (f == NULL)
		return NULL;
	f->passes = passes;
	strbuf_init(&sb, f->path, sizeof(f->path));
	strbuf_addf(&sb, "%s/%s", folder, PASSFILE_NAME);
	pthread_mutex_init(&f->lock, NULL);
	condition_init(&f->changed);
	passes_watch(passes, PASS_KEEPER_FILE, on_changed, f);
	return f;
}

bool
passfile_start(struct passfile *f)
{
	const char *error = "";
	enum database_fault fault = with_file(f, read_all, &error);

	note_outcome(f, fault, error);
	return f->running = thread_start(&f->thread, NULL, work, f);
}

bool
passfile_stop(struct passfile *f)
{
	struct timespec until = condition_deadline(clock_ms() + PASSFILE_STOP_MS);
	bool ended;
	int error = 0;

	if (f == NULL || !f->running)
		return true;
	pthread_mutex_lock(&f->lock);
	f->stopping = true;
	pthread_cond_broadcast(&f->changed);
	while (!f->ended && error == 0)
		error = pthread_cond_timedwait(&f->changed, &f->lock, &until);
	ended = f->ended;
	pthread_mutex_unlock(&f->lock);
	if (ended) {
		(void)pthread_join(f->thread, NULL);
		f->running = false;
	}
	return ended;
}

void
passfile_free(struct passfile *f)
{
	if (f == NULL || !passfile_stop(f))
		return;
	passes_watch(f->passes, PASS_KEEPER_FILE, NULL, NULL);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
}
