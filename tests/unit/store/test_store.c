/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_store.c - what is put is found again, by all who read; old days go; what is broken is
 * set aside; what cannot be written is counted.
 */
#include "config.h"

#include "store/store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/random.h"
#include "store/days.h"
#include "tap.h"

#define WALL 1796000000 /* 2026-11-29 */
#define DAY_S 86400
#define MANY 2500

static char folder[] = "/tmp/test_store.XXXXXX";
static char found[8][64], unreadable[256];
static int nfound, nunreadable;
static FILE *lines; /* of the log, to be read */

static void
take(void *arg, const struct store_row *row)
{
	(void)arg;
	if (nfound < 8)
		snprintf(found[nfound++], sizeof(found[0]), "%s|%s|%s|%s", row->line,
		    row->policy != NULL ? row->policy : "-", row->conf,
		    row->at != NULL ? row->at : "-");
}

static void
take_unreadable(void *arg, const char *path, const char *error)
{
	(void)arg;
	nunreadable++;
	snprintf(unreadable, sizeof(unreadable), "%s: %s", path, error);
}

static int
look(struct store *s, const char *ref)
{
	nfound = nunreadable = 0;
	return store_find(s, ref, &(struct store_finder){take, take_unreadable, NULL});
}

static struct store *
begin(int keep, int64_t size)
{
	struct store *s = store_new(
	    &(struct store_options){.path = folder, .keep = keep, .size = size}, NULL);

	if (s == NULL || !store_start(s))
		abort();
	return s;
}

static void
end(struct store *s)
{
	ok(store_stop(s), "it ends");
	store_free(s);
}

/* Wait until so many rows are written, for at most ten seconds. */
static bool
written(uint64_t rows)
{
	for (int i = 0; i < 1000 && counter_get(COUNTER_STORE_ROWS) < rows; i++)
		usleep(10000);
	return counter_get(COUNTER_STORE_ROWS) >= rows;
}

/* How many lines of the log have a text, of those since the last time. */
static int
said(const char *text)
{
	char line[1024];
	int n = 0;

	while (fgets(line, sizeof(line), lines) != NULL)
		n += strstr(line, text) != NULL;
	clearerr(lines);
	return n;
}

/* Wait for such a line, for at most ten seconds. */
static bool
is_said(const char *text)
{
	for (int i = 0; i < 1000; i++) {
		if (said(text) > 0)
			return true;
		usleep(10000);
	}
	return false;
}

static void
put(struct store *s, const char *ref, const char *line)
{
	store_put(s,
	    &(struct store_row){
		.ref = ref,
		.line = line,
		.policy = "default",
		.conf = "c0ffee",
		.at = "/etc/r:42",
	    });
}

static const char *
path_of(int day, const char *behind)
{
	static char path[128];

	days_name(folder, day, path, sizeof(path) - 16);
	strcat(path, behind);
	return path;
}

static void
make_file(int day, long size)
{
	FILE *file = fopen(path_of(day, ""), "w");

	if (file == NULL)
		abort();
	for (long i = 0; i < size; i++)
		putc('x', file);
	fclose(file);
}

static bool
exists(int day, const char *behind)
{
	return access(path_of(day, behind), F_OK) == 0;
}

/* Whoever may look into the folder: who wrote to whom is not for everybody. */
static void
rights(void)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	mode_t mask = umask(0);
	struct store *s = begin(14, 64 << 20);
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);
	struct stat st;

	put(s, "A0000007", "one");
	(void)written(rows + 1);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		ok(stat(path_of(days_of(WALL), ends[i]), &st) == 0 &&
			(st.st_mode & 0777) == 0640,
		    "the file%s: 0640", ends[i]);
	end(s);
	umask(mask);
	(void)unlink(path_of(days_of(WALL), ""));
}

/* The file of the day is taken away, or another one put in its place. */
static void
taken_away(void)
{
	struct store *s = begin(14, 64 << 20);
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);

	put(s, "A0000005", "before");
	ok(written(rows + 1), "one is written");
	(void)unlink(path_of(days_of(WALL), ""));
	(void)unlink(path_of(days_of(WALL), "-wal"));
	(void)unlink(path_of(days_of(WALL), "-shm"));
	put(s, "A0000006", "after");
	ok(written(rows + 2), "the next one is");
	same_num(look(s, "A0000006"), 1, "where it is found");
	same_num(said("event=store-file-gone"), 1, "which is said");
	end(s);
	(void)unlink(path_of(days_of(WALL), ""));
}

