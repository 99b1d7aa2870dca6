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
#include "base/strbuf.h"
#include "store/days.h"

#define BUSY_MS 2000
#define BATCH 200       /* rows of a transaction: who writes waits for no more */
#define CUTS 20         /* attempts to cut the journal, ... */
#define CUT_PAUSE_MS 50 /* ... for somebody may read from it */

struct erasure {
	sqlite3 *db;
	const char *address;
	sqlite3_int64 *row;
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
add_row(struct erasure *e, sqlite3_int64 row)
{
	sqlite3_int64 *grown = bulk_next(e->row, e->n, sizeof(*e->row));

	if (grown == NULL) {
		e->code = SQLITE_NOMEM;
		return;
	}
	e->row = grown;
	e->row[e->n++] = row;
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
		if (is_of((const char *)sqlite3_column_text(s, 1), e->address))
			add_row(e, sqlite3_column_int64(s, 0));
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
	if ((e->code = sqlite3_exec(e->db, "BEGIN IMMEDIATE", NULL, NULL, NULL)) != SQLITE_OK)
		return;
	for (size_t i = from; i < to && e->code == SQLITE_OK; i++) {
		(void)sqlite3_bind_int64(s, 1, e->row[i]);
		(void)sqlite3_step(s);
		e->code = sqlite3_reset(s);
	}
	if (e->code == SQLITE_OK)
		e->code = sqlite3_exec(e->db, "COMMIT", NULL, NULL, NULL);
	if (e->code != SQLITE_OK)
		(void)sqlite3_exec(e->db, "ROLLBACK", NULL, NULL, NULL);
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
}

static void
erase(struct erasure *e)
{
	if ((e->code = sqlite3_busy_timeout(e->db, BUSY_MS)) == SQLITE_OK)
		e->code = sqlite3_exec(e->db, "PRAGMA secure_delete = ON", NULL, NULL, NULL);
	if (e->code == SQLITE_OK)
		find_rows(e);
	if (e->code == SQLITE_OK && e->n > 0)
		delete_rows(e);
	/* Also where there is nothing: the journal may have it of an attempt before. */
	if (e->code == SQLITE_OK)
		cut_journal(e);
}

int
erasure_run(const char *folder, int day, const char *address, const char **error)
{
	struct erasure e = {.address = address};
	char path[PATH_MAX];

	days_name(folder, day, path, sizeof(path));
	if (path[0] == '\0' || access(path, F_OK) != 0)
		return 0;
	e.code =
	    sqlite3_open_v2(path, &e.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (e.code == SQLITE_OK)
		erase(&e);
	(void)sqlite3_close(e.db);
	free(e.row);
	if (e.code == SQLITE_OK)
		return (int)e.n;
	*error = sqlite3_errstr(e.code);
	return -1;
}

bool
erasure_is_aside(const char *folder, int day)
{
	char path[PATH_MAX], beside[PATH_MAX];
	struct strbuf sb;

	days_name(folder, day, path, sizeof(path));
	strbuf_init(&sb, beside, sizeof(beside));
	strbuf_addf(&sb, "%s.corrupt", path);
	return path[0] != '\0' && !sb.cut && access(beside, F_OK) == 0;
}
