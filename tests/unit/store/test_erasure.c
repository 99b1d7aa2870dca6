/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_erasure.c - the decisions about a client go, of all days, and no byte of them stays;
 * those about others stay, whatever they have in their names.
 */
#include "config.h"

#include "store/erasure.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "store/days.h"
#include "store/store.h"
#include "tap.h"

#define WALL 1796000000 /* 2026-11-29 */
#define DAY_S 86400
#define ROWS 3000 /* of each client: more than a page, and more than a batch */
#define GONE "198.51.100.7"
#define STAYS "198.51.100.77"

static char folder[] = "/tmp/test_erasure.XXXXXX";

static struct store *
begin(void)
{
	struct store *s =
	    store_new(&(struct store_options){.path = folder, .keep = 14, .size = 64 << 20});

	if (s == NULL || !store_start(s))
		abort();
	return s;
}

static void
put(struct store *s, const char *ref, const char *client, const char *helo)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "ref=%s verdict=refuse reason=lists client=%s helo=%s score=5/5 ms=2", ref, client,
	    helo);
	store_put(s, &(struct store_row){.ref = ref, .line = line, .policy = "default"});
}

static void
fill(struct store *s)
{
	char ref[16];

	for (unsigned i = 0; i < ROWS; i++) {
		snprintf(ref, sizeof(ref), "A%07u", i);
		put(s, ref, GONE, "mail.gone.example");
		ref[0] = 'B';
		put(s, ref, STAYS, "mail.stays.example");
	}
	put(s, "C0000001", "203.0.113.5", "\"x client=198.51.100.7 x\"");
}

static void
count_row(void *arg, const struct store_row *row)
{
	(void)row;
	++*(int *)arg;
}

static int
found(struct store *s, const char *ref)
{
	int n = 0;

	(void)store_find(s, ref, count_row, &n);
	return n;
}

/* How often some words are in a file, whatever it has beside them. */
static unsigned
count_bytes(const char *path, const char *words)
{
	FILE *file = fopen(path, "rb");
	size_t len = strlen(words), size = 0;
	char *bytes = NULL;
	unsigned n = 0;

	if (file == NULL)
		return 0;
	if (fseek(file, 0, SEEK_END) == 0) {
		size = (size_t)ftell(file);
		bytes = malloc(size + 1);
		rewind(file);
		size = bytes != NULL ? fread(bytes, 1, size, file) : 0;
	}
	fclose(file);
	for (size_t i = 0; i + len <= size; i++)
		n += memcmp(bytes + i, words, len) == 0;
	free(bytes);
	return n;
}

/* The same of all files of the store. */
static unsigned
count_all(const char *words)
{
	DIR *dir = opendir(folder);
	char path[512];
	unsigned n = 0;

	for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		n += count_bytes(path, words);
	}
	if (dir != NULL)
		closedir(dir);
	return n;
}

/* Of yesterday and today, while the store is being written. */
static void
test_bytes(void)
{
	struct store_forgotten f;
	struct store *s;

	clock_freeze(0, WALL - DAY_S);
	s = begin();
	fill(s);
	store_free(s);
	clock_freeze(0, WALL);
	s = begin();
	fill(s);
	store_forget(s, "192.0.2.1", &f);
	ok(f.rows == 0 && f.failed == 0 && !f.unwritten, "one that nobody knows");
	ok(count_all("client=" GONE " ") > 2 * ROWS, "the client is there");
	store_forget(s, GONE, &f);
	same_num(f.rows, 2 * ROWS, "all its rows are erased, those that waited, too");
	ok(f.failed == 0 && !f.unwritten, "of all days");
	same_num(count_all("client=" GONE " helo"), 0, "no byte of them is left");
	same_num(count_all("mail.gone.example"), 0, "nor of what the client said");
	same_num(found(s, "A0000042"), 0, "it is not found");
	same_num(found(s, "B0000042"), 2, "another is");
	same_num(found(s, "C0000001"), 2, "also one who has its address in a name");
	put(s, "D0000001", GONE, "again.example");
	store_stop(s);
	same_num(found(s, "D0000001"), 1, "the store goes on");
	store_free(s);
}

static void
test_faults(void)
{
	struct store_forgotten f;
	struct store *s = begin();
	char path[128];
	FILE *file;

	days_name(folder, days_of(WALL - 2 * DAY_S), path, sizeof(path));
	file = fopen(path, "w");
	if (file == NULL)
		abort();
	for (int i = 0; i < 1000; i++)
		fputs("no database\n", file);
	fclose(file);
	store_forget(s, GONE, &f);
	same_num(f.rows, 1, "the others are erased");
	same_num(f.failed, 1, "a file that is none: said");
	ok(f.error != NULL && strstr(f.error, "not a database") != NULL, "and why");
	unlink(path);
	strcat(path, ".corrupt");
	file = fopen(path, "w");
	if (file != NULL)
		fclose(file);
	store_forget(s, GONE, &f);
	same_num(f.failed, 1, "one that was set aside: said");
	unlink(path);
	store_forget(s, GONE, &f);
	same_num(f.failed, 0, "then there is none");
	store_free(s);
}

/* Who reads keeps the journal as it is: that is said, and the next attempt has it done. */
static void
test_reader(void)
{
	char path[128];
	struct store_forgotten f;
	struct store *s = begin();
	sqlite3 *db;

	put(s, "E0000001", GONE, "read.example");
	put(s, "E0000002", STAYS, "read.example");
	store_forget(s, "192.0.2.1", &f);
	days_name(folder, days_of(WALL), path, sizeof(path));
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		abort();
	sqlite3_exec(db, "BEGIN; SELECT count(*) FROM decisions", NULL, NULL, NULL);
	store_forget(s, GONE, &f);
	same_num(f.failed, 1, "somebody reads: said");
	sqlite3_close(db);
	store_forget(s, GONE, &f);
	same_num(f.failed, 0, "again, when he is gone");
	same_num(count_all("client=" GONE " helo"), 0, "no byte is left");
	same_num(found(s, "E0000002"), 1, "but of others");
	store_free(s);
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	log_to_stream(stderr);
	test_bytes();
	test_faults();
	test_reader();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) != 0 || done();
}