static void
put_and_find(void)
{
	struct store *s = begin(14, 64 << 20);
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);

	put(s, "A0000001", "one");
	put(s, "A0000002", "two");
	put(s, "A0000001", "other");
	store_stop(s);
	same_num((long long)(counter_get(COUNTER_STORE_ROWS) - rows), 3, "three rows");
	same_num(look(s, "A0000001"), 2, "a reference that two have: both");
	same_str(found[0], "one|default|c0ffee|/etc/r:42", "as it was put");
	same_num(look(s, "a0000002"), 1, "in small letters");
	same_num(look(s, "A0000003"), 0, "one that nobody has");
	same_num(look(s, "00000001"), -1, "no reference");
	put(s, "A0000009", "late");
	same_num((long long)counter_get(COUNTER_STORE_DROPPED), 1, "after the end: counted");
	store_free(s);
	s = begin(14, 64 << 20);
	for (int i = 0; i < MANY; i++)
		put(s, "B0000001", "many");
	store_stop(s);
	same_num(look(s, "B0000001"), MANY, "more than a batch");
	same_num(look(s, "A0000002"), 1, "after another start");
	store_free(s);
}

/* Past the time after which an old day is removed, and the next look at days. */
static void
next_turn(struct store *s)
{
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);

	clock_advance(STORE_TURN_MS);
	put(s, "C0000009", "turn");
	(void)written(rows + 1);
}

static void
days(void)
{
	struct store *s;
	int day[DAYS_MAX];

	same_num(days_of(0), 19700101, "the first day");
	for (int i = 1; i <= 5; i++)
		make_file(days_of(WALL - i * DAY_S), 10);
	s = begin(3, 64 << 20);
	put(s, "C0000001", "now");
	(void)written(counter_get(COUNTER_STORE_ROWS) + 1);
	same_num(
	    days_list(folder, day), 6, "at the start nothing is removed: who knows the time");
	next_turn(s);
	same_num(days_list(folder, day), 5, "a day is, when the clock has run for long");
	ok(!exists(days_of(WALL - 5 * DAY_S), ""), "the oldest");
	next_turn(s);
	next_turn(s);
	next_turn(s);
	same_num(days_list(folder, day), 3, "then the next, until so many are left");
	same_num(day[0], days_of(clock_wall()), "the last one first");
	end(s);
	clock_freeze(0, WALL);
}

/* The stamp of a day's file. */
static void
stamp(int day, int64_t when)
{
	const struct timespec stamps[] = {{.tv_sec = (time_t)when}, {.tv_sec = (time_t)when}};

	if (utimensat(AT_FDCWD, path_of(day, ""), stamps, 0) != 0)
		abort();
}

static void
clock_of_another_year(void)
{
	int day[DAYS_MAX], later = days_of(WALL + 4000LL * DAY_S);
	unsigned before = days_list(folder, day);
	struct store *s = begin(3, 64 << 20);

	(void)said("");
	put(s, "C0000003", "before");
	next_turn(s);
	clock_freeze(clock_ms(), WALL + 4000LL * DAY_S);
	put(s, "C0000004", "in another year");
	next_turn(s);
	same_num(days_list(folder, day), before + 1, "a clock far ahead: nothing is removed");
	same_num(said("event=store-clock"), 1, "and it is said");
	clock_freeze(clock_ms(), WALL);
	put(s, "C0000005", "after");
	(void)store_stop(s);
	same_num(said("event=store-clock"), 1, "so is that it was set back");
	same_num(look(s, "C0000003"), 1, "found: what was before");
	same_num(look(s, "C0000004"), 1, "what was then");
	same_num(look(s, "C0000005"), 1, "and what came after");
	store_free(s);
	stamp(later, WALL + 4000LL * DAY_S);
	ok(!days_expire(folder, 3, WALL), "a day to come is as old as its file");
	ok(!days_expire(folder, 3, WALL + DAY_S), "which grows older");
	(void)days_expire(folder, 3, WALL + 3 * DAY_S);
	(void)days_expire(folder, 3, WALL + 3 * DAY_S);
	(void)days_expire(folder, 3, WALL + 3 * DAY_S);
	ok(!exists(later, ""), "and goes with those of its time");
	for (unsigned n = days_list(folder, day); n > 0; n--)
		(void)unlink(path_of(day[n - 1], ""));
	clock_freeze(0, WALL);
}

