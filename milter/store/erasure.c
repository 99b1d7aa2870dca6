/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/erasure.c - rows are looked for without a lock, which takes as long as the file is
 * large; then they are deleted a few at a time.  SQLite writes zeros over what is deleted, and
 * the journal, which has it still, is emptied into the file and cut.
 */
#include "config.h"

#include "store/erasure.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bulk.h"
#include "base/log.h"
#include "base/logfield.h"
#include "base/random.h"
#include "base/strbuf.h"
#include "store/database.h"
#include "store/days.h"

#define BUSY_MS 2000
#define BATCH 200       /* rows of a transaction: who writes waits for no more */
#define CUTS 2          /* attempts to cut the journal, ... */
#define NO_ANSWER (-1)  /* beside the codes of SQLite: not erased elsewhere, ... */
#define STILL_READ (-2) /* ... and erased, but for the journal */
#define CUT_PAUSE_MS 50 /* ... for somebody may read from it */

struct row {
	sqlite3_int64 id;
	char ref[REF_LEN + 1]; /* or empty */
};

struct erasure {
	sqlite3 *db;
	const char *address;
	erasure_elsewhere *elsewhere;
	void *arg;
	struct row *row;
	size_t n;
	int code;
};

/* A line of another client may have these words in a name. */
static bool
is_of(const char *line, const char *address)
{
	char value[LOG_VALUE_MAX];

	return line != NULL && logfield_find(line, "client", value, sizeof(value)) &&
	    strcmp(value, address) == 0;
}

static void
add_row(struct erasure *e, sqlite3_int64 id, const char *line)
{
	struct row *grown = bulk_next(e->row, e->n, sizeof(*e->row));

	if (grown == NULL) {
		e->code = SQLITE_NOMEM;
		return;
	}
	e->row = grown;
	e->row[e->n].id = id;
	(void)logfield_find(line, "ref", e->row[e->n].ref, sizeof(e->row[e->n].ref));
	e->n++;
}

static void
find_rows(struct erasure *e)
{
	static const char text[] = "SELECT rowid, line FROM decisions WHERE instr(line, ?) > 0";
	char words[64];
	struct strbuf sb;
	sqlite3_stmt *s = NULL;

	strbuf_init(&sb, words, sizeof(words));
	strbuf_addf(&sb, "client=%s", e->address);
	if ((e->code = sqlite3_prepare_v2(e->db, text, -1, &s, NULL)) != SQLITE_OK)
		return;
	(void)sqlite3_bind_text(s, 1, words, -1, SQLITE_STATIC);
	while ((e->code = sqlite3_step(s)) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(s, 1);

		if (is_of(line, e->address))
			add_row(e, sqlite3_column_int64(s, 0), line);
		if (e->code == SQLITE_NOMEM)
			break;
	}
	if (e->code == SQLITE_DONE)
		e->code = SQLITE_OK;
	(void)sqlite3_finalize(s);
}

/* Delete some rows, in one transaction. */
static void
delete_batch(struct erasure *e, sqlite3_stmt *s, size_t from, size_t to)
{
	if ((e->code = database_begin(e->db)) != SQLITE_OK)
		return;
	for (size_t i = from; i < to && e->code == SQLITE_OK; i++) {
		(void)sqlite3_bind_int64(s, 1, e->row[i].id);
		(void)sqlite3_step(s);
		e->code = sqlite3_reset(s);
	}
	if (e->code == SQLITE_OK)
		e->code = database_commit(e->db);
	else
		database_roll_back(e->db);
}

static void
delete_rows(struct erasure *e)
{
	sqlite3_stmt *s = NULL;

	e->code =
	    sqlite3_prepare_v2(e->db, "DELETE FROM decisions WHERE rowid = ?", -1, &s, NULL);
	for (size_t i = 0; e->code == SQLITE_OK && i < e->n; i += BATCH)
		delete_batch(e, s, i, i + BATCH < e->n ? i + BATCH : e->n);
	(void)sqlite3_finalize(s);
}

/* Nothing is left in the journal, whose end stays where it was unless it is cut. */
static void
cut_journal(struct erasure *e)
{
	const struct timespec pause = {.tv_nsec = CUT_PAUSE_MS * 1000000L};

	for (int i = 0; i < CUTS; i++) {
		e->code = sqlite3_wal_checkpoint_v2(
		    e->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
		if (e->code != SQLITE_BUSY && e->code != SQLITE_LOCKED)
			return;
		nanosleep(&pause, NULL);
	}
	e->code = STILL_READ;
}

static void
erase_elsewhere(struct erasure *e)
{
	for (size_t i = 0; e->elsewhere != NULL && e->code == SQLITE_OK && i < e->n; i++)
		if (!e->elsewhere(e->arg, e->row[i].ref))
			e->code = NO_ANSWER;
}

static void
erase(struct erasure *e)
{
	if ((e->code = sqlite3_busy_timeout(e->db, BUSY_MS)) == SQLITE_OK)
		e->code = sqlite3_exec(e->db, "PRAGMA secure_delete = ON", NULL, NULL, NULL);
	if (e->code == SQLITE_OK)
		find_rows(e);
	erase_elsewhere(e);
	if (e->code == SQLITE_OK && e->n > 0)
		delete_rows(e);
	/* Also where there is nothing: the journal may have it of an attempt before. */
	if (e->code == SQLITE_OK)
		cut_journal(e);
}

static const char *
word_fault(int code)
{
	if (code == NO_ANSWER)
		return "copies could not be deleted";
	return code == STILL_READ ? "somebody reads it: its journal has them still"
				  : sqlite3_errstr(code);
}

bool
erasure_run(const char *folder, int day, const char *address, erasure_elsewhere *elsewhere,
    void *arg, unsigned *rows, const char **error)
{
	struct erasure e = {.address = address, .elsewhere = elsewhere, .arg = arg};
	char path[PATH_MAX];

	*rows = 0;
	days_name(folder, day, path, sizeof(path));
	if (path[0] == '\0' || access(path, F_OK) != 0)
		return true;
	e.code =
	    sqlite3_open_v2(path, &e.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (e.code == SQLITE_OK)
		erase(&e);
	(void)sqlite3_close(e.db);
	free(e.row);
	if (e.code == SQLITE_OK || e.code == STILL_READ)
		*rows = (unsigned)e.n;
	if (e.code == SQLITE_OK)
		return true;
	*error = word_fault(e.code);
	return false;
}
