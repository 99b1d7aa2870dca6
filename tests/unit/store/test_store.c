/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_store.c - what is put is found again, by all who read; old days go; what is broken is
 * set aside; what cannot be written is counted.
 */
#include "config.h"

#include "store/store.h"

#include <sqlite3.h>
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

static char folder[] = "/tmp/test_store.XXXXXX", nowhere[] = "/nonexistent/folder";
static char found[8][64];
static int nfound;

static void
take(void *arg, const struct store_row *row)
{
	(void)arg;
	if (nfound < 8)
		snprintf(found[nfound++], sizeof(found[0]), "%s|%s|%s|%s", row->line,
		    row->policy != NULL ? row->policy : "-", row->conf,
		    row->at != NULL ? row->at : "-");
}

static int
look(struct store *s, const char *ref)
{
	nfound = 0;
	return store_find(s, ref, take, NULL);
}

static struct store *
begin(int keep, int64_t size)
{
	struct store *s =
	    store_new(&(struct store_options){.path = folder, .keep = keep, .size = size});

	if (s == NULL || !store_start(s))
		abort();
	return s;
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

static void
days(void)
{
	struct store *s;
	int today = days_of(WALL), day[DAYS_MAX];

	same_num(days_of(0), 19700101, "the first day");
	make_file(days_of(WALL - DAY_S), 10);
	make_file(days_of(WALL - 2 * DAY_S), 10);
	make_file(days_of(WALL - 3 * DAY_S), 10);
	s = begin(3, 64 << 20);
	put(s, "C0000001", "now");
	store_stop(s);
	same_num(days_list(folder, day), 3, "three days are kept");
	ok(!exists(days_of(WALL - 3 * DAY_S), ""), "the fourth is removed");
	same_num(day[0], today, "the last one first");
	store_free(s);
	make_file(days_of(WALL - DAY_S), 2 << 20);
	days_trim(folder, today, 3, 1 << 20);
	same_num(days_list(folder, day), 1, "too many bytes: the oldest go");
	ok(exists(today, ""), "but not today's");
	clock_freeze(0, WALL - 5 * DAY_S);
	s = begin(14, 64 << 20);
	put(s, "C0000002", "earlier");
	store_stop(s);
	same_num(look(s, "C0000002"), 1, "the clock was set back: found");
	same_num(look(s, "C0000001"), 1, "and so is what is to come");
	store_free(s);
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
broken(void)
{
	int day = days_of(WALL);
	struct store *s;

	make_file(day, 8192);
	(void)unlink(path_of(day, "-wal"));
	(void)unlink(path_of(day, "-shm"));
	s = begin(14, 64 << 20);
	put(s, "D0000001", "after");
	store_stop(s);
	same_num(look(s, "D0000001"), 1, "a new file is begun");
	ok(exists(day, ".corrupt"), "the broken one is set aside");
	store_free(s);
}

static void
full(void)
{
	static char text[1800];
	uint64_t dropped = counter_get(COUNTER_STORE_DROPPED);
	uint64_t rows = counter_get(COUNTER_STORE_ROWS);
	struct stat st;
	struct store *s;

	memset(text, 'x', sizeof(text) - 1);
	s = begin(14, 1 << 20);
	for (int i = 0; i < MANY; i++)
		put(s, "E0000001", text);
	store_stop(s);
	dropped = counter_get(COUNTER_STORE_DROPPED) - dropped;
	rows = counter_get(COUNTER_STORE_ROWS) - rows;
	same_num((long long)(rows + dropped), MANY, "a day that is full: each row is counted");
	ok(dropped > 0, "and not all are stored");
	same_num(look(s, "E0000001"), (long long)rows, "those that are can be found");
	ok(stat(path_of(days_of(WALL), ""), &st) == 0 && st.st_size <= 1 << 20,
	    "the file is no larger than it may be");
	store_free(s);
}

static void
no_folder(void)
{
	uint64_t dropped = counter_get(COUNTER_STORE_DROPPED);
	struct store *s =
	    store_new(&(struct store_options){.path = nowhere, .keep = 14, .size = 1 << 20});

	if (s == NULL || !store_start(s))
		abort();
	put(s, "F0000001", "x");
	store_stop(s);
	same_num((long long)(counter_get(COUNTER_STORE_DROPPED) - dropped), 1,
	    "a folder that is not there: counted");
	same_num(look(s, "F0000001"), 0, "and nothing is found");
	store_free(s);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	log_to_stream(stderr);
	clock_freeze(0, WALL);
	put_and_find();
	days();
	older();
	broken();
	full();
	no_folder();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) != 0 || done();
}
