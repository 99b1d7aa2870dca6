/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tally.c - figures of several threads put together, and written as one object
 * of JSON.  The processor's time is that of the whole process.
 */
#include "config.h"

#include "tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

static const char *const span_names[SPANS] = {
    "socket", "negotiate", "connect", "rcpt", "end", "verdict", "session"};
static const char *const result_names[RESULTS] = {"pass", "refuse", "defer", "lost"};

void
tally_merge(struct tally *all, const struct tally *one)
{
	all->sessions += one->sessions;
	all->replies += one->replies;
	all->busy += one->busy;
	for (unsigned i = 0; i < 2 * RESULTS; i++)
		all->result[i / RESULTS][i % RESULTS] += one->result[i / RESULTS][i % RESULTS];
	for (unsigned i = 0; i < 600; i++)
		all->codes[i] += one->codes[i];
	for (unsigned i = 0; i < 128; i++)
		all->words[i] += one->words[i];
	for (unsigned i = 0; i < SPANS; i++)
		histogram_merge(&all->span[i], &one->span[i]);
}

static void
print_results(const struct tally *t)
{
	for (unsigned bad = 0; bad < 2; bad++) {
		printf(",\"%s\":{", bad != 0 ? "listed" : "clear");
		for (unsigned i = 0; i < RESULTS; i++)
			printf("%s\"%s\":%" PRIu64, i > 0 ? "," : "", result_names[i],
			    t->result[bad][i]);
		printf("}");
	}
}

static void
print_replies(const struct tally *t)
{
	printf(",\"replies\":{\"all\":%" PRIu64, t->replies);
	for (unsigned i = 0; i < 128; i++)
		if (t->words[i] > 0)
			printf(",\"%c\":%" PRIu64, i >= '0' ? (int)i : '?', t->words[i]);
	for (unsigned i = 100; i < 600; i++)
		if (t->codes[i] > 0)
			printf(",\"%u\":%" PRIu64, i, t->codes[i]);
	printf("}");
}

void
tally_print(const struct tally *t, double seconds)
{
	struct rusage used;
	double cpu;

	getrusage(RUSAGE_SELF, &used);
	cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
	printf("{\"sessions\":%" PRIu64
	       ",\"seconds\":%.6f,\"rate\":%.1f,\"cpu\":%.6f,\"busy\":%" PRIu64,
	    t->sessions, seconds, (double)t->sessions / seconds, cpu, t->busy);
	print_results(t);
	print_replies(t);
	printf(",\"us\":{");
	for (unsigned i = 0; i < SPANS; i++) {
		printf("%s\"%s\":", i > 0 ? "," : "", span_names[i]);
		histogram_print(&t->span[i], stdout);
	}
	printf("}}\n");
}
