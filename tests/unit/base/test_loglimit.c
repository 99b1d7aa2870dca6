/* SPDX-License-Identifier: BSD-2-Clause */
/* test_loglimit.c - a line at once, then one in a while for all that came. */
#include "config.h"

#include "base/loglimit.h"

#include <pthread.h>

#include "base/clock.h"

#include "tap.h"

#define EVENTS 1000
#define THREADS 4

static struct loglimit shared;
static atomic_uint lines, events;

static void *
come(void *arg)
{
	for (int i = 0; i < EVENTS; i++) {
		unsigned count = loglimit_count(&shared, LOGLIMIT_MINUTE_MS);

		atomic_fetch_add(&lines, count > 0);
		atomic_fetch_add(&events, count);
	}
	return arg;
}

/* Whatever they do at once, there is one line, and no event is lost. */
static void
test_threads(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, come, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	same_num(atomic_load(&lines), 1, "threads: one line");
	clock_advance(LOGLIMIT_MINUTE_MS);
	same_num(loglimit_count(&shared, LOGLIMIT_MINUTE_MS) + atomic_load(&events),
	    EVENTS * THREADS + 1, "threads: the next one has all others");
}

int
main(void)
{
	static const struct {
		const char *label;
		int64_t after_ms;
		unsigned count;
	} rows[] = {
	    {"the first, at once", 0, 1},
	    {"the second, in the same moment", 0, 0},
	    {"just before its time", LOGLIMIT_HOUR_MS - 1, 0},
	    {"when it is over, for all", 1, 3},
	    {"and not again", 1, 0},
	    {"much later", 10 * LOGLIMIT_HOUR_MS, 2},
	};
	struct loglimit limit = {0};

	clock_freeze(1000, 1800000000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clock_advance(rows[i].after_ms);
		same_num(
		    loglimit_count(&limit, LOGLIMIT_HOUR_MS), rows[i].count, rows[i].label);
	}
	test_threads();
	return done();
}
