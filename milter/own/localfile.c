/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/localfile.c - SQLite in WAL mode: who reads does not stop who writes, and a crash loses
 * what was not committed, no more.  What is read was perhaps written by somebody else.
 */
#include "config.h"

#include "own/localfile.h"

#include <limits.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

#define VALUE_MAX (1 << 16) /* bytes of what is read */

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY;"
    "CREATE TABLE IF NOT EXISTS entries (client TEXT PRIMARY KEY, changed INTEGER NOT NULL,"
    " held INTEGER NOT NULL, removed1 INTEGER NOT NULL, removed2 INTEGER NOT NULL,"
    " removed3 INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS reasons (client TEXT NOT NULL, reason TEXT NOT NULL,"
    " rule TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER NOT NULL,"
    " times INTEGER NOT NULL, PRIMARY KEY (client, reason)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS hits (client TEXT NOT NULL, time INTEGER NOT NULL,"
    " reason TEXT NOT NULL, what TEXT NOT NULL, name TEXT NOT NULL, helo TEXT NOT NULL,"
    " sender TEXT NOT NULL, ref TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS hits_client ON hits (client);"
    "CREATE TABLE IF NOT EXISTS counts (client TEXT NOT NULL, reason TEXT NOT NULL,"
    " hits INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,"
    " PRIMARY KEY (client, reason)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS audit (client TEXT NOT NULL, time INTEGER NOT NULL,"
    " deed TEXT NOT NULL, reason TEXT NOT NULL, rule TEXT NOT NULL, by TEXT NOT NULL,"
    " why TEXT NOT NULL, evidence TEXT NOT NULL, until INTEGER NOT NULL,"
    " version TEXT NOT NULL);"
    "CREATE INDEX IF NOT EXISTS audit_client ON audit (client);";

enum statement {
	PUT_ENTRY,
	PUT_REASON,
	ADD_HIT,
	TRIM_HITS,
	ADD_COUNT,
	ADD_AUDIT,
	ADD_AUDIT_ONCE,
	DROP_OLD_HITS,
	DROP_MANY_HITS,
	DROP_OLD_AUDIT,
	DROP_MANY_AUDIT,
	DROP_OLD_COUNTS,
	DROP_OLD_REASONS,
	DROP_OLD_ENTRIES,
	FORGET_HITS,
	FORGET_COUNTS,
	FORGET_AUDIT,
	GET_ENTRIES,
	GET_HITS,
	GET_COUNTS,
	GET_AUDIT,
	GET_REQUESTS,
	STATEMENTS
};

#define NOTE "(deed = 'nominated' AND evidence = '')"
#define NOTES_SHOWN "200"
#define AUDIT \
	"SELECT client, time, deed, reason, rule, by, why, evidence, until, version FROM audit"

