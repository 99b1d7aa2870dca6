/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/dayfile.c - SQLite in WAL mode: who reads does not stop who writes, and a crash
 * loses what was not committed, no more.  The reference is no unique key: of a million, two
 * may well be the same.
 */
#include "config.h"

#include "store/dayfile.h"

#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/random.h"
#include "base/strbuf.h"
#include "store/database.h"
#include "store/days.h"

#define PAGE_BYTES 4096
#define VALUE_MAX (1 << 20) /* bytes of what is read: a line of the log has far less */

struct dayfile {
	sqlite3 *db;
	sqlite3_stmt *insert, *count, *size;
	int journal;               /* pages that it may have */
	int pages;                 /* that it has */
	struct database_file file; /* when it was opened */
};

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32000;"
    "CREATE TABLE IF NOT EXISTS decisions (time INTEGER NOT NULL,"
    " ref INTEGER NOT NULL, line TEXT NOT NULL, policy TEXT, conf TEXT, at TEXT);"
    "CREATE INDEX IF NOT EXISTS decisions_ref ON decisions (ref);"
    "CREATE TABLE IF NOT EXISTS copied (bytes INTEGER NOT NULL);"
    "CREATE TABLE IF NOT EXISTS hours (hour INTEGER NOT NULL, kind TEXT NOT NULL,"
    " name TEXT NOT NULL, what TEXT NOT NULL, n INTEGER NOT NULL,"
    " PRIMARY KEY (hour, kind, name, what)) WITHOUT ROWID;";

/* For a file that was made before there was this column. */
static const char widen[] = "ALTER TABLE decisions ADD COLUMN at TEXT";

static const char insert[] =
    "INSERT INTO decisions (time, ref, line, policy, conf, at) VALUES (?, ?, ?, ?, ?, ?)";
static const char add_count[] = "INSERT INTO hours (hour, kind, name, what, n)"
				" VALUES (?, ?, ?, ?, ?) ON CONFLICT (hour, kind, name, what)"
				" DO UPDATE SET n = n + excluded.n";

/* The columns in the order of the schema, as many as the file has. */
static const char find[] = "SELECT * FROM decisions WHERE ref = ? ORDER BY time DESC";
enum column { COLUMN_TIME, COLUMN_REF, COLUMN_LINE, COLUMN_POLICY, COLUMN_CONF, COLUMN_AT };

static int
open_db(const char *folder, int day, int flags, sqlite3 **db)
{
	char path[PATH_MAX];

	days_name(folder, day, path, sizeof(path));
	*db = NULL;
	return path[0] == '\0' ? SQLITE_CANTOPEN : database_open(path, flags, db);
}

/* Make the table, or see that it has all columns. */
static int
make_table(sqlite3 *db)
{
	int code = sqlite3_exec(db, schema, NULL, NULL, NULL);

	if (code == SQLITE_OK &&
	    sqlite3_table_column_metadata(
		db, NULL, "decisions", "at", NULL, NULL, NULL, NULL, NULL) != SQLITE_OK)
		code = sqlite3_exec(db, widen, NULL, NULL, NULL);
	return code;
}

/* Take the journal over into the file when it is half full; who reads may be in the way, for
 * now. */