static void
clock_set_back(void)
{
	struct store *s = begin(3, 64 << 20);

	put(s, "C0000001", "now");
	(void)written(counter_get(COUNTER_STORE_ROWS) + 1);
	clock_freeze(0, WALL - 5 * DAY_S);
	put(s, "C0000002", "earlier");
	(void)store_stop(s);
	same_num(look(s, "C0000002"), 1, "the clock was set back: found");
	same_num(look(s, "C0000001"), 1, "and so is what is to come");
	store_free(s);
	(void)unlink(path_of(days_of(WALL - 5 * DAY_S), ""));
	clock_freeze(0, WALL);
}

/* A file that was made before the place of a policy was kept. */
static void
older(void)
{
	static const char made[] =
	    "CREATE TABLE decisions (time INTEGER NOT NULL, ref INTEGER NOT NULL,"
	    " line TEXT NOT NULL, policy TEXT, conf TEXT);"
	    "INSERT INTO decisions VALUES (1, %llu, 'old', 'default', 'c0ffee')";
	char *sql;
	uint64_t ref = 0;
	struct store *s;
	sqlite3 *db;

	ok(ref_read("H0000001", &ref), "a reference");
	(void)unlink(path_of(days_of(WALL), ""));
	sql = sqlite3_mprintf(made, (unsigned long long)ref);
	ok(sqlite3_open(path_of(days_of(WALL), ""), &db) == SQLITE_OK &&
		sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK,
	    "a file without the column");
	sqlite3_free(sql);
	sqlite3_close(db);
	s = begin(14, 64 << 20);
	store_stop(s);
	same_num(look(s, "H0000001"), 1, "it is read");
	same_str(found[0], "old|default|c0ffee|-", "without a place");
	store_free(s);
	s = begin(14, 64 << 20);
	put(s, "H0000001", "new");
	store_stop(s);
	same_num(look(s, "H0000001"), 2, "it is written to");
	same_str(found[0], "new|default|c0ffee|/etc/r:42", "with one");
	same_str(found[1], "old|default|c0ffee|-", "and the old ones stay");
	ok(!exists(days_of(WALL), ".corrupt"), "nothing is set aside");
	store_free(s);
}

static void
too_many_bytes(void)
{
	int day[DAYS_MAX], today = days_of(WALL);
	struct store *s;

	for (int i = 1; i <= 3; i++)
		make_file(days_of(WALL - i * DAY_S), 1 << 20);
	s = begin(14, 3 << 20);
	put(s, "C0000001", "now");
	end(s);
	ok(exists(days_of(WALL - DAY_S), "") && !exists(days_of(WALL - 3 * DAY_S), ""),
	    "too many bytes: the oldest go");
	ok(days_make_room(folder, today, WALL, 0) == 0, "all may");
	same_num(days_list(folder, day), 1, "but one");
	ok(exists(today, ""), "that of today");
}

static int looks, scanned, steps; /* of questions to SQLite */

static int
on_profile(unsigned type, void *arg, void *statement, void *took)
{
	(void)type;
	(void)arg;
	(void)took;
	if (strncmp(sqlite3_sql(statement), "SELECT *", strlen("SELECT *")) == 0) {
		looks++;
		scanned += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
		steps += sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 0);
	}
	return 0;
}

static int
on_open(sqlite3 *db, char **error, const void *routines)
{
	(void)error;
	(void)routines;
	return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, on_profile, NULL);
}

/* One among many is found by the index. */
static void
many(void)
{
	static const char fill[] =
	    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 100000)"
	    " INSERT INTO decisions (time, ref, line)"
	    " SELECT 0, abs(random()) % 1099511627776, 'x' FROM n";
	struct store *s = begin(14, 64 << 20);
	sqlite3 *db;

	put(s, "J0000001", "one");
	(void)store_stop(s);
	if (sqlite3_open(path_of(days_of(WALL), ""), &db) != SQLITE_OK ||
	    sqlite3_exec(db, fill, NULL, NULL, NULL) != SQLITE_OK)
		abort();
	(void)sqlite3_close(db);
	(void)sqlite3_auto_extension((void (*)(void))on_open);
	same_num(look(s, "J0000001"), 1, "one of a hundred thousand");
	(void)sqlite3_cancel_auto_extension((void (*)(void))on_open);
	same_num(looks, 1, "SQLite was asked once");
	same_num(scanned, 0, "and looked at no row but that");
	ok(steps > 0 && steps < 1000, "in %d steps", steps);
	store_free(s);
	(void)unlink(path_of(days_of(WALL), ""));
}