static const char *const texts[STATEMENTS] = {
    [PUT_ENTRY] = "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)",
    [PUT_REASON] = "INSERT OR REPLACE INTO reasons VALUES (?, ?, ?, ?, ?, ?)",
    [ADD_HIT] = "INSERT INTO hits VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [TRIM_HITS] = "DELETE FROM hits WHERE client = ?1 AND rowid NOT IN (SELECT rowid FROM hits"
		  " WHERE client = ?1 ORDER BY rowid DESC LIMIT ?2)",
    [ADD_COUNT] = "INSERT INTO counts VALUES (?1, ?2, 1, ?3, ?3) ON CONFLICT (client, reason)"
		  " DO UPDATE SET hits = hits + 1, last = max(last, ?3)",
    [ADD_AUDIT] = "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [ADD_AUDIT_ONCE] = "INSERT INTO audit SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10"
		       " WHERE NOT EXISTS (SELECT 1 FROM audit WHERE client = ?1"
		       " AND abs(time - ?2) <= ?11 AND deed = ?3 AND by = ?6)",
    /* Those of clients that are or were listed not long ago stay. */
    [DROP_OLD_HITS] = "DELETE FROM hits WHERE time < ?1 AND client NOT IN"
		      " (SELECT client FROM reasons WHERE until >= ?1)",
    [DROP_MANY_HITS] = "DELETE FROM hits WHERE rowid IN (SELECT rowid FROM hits"
		       " ORDER BY client IN (SELECT client FROM reasons), rowid"
		       " LIMIT max(0, (SELECT count(*) FROM hits) - ?1))",
    [DROP_OLD_AUDIT] = "DELETE FROM audit WHERE time < ?1",
    [DROP_MANY_AUDIT] = "DELETE FROM audit WHERE rowid IN (SELECT rowid FROM audit ORDER BY"
			" deed <> 'listed', rowid"
			" LIMIT max(0, (SELECT count(*) FROM audit) - ?1))",
    [DROP_OLD_COUNTS] = "DELETE FROM counts WHERE last < ?1",
    [DROP_OLD_REASONS] = "DELETE FROM reasons WHERE until < ?1",
    [DROP_OLD_ENTRIES] = "DELETE FROM entries WHERE changed < ?1 AND client NOT IN"
			 " (SELECT client FROM reasons)",
    [FORGET_HITS] = "DELETE FROM hits WHERE client = ?",
    [FORGET_COUNTS] = "DELETE FROM counts WHERE client = ?",
    [FORGET_AUDIT] = "DELETE FROM audit WHERE client = ?",
    [GET_ENTRIES] = "SELECT e.client, changed, held, removed1, removed2, removed3, reason,"
		    " rule, since, until, times FROM entries e JOIN reasons r"
		    " ON r.client = e.client ORDER BY e.client",
    [GET_HITS] = "SELECT client, time, reason, what, name, helo, sender, ref FROM hits"
		 " WHERE client = ?1 ORDER BY rowid DESC LIMIT ?2",
    [GET_COUNTS] = "SELECT reason, hits, first, last FROM counts WHERE client = ?1 LIMIT ?2",
    [GET_AUDIT] = AUDIT " WHERE client = ?1 ORDER BY rowid DESC LIMIT ?2",
    /* Nominations without evidence are anybody's: of all only the last are shown, so that they
     * are in nobody's way, and of a client they list nobody. */
    [GET_REQUESTS] =
	AUDIT " WHERE (client = ?1 OR ?1 IS NULL) AND deed <> 'listed' AND (NOT " NOTE
	      " OR (?1 IS NULL AND rowid IN (SELECT rowid FROM audit WHERE " NOTE
	      " ORDER BY rowid DESC LIMIT " NOTES_SHOWN "))) ORDER BY rowid DESC LIMIT ?2",
};

struct localfile {
	sqlite3 *db;
	struct database_file file;          /* when it was opened */
	sqlite3_stmt *prepared[STATEMENTS]; /* NULL: not yet */
};

static const char *const deeds[LOCAL_DEEDS] = {
    [LOCAL_DEED_LISTED] = "listed",
    [LOCAL_DEED_NOMINATED] = "nominated",
    [LOCAL_DEED_REMOVED] = "removed",
    [LOCAL_DEED_HELD] = "held",
};

const char *
local_deed_name(enum local_deed deed)
{
	return deeds[deed];
}

/* --- The file --- */

static bool
name_file(const char *folder, char path[PATH_MAX])
{
	struct strbuf sb;

	strbuf_init(&sb, path, PATH_MAX);
	strbuf_addf(&sb, "%s/%s", folder, LOCALFILE_NAME);
	return !sb.cut;
}

static int
open_db(const char *folder, sqlite3 **db)
{
	char path[PATH_MAX] = ":memory:";
	int code;

	if (folder != NULL && !name_file(folder, path))
		return SQLITE_CANTOPEN;
	code = database_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, db);
	if (code == SQLITE_OK)
		(void)sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, VALUE_MAX);
	return code;
}

/* It is small: damage is better found at the start than in the middle of it. */
static int
look_for_damage(sqlite3 *db)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL);

	if (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_ROW &&
	    strcmp((const char *)sqlite3_column_text(s, 0), "ok") != 0)
		code = SQLITE_CORRUPT;
	(void)sqlite3_finalize(s);
	return code == SQLITE_ROW ? SQLITE_OK : code;
}

static bool
identify(const char *folder, struct database_file *file)
{
	char path[PATH_MAX];

	return name_file(folder, path) && database_identify(path, file);
}

bool
localfile_is_there(const struct localfile *f, const char *folder)
{
	struct database_file file;

	return folder == NULL ||
	    (identify(folder, &file) && database_file_equal(&file, &f->file));
}

struct localfile *
localfile_open(const char *folder, enum database_fault *fault, const char **error)
{
	struct localfile *f = calloc(1, sizeof(*f));
	int code = SQLITE_NOMEM;

	if (f != NULL)
		code = open_db(folder, &f->db);
	if (code == SQLITE_OK)
		code = look_for_damage(f->db);
	if (code == SQLITE_OK)
		code = sqlite3_exec(f->db, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK && folder != NULL && !identify(folder, &f->file))
		code = SQLITE_CANTOPEN;
	if ((*fault = database_fault(code, error)) == DATABASE_GOOD)
		return f;
	localfile_close(f);
	return NULL;
}