static int
on_commit(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct dayfile *f = arg;

	f->pages = pages;
	if (pages >= f->journal / 2)
		(void)sqlite3_wal_checkpoint_v2(
		    db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

static int
prepare(sqlite3 *db, const char *text, sqlite3_stmt **out)
{
	return sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);
}

static int
set_up(struct dayfile *f, int64_t journal)
{
	int code = make_table(f->db);

	f->journal = (int)(journal / PAGE_BYTES);
	(void)sqlite3_wal_hook(f->db, on_commit, f);
	if (code == SQLITE_OK)
		code = prepare(f->db, insert, &f->insert);
	if (code == SQLITE_OK)
		code = prepare(f->db, "PRAGMA page_count", &f->size);
	if (code == SQLITE_OK)
		code = prepare(f->db, add_count, &f->count);
	return code;
}

static bool
identify(const char *folder, int day, struct database_file *file)
{
	char path[PATH_MAX];

	days_name(folder, day, path, sizeof(path));
	return path[0] != '\0' && database_identify(path, file);
}

bool
dayfile_is_there(const struct dayfile *f, const char *folder, int day)
{
	struct database_file file;

	return identify(folder, day, &file) && database_file_equal(&file, &f->file);
}

struct dayfile *
dayfile_open(const char *folder, int day, int64_t journal, enum database_fault *fault,
    const char **error)
{
	struct dayfile *f = calloc(1, sizeof(*f));
	int code = SQLITE_NOMEM;

	if (f != NULL)
		code = open_db(folder, day, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &f->db);
	if (code == SQLITE_OK)
		code = set_up(f, journal);
	if (code == SQLITE_OK && !identify(folder, day, &f->file))
		code = SQLITE_CANTOPEN;
	if ((*fault = database_fault(code, error)) == DATABASE_GOOD)
		return f;
	dayfile_close(f);
	return NULL;
}

int64_t
dayfile_bytes(struct dayfile *f)
{
	int64_t pages = 0;

	if (sqlite3_step(f->size) == SQLITE_ROW)
		pages = sqlite3_column_int64(f->size, 0);
	(void)sqlite3_reset(f->size);
	return pages * PAGE_BYTES;
}

/* Who has read for long leaves a journal that would grow without end. */
static bool
shorten_journal(struct dayfile *f)
{
	if (f->pages <= f->journal)
		return true;
	if (sqlite3_wal_checkpoint_v2(f->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) !=
	    SQLITE_OK)
		return false;
	f->pages = 0;
	return true;
}

enum database_fault
dayfile_begin(struct dayfile *f, const char **error)
{
	if (!shorten_journal(f)) {
		*error = "another program reads the file, and its journal cannot be emptied";
		return DATABASE_FAILED;
	}
	return database_fault(database_begin(f->db), error);
}

static int
bind_text(sqlite3_stmt *s, int place, const char *text)
{
	if (text == NULL)
		return sqlite3_bind_null(s, place);
	return sqlite3_bind_text(s, place, text, -1, SQLITE_STATIC);
}

enum database_fault
dayfile_add(struct dayfile *f, const struct store_row *row, const char **error)
{
	sqlite3_stmt *s = f->insert;
	uint64_t ref = 0;
	int code;

	if (!ref_read(row->ref, &ref))
		return DATABASE_GOOD;
	(void)sqlite3_bind_int64(s, 1, row->time);
	(void)sqlite3_bind_int64(s, 2, (sqlite3_int64)ref);
	(void)bind_text(s, 3, row->line);
	(void)bind_text(s, 4, row->policy);
	(void)bind_text(s, 5, row->conf);
	(void)bind_text(s, 6, row->at);
	code = sqlite3_step(s);
	(void)sqlite3_reset(s);
	return database_fault(code, error);
}

enum database_fault
dayfile_count(struct dayfile *f, const struct dayfile_count *c, const char **error)
{
	sqlite3_stmt *s = f->count;
	int code;

	(void)sqlite3_bind_int64(s, 1, c->hour);
	(void)bind_text(s, 2, c->kind);
	(void)bind_text(s, 3, c->name);
	(void)bind_text(s, 4, c->what);
	(void)sqlite3_bind_int64(s, 5, c->n);
	code = sqlite3_step(s);
	(void)sqlite3_reset(s);
	return database_fault(code, error);
}

enum database_fault
dayfile_end(struct dayfile *f, enum database_fault fault, const char **error)
{
	if (fault == DATABASE_GOOD)
		return database_fault(database_commit(f->db), error);
	database_roll_back(f->db);
	return fault;
}

enum database_fault
dayfile_note_copied(struct dayfile *f, int64_t bytes, const char **error)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(
	    f->db, "INSERT OR REPLACE INTO copied (rowid, bytes) VALUES (1, ?)", -1, &s, NULL);

	if (code == SQLITE_OK) {
		(void)sqlite3_bind_int64(s, 1, bytes);
		code = sqlite3_step(s);
	}
	(void)sqlite3_finalize(s);
	return database_fault(code, error);
}

int64_t
dayfile_copied(const char *folder, int day)
{
	sqlite3_stmt *s = NULL;
	int64_t bytes = 0;
	sqlite3 *db;

	if (open_db(folder, day, SQLITE_OPEN_READONLY, &db) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, "SELECT bytes FROM copied", -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW)
		bytes = sqlite3_column_int64(s, 0);
	(void)sqlite3_finalize(s);
	(void)sqlite3_close(db);
	return bytes < 0 ? 0 : bytes;
}

void
dayfile_close(struct dayfile *f)
{
	if (f == NULL)
		return;
	(void)sqlite3_finalize(f->insert);
	(void)sqlite3_finalize(f->count);
	(void)sqlite3_finalize(f->size);
	(void)sqlite3_close(f->db);
	free(f);
}

/* The text in a column; NULL where it has none, or the file has no such column. */
static const char *
text_of(sqlite3_stmt *s, int column)
{
	if (column >= sqlite3_column_count(s))
		return NULL;
	return (const char *)sqlite3_column_text(s, column);
}

static int
find_rows(sqlite3 *db, uint64_t ref, void (*fn)(void *arg, const struct store_row *), void *arg,
    int *code)
{
	sqlite3_stmt *s = NULL;
	int n = 0;

	if ((*code = sqlite3_prepare_v2(db, find, -1, &s, NULL)) != SQLITE_OK)
		return 0;
	(void)sqlite3_bind_int64(s, 1, (sqlite3_int64)ref);
	for (; (*code = sqlite3_step(s)) == SQLITE_ROW; n++) {
		const struct store_row row = {
		    .time = sqlite3_column_int64(s, COLUMN_TIME),
		    .line = text_of(s, COLUMN_LINE),
		    .policy = text_of(s, COLUMN_POLICY),
		    .conf = text_of(s, COLUMN_CONF),
		    .at = text_of(s, COLUMN_AT),
		};

		if (row.line != NULL)
			fn(arg, &row);
	}
	(void)sqlite3_finalize(s);
	return n;
}