static void
broken(void)
{
	int day = days_of(WALL), older = days_of(WALL - DAY_S);
	struct store *s;

	make_file(day, 8192);
	(void)unlink(path_of(day, "-wal"));
	(void)unlink(path_of(day, "-shm"));
	s = begin(14, 64 << 20);
	put(s, "D0000001", "after");
	(void)store_stop(s);
	same_num(look(s, "D0000001"), 1, "a new file is begun");
	ok(exists(day, ".corrupt"), "the broken one is set aside");
	same_num(nunreadable, 1, "and named to who looks for what is in none");
	ok(strstr(unreadable, ".corrupt: it was damaged") != NULL, "%s", unreadable);
	(void)unlink(path_of(day, ".corrupt"));
	make_file(older, 8192);
	same_num(look(s, "D0000002"), 0, "an older day that is broken");
	same_num(nunreadable, 1, "is named");
	ok(strstr(unreadable, path_of(older, ": file is not a database")) != NULL, "%s",
	    unreadable);
	(void)unlink(path_of(older, ""));
	store_free(s);
}

static void
full(void)
{
	static char text[1800];
	uint64_t dropped = counter_get(COUNTER_STORE_DROPPED);
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);
	int64_t most = 0;
	struct store *s;

	memset(text, 'x', sizeof(text) - 1);
	make_file(days_of(WALL - DAY_S), 10);
	(void)said("");
	s = begin(14, 1 << 20);
	for (int i = 0; i < MANY; i++) {
		put(s, "E0000001", i % 2 == 0 ? text : "short");
		if (i % 100 == 0 && days_bytes(folder, days_of(WALL)) > most)
			most = days_bytes(folder, days_of(WALL));
		usleep(100);
	}
	(void)store_stop(s);
	dropped = counter_get(COUNTER_STORE_DROPPED) - dropped;
	rows = counter_get(COUNTER_STORE_ROWS) - rows;
	same_num((long long)(rows + dropped), MANY, "a day that is full: each row is counted");
	ok(dropped > 0, "and not all are stored");
	same_num(look(s, "E0000001"), (long long)rows, "those that are can be found");
	ok(most <= 1 << 20 && days_bytes(folder, days_of(WALL)) <= 1 << 20,
	    "the files are no larger than they may be, with their journal: %lld",
	    (long long)most);
	ok(!exists(days_of(WALL - DAY_S), ""), "the older day made room before");
	same_num(said("event=store-"), 1, "it is said once");
	store_free(s);
	clock_freeze(0, WALL + DAY_S);
	s = begin(14, 1 << 20);
	put(s, "E0000002", "x");
	end(s);
	ok(!exists(days_of(WALL), ""), "the next day takes its place");
	(void)unlink(path_of(days_of(WALL + DAY_S), ""));
	clock_freeze(0, WALL);
}

/* Somebody reads, and does not end. */
static void
long_reader(void)
{
	static char text[1800];
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);
	struct store *s = begin(14, 8 << 20);
	sqlite3 *db;
	int64_t most;

	memset(text, 'x', sizeof(text) - 1);
	put(s, "H0000001", "x");
	(void)written(rows + 1);
	if (sqlite3_open(path_of(days_of(WALL), ""), &db) != SQLITE_OK ||
	    sqlite3_exec(db, "BEGIN; SELECT count(*) FROM decisions", NULL, NULL, NULL) !=
		SQLITE_OK)
		abort();
	(void)said("");
	for (int i = 0; i < MANY; i++)
		put(s, "H0000001", text);
	(void)is_said("event=store-failed");
	most = days_bytes(folder, days_of(WALL));
	ok(counter_get(COUNTER_STORE_ROWS) < rows + MANY && most < 8 << 20,
	    "somebody reads all the time: the journal is bounded, %lld", (long long)most);
	(void)sqlite3_close(db);
	ok(written(rows + 1 + MANY), "then all is written");
	end(s);
	(void)unlink(path_of(days_of(WALL), ""));
}

