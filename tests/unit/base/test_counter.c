/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_counter.c - no count is lost between threads, and every counter has a
 * name of its own.
 */
#include "config.h"

#include "base/counter.h"

#include <pthread.h>

#include "tap.h"

#define THREADS 4
#define TIMES 10000

static void *
count(void *arg)
{
	int i;

	for (i = 0; i < TIMES; i++)
		counter_add(COUNTER_DNS_QUERIES);
	return arg;
}

static void
test_threads(void)
{
	pthread_t threads[THREADS];
	int i, started = 0;

	for (i = 0; i < THREADS; i++)
		started += pthread_create(&threads[started], NULL, count, NULL) == 0;
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	same_num((long long)counter_get(COUNTER_DNS_QUERIES), (long long)started * TIMES,
	    "threads count together");
	same_num((long long)counter_get(COUNTER_DNS_FAILURES), 0, "the next one stays");
}

static void
test_names(void)
{
	bool good = true;
	int i, j;

	for (i = 0; i < COUNTER_MAX; i++) {
		const char *name = counter_name((enum counter)i);

		good &= name[0] != '\0' &&
		    strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name);
		for (j = 0; j < i; j++)
			good &= strcmp(name, counter_name((enum counter)j)) != 0;
	}
	ok(good, "names are words, and all different");
	same_str(counter_name(COUNTER_DEADLINES), "deadlines", "the last name");
}

int
main(void)
{
	test_threads();
	test_names();
	return done();
}