int
dayfile_find(const char *folder, int day, uint64_t ref,
    void (*fn)(void *arg, const struct store_row *), void *arg, const char **error)
{
	sqlite3 *db;
	int n = 0, code = open_db(folder, day, SQLITE_OPEN_READONLY, &db);

	if (code == SQLITE_OK)
		n = find_rows(db, ref, fn, arg, &code);
	(void)sqlite3_close(db);
	return database_fault(code, error) == DATABASE_GOOD ? n : -1;
}

/* --- Reading, by another process --- */

static const char has_table[] = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
static const char all_counts[] = "SELECT hour, kind, name, what, n FROM hours WHERE hour >= ?";
static const char all_rows[] = "SELECT time, line, policy, conf FROM decisions WHERE time >= ?"
			       " ORDER BY rowid";

/* Whether somebody has the file open to write, or was ended meanwhile. */
static bool
has_journal(const char *path)
{
	char journal[PATH_MAX];
	struct strbuf sb;

	strbuf_init(&sb, journal, sizeof(journal));
	strbuf_addf(&sb, "%s-wal", path);
	return !sb.cut && access(journal, F_OK) == 0;
}

/*
 * Where there is no journal nobody writes, and the file is read as it is: else SQLite would
 * make one, for which there may be no right.  Where there is, its readers need one beside
 * it, and look at it.
 */
static int
open_to_read(const char *path, bool still, sqlite3 **db)
{
	char uri[3 * PATH_MAX + 32];
	struct strbuf sb;
	int code;

	strbuf_init(&sb, uri, sizeof(uri));
	strbuf_add(&sb, "file:");
	strbuf_add_url(&sb, path);
	strbuf_add(&sb, still ? "?immutable=1" : "");
	code = database_open(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, db);
	/* Who reads may have more rights than who wrote it. */
	if (code == SQLITE_OK)
		code = sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (code == SQLITE_OK)
		(void)sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	return code;
}

static void
tell_count(sqlite3_stmt *s, const struct dayfile_reader *reader)
{
	const struct dayfile_count count = {
	    .hour = sqlite3_column_int64(s, 0),
	    .kind = text_of(s, 1),
	    .name = text_of(s, 2),
	    .what = text_of(s, 3),
	    .n = sqlite3_column_int64(s, 4),
	};

	if (count.kind != NULL && count.name != NULL && count.what != NULL && count.n > 0)
		reader->count(reader->arg, &count);
}

static void
tell_row(sqlite3_stmt *s, const struct dayfile_reader *reader)
{
	const struct store_row row = {
	    .time = sqlite3_column_int64(s, 0),
	    .line = text_of(s, 1),
	    .policy = text_of(s, 2),
	    .conf = text_of(s, 3),
	};

	if (row.line != NULL)
		reader->row(reader->arg, &row);
}

static int
read_all(sqlite3 *db, const char *sql, int64_t since, const struct dayfile_reader *reader,
    void (*tell)(sqlite3_stmt *, const struct dayfile_reader *))
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);

	if (code == SQLITE_OK) {
		(void)sqlite3_bind_int64(s, 1, since);
		while ((code = sqlite3_step(s)) == SQLITE_ROW)
			tell(s, reader);
	}
	(void)sqlite3_finalize(s);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Whether there is a table of that name, and no view that somebody has made up. */
static int
find_table(sqlite3 *db, const char *name, bool *found)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, has_table, -1, &s, NULL);

	if (code == SQLITE_OK) {
		(void)bind_text(s, 1, name);
		code = sqlite3_step(s);
	}
	(void)sqlite3_finalize(s);
	*found = code == SQLITE_ROW;
	return *found || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* A file of before there were hours has no such table. */
static int
read_tables(sqlite3 *db, int64_t since, const struct dayfile_reader *reader)
{
	bool decisions = false, hours = false;
	int code = find_table(db, "decisions", &decisions);

	if (code == SQLITE_OK)
		code = decisions ? find_table(db, "hours", &hours) : SQLITE_NOTADB;
	if (code == SQLITE_OK && hours)
		code = read_all(db, all_counts, since, reader, tell_count);
	return code == SQLITE_OK ? read_all(db, all_rows, since, reader, tell_row) : code;
}

enum database_fault
dayfile_read(const char *folder, int day, int64_t since, const struct dayfile_reader *reader,
    const char **error)
{
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	bool still;
	int code;

	days_name(folder, day, path, sizeof(path));
	still = !has_journal(path);
	code = path[0] == '\0' ? SQLITE_CANTOPEN : open_to_read(path, still, &db);
	if (code == SQLITE_OK)
		code = read_tables(db, since, reader);
	(void)sqlite3_close(db);
	if (!still || !has_journal(path))
		return database_fault(code, error);
	*error = "somebody began to write it meanwhile: try again";
	return DATABASE_FAILED;
}
