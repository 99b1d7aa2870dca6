/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_datawatch.c - files that are replaced while a thread looks at them, what is logged of it,
 * and files that hang.
 */
#include "config.h"

#include "data/datawatch.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "data/datafeeds.h"
#include "tap.h"

#define EVERY_MS 10
#define PATIENCE_MS 60000
#define AGE 3600

static char folder[] = "/tmp/test_datawatch.XXXXXX";
static char path[64], other[64], log_path[64];
static sem_t at_judge, released;

/* Of a feed that hangs: not the first time. */
static bool
judge_slowly(const void *arg, const struct datalist *list, char *why, size_t whysize)
{
	(void)arg;
	(void)list;
	(void)sem_post(&at_judge);
	(void)sem_wait(&released);
	return strbuf_fail(why, whysize, "test-entry-missing");
}

/* Put a file with so many entries in place, by rename, written so many seconds ago. */
static void
replace(unsigned entries, const char *end, int64_t ago)
{
	int64_t then = clock_wall() - ago;
	const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};
	FILE *file = fopen(other, "w");

	if (file == NULL)
		exit(1);
	for (unsigned i = 0; i < entries; i++)
		fprintf(file, "10.0.%u.%u\n", i / 256, i % 256);
	fputs(end, file);
	if (fclose(file) != 0 || utimensat(AT_FDCWD, other, times, 0) != 0 ||
	    rename(other, path) != 0)
		exit(1);
}

/* How many lines of the log have all of a text. */
static unsigned
count(const char *text)
{
	FILE *file = fopen(log_path, "r");
	char line[4096];
	unsigned n = 0;

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		n += strstr(line, text) != NULL;
	if (file != NULL)
		(void)fclose(file);
	return n;
}

/* Wait until so many lines have it. */
static void
await(const char *text, unsigned n)
{
	const struct timespec step = {.tv_nsec = 5000000};
	int64_t until = clock_ms() + PATIENCE_MS;

	while (count(text) < n && clock_ms() < until)
		(void)nanosleep(&step, NULL);
	same_num(count(text), n, text);
}

static struct datafeed *
open_feed(const char *label, int64_t max_age,
    bool (*judge)(const void *, const struct datalist *, char *, size_t))
{
	struct datafeed_rules rules = {.label = label,
	    .nsets = 1,
	    .set = {{.format = DATA_IP4SET, .nfiles = 1, .file = {path}}},
	    .shrink = 60,
	    .grow = 180,
	    .max_age = max_age,
	    .judge = judge};

	return datafeeds_open(&rules);
}

static void
test_news(void)
{
	struct datafeed *feed = open_feed("zen", AGE, NULL);
	struct datafeed_figures figures;
	struct datawatch *watch;

	(void)datafeed_look(feed, clock_wall(), false, NULL, NULL, &figures);
	watch = datawatch_start(EVERY_MS);
	await("event=data-refused list=zen file=", 1);
	await("reason=missing", 1);
	replace(100, "no\n", 20);
	await("event=data-line-skipped list=zen file=", 1);
	await("line=101 why=is-no-address", 1);
	await("entries=100 before=0 skipped=1 ", 1);
	replace(50, "", 21);
	await("reason=shrunk entries=50 before=100", 1);
	replace(200, "", 22);
	await("reason=grown entries=200 before=100", 1);
	replace(100, "10.9", 23);
	await("reason=cut entries=100 before=100", 1);
	replace(0, "", 24);
	await("reason=empty", 1);
	replace(100, "$TIMESTAMP 2999:01:01\n", 25);
	await("line=101 reason=unreadable why=its-$TIMESTAMP-is-in-the-future", 1);
	same_num(count("event=data-expired"), 0, "what was read first is in use");
	replace(101, "", AGE + 100);
	await("event=data-expired list=zen file=/tmp/", 1);
	replace(102, "", 26);
	await("event=data-back list=zen file=/tmp/", 1);
	await("entries=102 before=101", 1);
	datawatch_stop(watch);
	datafeed_unref(&feed);
}

/* What waits for a file is the thread alone. */
static void
test_hanging(void)
{
	struct datafeed *feed = open_feed("slow", 0, judge_slowly);
	struct datawatch *watch = datawatch_start(EVERY_MS);
	int64_t until = INT64_MAX;

	replace(10, "", 20);
	(void)sem_wait(&at_judge);
	datawatch_check(clock_ms());
	same_num(count("event=data-hangs"), 0, "it takes its time");
	datawatch_check(clock_ms() + 1000000);
	datawatch_check(clock_ms() + 2000000);
	same_num(count("event=data-hangs list=slow seconds=10"), 1, "it hangs, which is said");
	same_num(count("event=data-hangs"), 1, "once");
	ok(datafeed_get(feed, clock_wall(), &until) == NULL, "who wants data does not wait");
	datawatch_wake(watch);
	datawatch_stop(watch);
	ok(true, "who ends the thread does not wait");
	(void)sem_post(&released);
	await("event=data-refused list=slow", 1);
	datafeed_unref(&feed);
}

static void *
look(void *arg)
{
	struct datafeed_figures figures;

	(void)datafeed_look(arg, clock_wall(), false, NULL, NULL, &figures);
	return NULL;
}

/* A reload reads what is new to it: where that hangs, lists that are there go on. */
static void
test_reload(void)
{
	struct datafeed *fresh = open_feed("fresh", 0, judge_slowly),
			*quick = open_feed("quick", 0, NULL);
	struct datawatch *watch;
	pthread_t thread;

	if (pthread_create(&thread, NULL, look, fresh) != 0)
		exit(1);
	(void)sem_wait(&at_judge);
	watch = datawatch_start(EVERY_MS);
	await("event=data-taken list=quick", 1);
	datawatch_check(clock_ms() + 1000000);
	same_num(count("event=data-hangs list=fresh seconds=10"), 1, "a reload hangs");
	(void)sem_post(&released);
	(void)pthread_join(thread, NULL);
	await("event=data-refused list=fresh", 1);
	datawatch_check(clock_ms() + 1000000);
	same_num(count("event=data-hangs list=fresh"), 1, "it is over");
	datawatch_stop(watch);
	datafeed_unref(&fresh);
	datafeed_unref(&quick);
}

int
main(void)
{
	FILE *log;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/data", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	snprintf(log_path, sizeof(log_path), "%s/log", folder);
	if ((log = fopen(log_path, "w")) == NULL)
		return 1;
	log_to_stream(log);
	(void)sem_init(&at_judge, 0, 0);
	(void)sem_init(&released, 0, 0);
	test_news();
	test_hanging();
	test_reload();
	(void)unlink(path);
	(void)unlink(log_path);
	(void)rmdir(folder);
	return done();
}