void
localfile_close(struct localfile *f)
{
	if (f == NULL)
		return;
	for (unsigned i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(f->prepared[i]);
	(void)sqlite3_close(f->db);
	free(f);
}

void
localfile_set_aside(const char *folder)
{
	char path[PATH_MAX];

	if (name_file(folder, path))
		database_set_aside(path);
}

/* --- Statements --- */

static int
bind_one(sqlite3_stmt *s, int place, char kind, va_list *values)
{
	const char *text;

	if (kind == 'i')
		return sqlite3_bind_int64(s, place, va_arg(*values, int64_t));
	text = va_arg(*values, const char *);
	return text == NULL ? sqlite3_bind_null(s, place)
			    : sqlite3_bind_text(s, place, text, -1, SQLITE_TRANSIENT);
}

/* A statement with its values: "s" a text or NULL, "i" an int64_t; NULL: *code says why. */
static sqlite3_stmt *
prepare(
    struct localfile *f, enum statement which, int *code, const char *kinds, va_list *values)
{
	sqlite3_stmt **s = &f->prepared[which];

	*code = SQLITE_OK;
	if (*s == NULL)
		*code = sqlite3_prepare_v3(
		    f->db, texts[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
	for (int i = 0; *code == SQLITE_OK && kinds[i] != '\0'; i++)
		*code = bind_one(*s, i + 1, kinds[i], values);
	return *code == SQLITE_OK ? *s : NULL;
}

/* Run a statement that has no rows. */
static enum database_fault
run(struct localfile *f, enum statement which, const char **error, const char *kinds, ...)
{
	sqlite3_stmt *s;
	va_list values;
	int code;

	va_start(values, kinds);
	s = prepare(f, which, &code, kinds, &values);
	va_end(values);
	if (s == NULL)
		return database_fault(code, error);
	code = sqlite3_step(s);
	(void)sqlite3_reset(s);
	return database_fault(code, error);
}

enum database_fault
localfile_begin(struct localfile *f, const char **error)
{
	return database_fault(database_begin(f->db), error);
}

enum database_fault
localfile_end(struct localfile *f, enum database_fault fault, const char **error)
{
	if (fault == DATABASE_GOOD)
		return database_fault(database_commit(f->db), error);
	database_roll_back(f->db);
	return fault;
}

enum database_fault
localfile_put(struct localfile *f, const struct local_entry *e, const char **error)
{
	char client[IPADDR_STRLEN];
	enum database_fault fault;

	(void)ipaddr_format(&e->client, client);
	fault =
	    run(f, PUT_ENTRY, error, "siiiii", client, (int64_t)e->changed, (int64_t)e->held,
		(int64_t)e->removed[0], (int64_t)e->removed[1], (int64_t)e->removed[2]);
	for (unsigned i = 0; fault == DATABASE_GOOD && i < LOCAL_REASONS; i++)
		if (e->until[i] != 0)
			fault = run(f, PUT_REASON, error, "sssiii", client,
			    local_reason_name((enum local_reason)i), e->rule[i],
			    (int64_t)e->since[i], (int64_t)e->until[i], (int64_t)e->times[i]);
	return fault;
}

/* A hit is of a client as the list knows it. */
static void
name_client(const struct ipaddr *addr, char out[IPADDR_STRLEN])
{
	struct ipaddr client = ipaddr_network(addr, 32, 64);

	(void)ipaddr_format(&client, out);
}

enum database_fault
localfile_hit(struct localfile *f, const struct local_hit *hit, const char **error)
{
	const char *reason = local_reason_name(hit->reason);
	char client[IPADDR_STRLEN];
	enum database_fault fault;

	name_client(&hit->client, client);
	fault = run(f, ADD_HIT, error, "sissssss", client, hit->time, reason, hit->what,
	    hit->name, hit->helo, hit->sender, hit->ref);
	if (fault == DATABASE_GOOD)
		fault = run(f, TRIM_HITS, error, "si", client, (int64_t)LOCAL_HITS);
	if (fault == DATABASE_GOOD)
		fault = run(f, ADD_COUNT, error, "ssi", client, reason, hit->time);
	return fault;
}

enum database_fault
localfile_audit(struct localfile *f, const struct local_audit *a, const char **error)
{
	char client[IPADDR_STRLEN];

	name_client(&a->client, client);
	return run(f, ADD_AUDIT, error, "sissssssis", client, a->time, deeds[a->deed],
	    a->reason, a->rule, a->by, a->why, a->evidence, a->until, a->version);
}

enum database_fault
localfile_audit_once(
    struct localfile *f, const struct local_audit *a, bool *is_new, const char **error)
{
	int before = sqlite3_total_changes(f->db);
	char client[IPADDR_STRLEN];
	enum database_fault fault;

	name_client(&a->client, client);
	fault = run(f, ADD_AUDIT_ONCE, error, "sissssssisi", client, a->time, deeds[a->deed],
	    a->reason, a->rule, a->by, a->why, a->evidence, a->until, a->version,
	    (int64_t)LOCALFILE_AGAIN_S);
	*is_new = sqlite3_total_changes(f->db) != before;
	return fault;
}

enum database_fault
localfile_expire(struct localfile *f, int64_t now, const char **error)
{
	const struct {
		enum statement which;
		int64_t value;
	} steps[] = {
	    {DROP_OLD_HITS, now - LOCAL_KEEP_S},
	    {DROP_MANY_HITS, LOCALFILE_HITS_MAX},
	    {DROP_OLD_AUDIT, now - LOCALFILE_AUDIT_KEEP},
	    {DROP_MANY_AUDIT, LOCALFILE_AUDIT_MAX},
	    {DROP_OLD_COUNTS, now - LOCALFILE_AUDIT_KEEP},
	    {DROP_OLD_REASONS, now - LOCAL_KEEP_S},
	    {DROP_OLD_ENTRIES, now - LOCAL_KEEP_S},
	};
	enum database_fault fault = DATABASE_GOOD;

	for (size_t i = 0; fault == DATABASE_GOOD && i < sizeof(steps) / sizeof(steps[0]); i++)
		fault = run(f, steps[i].which, error, "i", steps[i].value);
	return fault;
}

enum database_fault
localfile_forget(
    struct localfile *f, const struct ipaddr *addr, unsigned *rows, const char **error)
{
	int before = sqlite3_total_changes(f->db);
	enum database_fault fault = DATABASE_GOOD;
	char client[IPADDR_STRLEN];

	name_client(addr, client);
	for (enum statement s = FORGET_HITS; fault == DATABASE_GOOD && s <= FORGET_AUDIT; s++)
		fault = run(f, s, error, "s", client);
	*rows = (unsigned)(sqlite3_total_changes(f->db) - before);
	/* The journal has them still. */
	if (fault == DATABASE_GOOD)
		fault = database_fault(sqlite3_wal_checkpoint_v2(
					   f->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL),
		    error);
	return fault;
}

/* --- Reading --- */

static const char *
text_of(sqlite3_stmt *s, int column)
{
	const char *text = (const char *)sqlite3_column_text(s, column);

	return text != NULL ? text : "";
}

static void
copy_text(sqlite3_stmt *s, int column, char *out, size_t size)
{
	(void)strbuf_copy(out, size, text_of(s, column));
}

#define COPY_TEXT(s, column, array) copy_text(s, column, array, sizeof(array))

static uint32_t
time_of(sqlite3_stmt *s, int column)
{
	int64_t time = sqlite3_column_int64(s, column);

	return time > 0 && time <= UINT32_MAX ? (uint32_t)time : 0;
}

/* Call fn for each row; values as run() has them. */
static enum database_fault
each(struct localfile *f, enum statement which, void (*fn)(void *arg, sqlite3_stmt *),
    void *arg, const char **error, const char *kinds, ...)
{
	sqlite3_stmt *s;
	va_list values;
	int code;

	va_start(values, kinds);
	s = prepare(f, which, &code, kinds, &values);
	va_end(values);
	if (s == NULL)
		return database_fault(code, error);
	while ((code = sqlite3_step(s)) == SQLITE_ROW)
		fn(arg, s);
	(void)sqlite3_reset(s);
	return database_fault(code, error);
}

/* Entries come with a row for each reason, one after the other. */
struct loading {
	struct local_entry entry;
	void (*fn)(void *arg, const struct local_entry *);
	void *arg;
};

static void
finish_entry(struct loading *l)
{
	if (l->entry.client.bits != 0)
		l->fn(l->arg, &l->entry);
}

static void
begin_entry(struct loading *l, sqlite3_stmt *s, const struct ipaddr *client)
{
	finish_entry(l);
	l->entry = (struct local_entry){
	    .client = *client, .changed = time_of(s, 1), .held = time_of(s, 2)};
	for (int i = 0; i < LOCAL_REMOVALS; i++)
		l->entry.removed[i] = time_of(s, 3 + i);
}

static void
load_row(void *arg, sqlite3_stmt *s)
{
	struct loading *l = arg;
	struct ipaddr client;
	enum local_reason reason = local_reason_parse(text_of(s, 6));
	int64_t times = sqlite3_column_int64(s, 10);

	if (!ipaddr_parse(&client, text_of(s, 0)) || reason == LOCAL_REASONS)
		return;
	if (ipaddr_compare(&client, &l->entry.client) != 0)
		begin_entry(l, s, &client);
	COPY_TEXT(s, 7, l->entry.rule[reason]);
	l->entry.since[reason] = time_of(s, 8);
	l->entry.until[reason] = time_of(s, 9);
	l->entry.times[reason] = times > 0 && times <= UINT8_MAX ? (uint8_t)times : 1;
}

enum database_fault
localfile_load(struct localfile *f, void (*fn)(void *arg, const struct local_entry *),
    void *arg, const char **error)
{
	struct loading l = {.fn = fn, .arg = arg};
	enum database_fault fault = each(f, GET_ENTRIES, load_row, &l, error, "");

	finish_entry(&l);
	return fault;
}

static void
read_hit(void *arg, sqlite3_stmt *s)
{
	const struct local_reader *reader = arg;
	struct local_hit hit = {
	    .time = sqlite3_column_int64(s, 1), .reason = local_reason_parse(text_of(s, 2))};

	if (!ipaddr_parse(&hit.client, text_of(s, 0)) || hit.reason == LOCAL_REASONS)
		return;
	COPY_TEXT(s, 3, hit.what);
	COPY_TEXT(s, 4, hit.name);
	COPY_TEXT(s, 5, hit.helo);
	COPY_TEXT(s, 6, hit.sender);
	COPY_TEXT(s, 7, hit.ref);
	reader->hit(reader->arg, &hit);
}

static void
read_count(void *arg, sqlite3_stmt *s)
{
	const struct local_reader *reader = arg;
	const struct local_count count = {.reason = local_reason_parse(text_of(s, 0)),
	    .hits = sqlite3_column_int64(s, 1),
	    .first = sqlite3_column_int64(s, 2),
	    .last = sqlite3_column_int64(s, 3)};

	if (count.reason != LOCAL_REASONS)
		reader->count(reader->arg, &count);
}

static void
read_audit(void *arg, sqlite3_stmt *s)
{
	const struct local_reader *reader = arg;
	struct local_audit a = {
	    .time = sqlite3_column_int64(s, 1), .until = sqlite3_column_int64(s, 8)};

	while (a.deed < LOCAL_DEEDS && strcmp(text_of(s, 2), deeds[a.deed]) != 0)
		a.deed++;
	if (!ipaddr_parse(&a.client, text_of(s, 0)) || a.deed == LOCAL_DEEDS)
		return;
	COPY_TEXT(s, 3, a.reason);
	COPY_TEXT(s, 4, a.rule);
	COPY_TEXT(s, 5, a.by);
	COPY_TEXT(s, 6, a.why);
	COPY_TEXT(s, 7, a.evidence);
	COPY_TEXT(s, 9, a.version);
	reader->audit(reader->arg, &a);
}

/* Tell so many rows of a client, or of all. */
static enum database_fault
tell(struct localfile *f, enum statement which, void (*read)(void *reader, sqlite3_stmt *),
    const struct ipaddr *addr, unsigned max, const struct local_reader *reader,
    const char **error)
{
	struct local_reader copy = *reader;
	char client[IPADDR_STRLEN];

	if (addr != NULL)
		name_client(addr, client);
	return each(
	    f, which, read, &copy, error, "si", addr != NULL ? client : NULL, (int64_t)max);
}

enum database_fault
localfile_hits(struct localfile *f, const struct ipaddr *addr,
    const struct local_reader *reader, const char **error)
{
	return tell(f, GET_HITS, read_hit, addr, LOCAL_HITS, reader, error);
}

enum database_fault
localfile_counts(struct localfile *f, const struct ipaddr *addr,
    const struct local_reader *reader, const char **error)
{
	return tell(f, GET_COUNTS, read_count, addr, LOCAL_REASONS, reader, error);
}

enum database_fault
localfile_audits(struct localfile *f, const struct ipaddr *addr, bool requests, unsigned max,
    const struct local_reader *reader, const char **error)
{
	return tell(
	    f, requests ? GET_REQUESTS : GET_AUDIT, read_audit, addr, max, reader, error);
}
