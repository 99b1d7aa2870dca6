/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_store.c - what a decision costs that is stored, and how long it takes to find one
 * among a million.
 *
 * usage: bench_store [ROWS [FOLDER]]
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/counter.h"
#include "base/random.h"
#include "store/store.h"

#define ROWS 1000000
#define LOOKS 1000
#define LINE_SIZE 330
#define ROOM 1000 /* rows that are put before it is looked whether there is room */

static double
seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
ignore(void *arg, const struct store_row *row)
{
	(void)arg;
	(void)row;
}

static void
stop(void *arg, const char *path, const char *error)
{
	(void)arg;
	fprintf(stderr, "%s: %s\n", path, error);
	exit(1);
}

/* As long as the log's lines mostly are. */
static void
make_line(char line[LINE_SIZE], const char *ref)
{
	int n = snprintf(line, LINE_SIZE,
	    "ref=%s verdict=refuse reason=lists client=198.51.100.7 name=client.example "
	    "helo=client.example from=somebody@sender.example to=bob@any.example "
	    "policy=default score=5/5 lists=bl:127.0.0.2*5 ms=0 note=",
	    ref);

	memset(line + n, 'x', (size_t)(LINE_SIZE - 1 - n));
	line[LINE_SIZE - 1] = '\0';
}

static void
put_all(struct store *s, long n, char (*kept)[REF_LEN + 1])
{
	char ref[REF_LEN + 1], line[LINE_SIZE];
	const struct store_row row = {
	    .ref = ref, .line = line, .policy = "default", .conf = "c0ffee00"};

	for (long i = 0; i < n; i++) {
		while (i % ROOM == 0 &&
		    i - (long)counter_get(COUNTER_STORE_ROWS) > STORE_QUEUE_MAX - 2 * ROOM)
			usleep(1000);
		ref_make(ref);
		memcpy(kept[i % LOOKS], ref, sizeof(ref));
		make_line(line, ref);
		store_put(s, &row);
	}
	while ((long)counter_get(COUNTER_STORE_ROWS) < n)
		usleep(1000);
}

int
main(int argc, char **argv)
{
	static char made[] = "/var/tmp/bench_store.XXXXXX", kept[LOOKS][REF_LEN + 1];
	long n = argc > 1 ? atol(argv[1]) : ROWS;
	char *folder = argc > 2 ? argv[2] : mkdtemp(made);
	struct store *s = store_new(
	    &(struct store_options){.path = folder, .keep = 14, .size = 1LL << 40}, NULL);
	const struct store_finder finder = {ignore, stop, NULL};
	double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID), took;
	int found = 0;

	if (s == NULL || n < LOOKS || !store_start(s))
		return 1;
	put_all(s, n, kept);
	(void)store_stop(s);
	printf("stored %llu, dropped %llu, us/row cpu %.1f, wall %.1f\n",
	    (unsigned long long)counter_get(COUNTER_STORE_ROWS),
	    (unsigned long long)counter_get(COUNTER_STORE_DROPPED),
	    (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / (double)n,
	    (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / (double)n);
	took = seconds(CLOCK_MONOTONIC);
	for (int i = 0; i < LOOKS; i++)
		found += store_find(s, kept[i], &finder) > 0;
	printf("found %d of %d, ms/look-up %.3f\n", found, LOOKS,
	    (seconds(CLOCK_MONOTONIC) - took) * 1e3 / LOOKS);
	store_free(s);
	return found != LOOKS;
}