static void
no_folder(void)
{
	uint64_t dropped = counter_get(COUNTER_STORE_DROPPED);
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);
	char later[sizeof(folder) + 8], command[sizeof(later) + 8];
	struct store *s;

	snprintf(later, sizeof(later), "%s/later", folder);
	s = store_new(
	    &(struct store_options){.path = later, .keep = 14, .size = 1 << 20}, NULL);
	(void)said("");
	if (s == NULL || !store_start(s))
		abort();
	ok(is_said("hint=make-the-folder"), "no folder: said at the start");
	put(s, "F0000001", "x");
	same_num(look(s, "F0000001"), 0, "nothing is found");
	same_num(nunreadable, 1, "and it is said that it may be there");
	ok(strstr(unreadable, "later: No such file") != NULL, "%s", unreadable);
	if (mkdir(later, 0700) != 0)
		abort();
	ok(written(rows + 1), "it is made: what waited is written");
	same_num(look(s, "F0000001"), 1, "and found");
	same_num(nunreadable, 0, "with nothing to say");
	snprintf(command, sizeof(command), "rm -r %s", later);
	if (system(command) != 0)
		abort();
	(void)store_stop(s);
	same_num((long long)(counter_get(COUNTER_STORE_DROPPED) - dropped), 0, "none is lost");
	store_free(s);
	s = store_new(
	    &(struct store_options){.path = later, .keep = 14, .size = 1 << 20}, NULL);
	if (s == NULL || !store_start(s))
		abort();
	put(s, "F0000001", "x");
	(void)said("");
	ok(store_stop(s), "it ends without a folder");
	same_num((long long)(counter_get(COUNTER_STORE_DROPPED) - dropped), 1,
	    "and what waits is counted");
	same_num(said("event=store-unwritten path="), 1, "and said");
	store_free(s);
}

static atomic_bool lying;

/* A disk that gives back what nobody has written. */
static ssize_t
lie(int fd, void *data, size_t size, off_t at)
{
	ssize_t n = pread(fd, data, size, at);

	if (atomic_load(&lying) && n > 0)
		memset(data, 'x', (size_t)n);
	return n;
}

/* Have SQLite make a system call, which has two names, by a function of ours. */
static void
replace_call(const char *name, const char *other, sqlite3_syscall_ptr function)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	(void)vfs->xSetSystemCall(vfs, name, function);
	(void)vfs->xSetSystemCall(vfs, other, function);
}

static void
damaged_at_once(void)
{
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);
	struct store *s;

	replace_call("pread", "pread64", (sqlite3_syscall_ptr)lie);
	atomic_store(&lying, true);
	(void)said("");
	s = begin(14, 64 << 20);
	put(s, "K0000001", "x");
	ok(is_said("hint=a-new-file-is-damaged-at-once"), "each file is damaged: said");
	usleep(1500000);
	same_num(said("event=store-"), 0, "and not again and again");
	atomic_store(&lying, false);
	ok(written(rows + 1), "then it is written");
	end(s);
	replace_call("pread", "pread64", NULL);
}

static atomic_bool held;

/* A disk that does not answer. */
static ssize_t
hold(int fd, const void *data, size_t size, off_t at)
{
	while (atomic_load(&held))
		usleep(1000);
	return pwrite(fd, data, size, at);
}

static void
stuck(void)
{
	uint64_t dropped = counter_get(COUNTER_STORE_DROPPED);
	struct store *s = begin(14, 64 << 20);

	replace_call("pwrite", "pwrite64", (sqlite3_syscall_ptr)hold);
	put(s, "G0000001", "x");
	(void)written(counter_get(COUNTER_STORE_ROWS) + 1);
	atomic_store(&held, true);
	for (int i = 0; i < 100; i++)
		put(s, "G0000002", "x");
	(void)said("");
	ok(!store_stop(s), "a disk that hangs does not hold up the end");
	same_num((long long)(counter_get(COUNTER_STORE_DROPPED) - dropped), 100,
	    "what waits is counted");
	same_num(said("event=store-unwritten"), 1, "and said");
	atomic_store(&held, false);
	for (int i = 0; i < 500 && !store_stop(s); i++)
		usleep(1000);
	store_free(s);
}

int
main(void)
{
	char command[64], path[64];
	FILE *log;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/log", folder);
	if ((log = fopen(path, "w")) == NULL || (lines = fopen(path, "r")) == NULL)
		return 1;
	log_to_stream(log);
	clock_freeze(0, WALL);
	rights();
	taken_away();
	put_and_find();
	days();
	clock_of_another_year();
	clock_set_back();
	too_many_bytes();
	many();
	older();
	broken();
	full();
	long_reader();
	no_folder();
	damaged_at_once();
	stuck();
	log_to_stream(stderr);
	fclose(log);
	fclose(lines);
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) != 0 || done();
}
