/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_limit.c - limits: their defaults, their edges, the log's minute, and
 * many threads at once.
 */
#include "config.h"

#include "base/limit.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "tap.h"

#define THREADS 4
#define ROUNDS 20000

static const struct {
	const char *label;
	enum limit limit;
	unsigned max;
	uint64_t files;
	unsigned want;
} defaults[] = {
    {"what is set counts", LIMIT_SESSIONS, 7, 65536, 7},
    {"set above what suits: it counts too", LIMIT_SESSIONS, 1000000, 64, 1000000},
    {"a quarter of the files", LIMIT_SESSIONS, 0, 1024, 256},
    {"half of that in inquiries", LIMIT_LOOKUPS, 0, 1024, 128},
    {"very many files", LIMIT_SESSIONS, 0, UINT64_MAX, LIMITS_SESSIONS_MAX},
    {"very many files: inquiries", LIMIT_LOOKUPS, 0, UINT64_MAX, LIMITS_SESSIONS_MAX / 2},
    {"hardly any files", LIMIT_SESSIONS, 0, 3, 1},
    {"none that is known", LIMIT_LOOKUPS, 0, 0, 1},
};

static void
test_defaults(void)
{
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
		limit_set(defaults[i].limit, defaults[i].max, defaults[i].files);
		same_num(limit_max(defaults[i].limit), defaults[i].want, defaults[i].label);
	}
}

static void
test_edges(void)
{
	limit_set(LIMIT_SESSIONS, 2, 0);
	ok(limit_enter(LIMIT_SESSIONS), "the first has room");
	ok(limit_enter(LIMIT_SESSIONS), "the last has room");
	ok(!limit_enter(LIMIT_SESSIONS), "one more has none");
	same_num(limit_count(LIMIT_SESSIONS), 2, "and is not counted");
	ok(limit_enter(LIMIT_LOOKUPS), "another limit has its own count");
	limit_leave(LIMIT_LOOKUPS);
	limit_leave(LIMIT_SESSIONS);
	ok(limit_enter(LIMIT_SESSIONS), "room again when one has left");
	limit_set(LIMIT_SESSIONS, 1, 0);
	limit_leave(LIMIT_SESSIONS);
	ok(!limit_enter(LIMIT_SESSIONS), "a lower limit: those above it come to their end");
	limit_leave(LIMIT_SESSIONS);
	ok(limit_enter(LIMIT_SESSIONS), "then there is room");
	limit_leave(LIMIT_SESSIONS);
	same_num(limit_count(LIMIT_SESSIONS), 0, "all have left");
}

/* What was logged from the last call on. */
static const char *
logged(FILE *stream, char *text, size_t size)
{
	size_t n;

	rewind(stream);
	n = fread(text, 1, size - 1, stream);
	text[n] = '\0';
	rewind(stream);
	if (ftruncate(fileno(stream), 0) != 0)
		return "";
	return text;
}

static void
test_log(void)
{
	FILE *stream = tmpfile();
	uint64_t before = counter_get(COUNTER_OVERLOADS);
	char text[4096];

	log_to_stream(stream);
	clock_freeze(10000000, 1700000000);
	limit_set(LIMIT_LOOKUPS, 1, 0);
	limit_enter(LIMIT_LOOKUPS);
	same_str(
	    logged(stream, text, sizeof(text)), "", "nothing is logged while there is room");
	limit_enter(LIMIT_LOOKUPS);
	ok(strstr(logged(stream, text, sizeof(text)),
	       "event=overload limit=inquiries max=1 turned-away=1\n") != NULL,
	    "the first one turned away is logged");
	clock_advance(59999);
	limit_enter(LIMIT_LOOKUPS);
	limit_enter(LIMIT_LOOKUPS);
	same_str(logged(stream, text, sizeof(text)), "", "then a minute of silence");
	clock_advance(1);
	limit_enter(LIMIT_LOOKUPS);
	ok(strstr(logged(stream, text, sizeof(text)), " turned-away=3\n") != NULL,
	    "then a line for all of it");
	same_num((long long)(counter_get(COUNTER_OVERLOADS) - before), 4, "all are counted");
	limit_leave(LIMIT_LOOKUPS);
	log_to_stream(stderr);
	fclose(stream);
}

static void *
crowd(void *arg)
{
	unsigned *most = arg;

	for (int i = 0; i < ROUNDS; i++) {
		if (!limit_enter(LIMIT_SESSIONS))
			continue;
		if (limit_count(LIMIT_SESSIONS) > *most)
			*most = limit_count(LIMIT_SESSIONS);
		limit_leave(LIMIT_SESSIONS);
	}
	return NULL;
}

static void
test_crowd(void)
{
	pthread_t thread[THREADS];
	unsigned most[THREADS] = {0};

	limit_set(LIMIT_SESSIONS, 2, 0);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, crowd, &most[i]);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
		/* One that is being turned away is in the count for a moment. */
		ok(most[i] <= THREADS, "never more than are there");
	}
	same_num(limit_count(LIMIT_SESSIONS), 0, "after the crowd nobody is left");
}

static const struct {
	const char *label;
	unsigned sessions;
	uint64_t most, want;
} files_rows[] = {
    {"as many as there may be", 0, 20000, 20000},
    {"not more than are of use", 0, 10000000, 65536},
    {"no limit at all", 0, RLIM_INFINITY, 65536},
    {"fewer sessions: others are turned away", 100, 10000000, 65536},
    {"more than suit", 20000, 10000000, 80000},
    {"more than suit, and than there may be", 20000, 70000, 70000},
    {"as many as may be set", 1000000, RLIM_INFINITY, 4000000},
};

static void
test_useful_files(void)
{
	for (size_t i = 0; i < sizeof(files_rows) / sizeof(files_rows[0]); i++)
		same_num(
		    (long long)limit_useful_files(files_rows[i].most, files_rows[i].sessions),
		    (long long)files_rows[i].want, files_rows[i].label);
}

static void
test_files(void)
{
	struct rlimit files;
	uint64_t got;

	getrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_max > 256)
		files.rlim_cur = 256;
	setrlimit(RLIMIT_NOFILE, &files);
	got = limit_raise_files(0);
	same_num((long long)got, (long long)limit_useful_files(files.rlim_max, 0),
	    "as many files as there may be");
	getrlimit(RLIMIT_NOFILE, &files);
	same_num((long long)files.rlim_cur, (long long)got, "and so it is");
}

int
main(void)
{
	same_num(limit_max(LIMIT_SESSIONS), 0, "no limit before one is set");
	ok(limit_enter(LIMIT_SESSIONS), "so there is room");
	limit_leave(LIMIT_SESSIONS);
	test_defaults();
	test_edges();
	test_log();
	test_crowd();
	test_useful_files();
	test_files();
	return done();
}
