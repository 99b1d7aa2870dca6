/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_tails.c - lines come in their order, once to each who watches; what finds no room is
 * counted; and of many writers at once nothing is lost without a word.
 */
#include "config.h"

#include "session/tails.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

#include "tap.h"

#define WRITERS 4
#define LINES 20000 /* of a writer */

static struct tails *all;
static atomic_uint writing;

static const char *
next(struct tail *t)
{
	static struct tail_line line;

	return tail_take(t, &line) ? line.text : NULL;
}

static void
test_watching(void)
{
	struct tail *one, *two;
	struct tail_line line;

	ok(!tails_are_wanted(all), "nobody watches");
	tails_put(all, "for nobody");
	one = tail_open(all);
	ok(tails_are_wanted(all), "somebody does");
	tails_put(all, "a");
	two = tail_open(all);
	ok(one != NULL && two != NULL && tail_open(all) == NULL, "two may");
	clock_advance(5000);
	tails_put(all, "b");
	same_str(next(one), "a", "the first, ...");
	ok(tail_take(one, &line) && line.time == 1800000005, "... the second, with its time");
	same_str(line.text, "b", "whatever is in it");
	same_str(next(one), NULL, "no more");
	same_str(next(two), "b", "who came later has what came later");
	same_str(next(two), NULL, "alone");
	tails_put(all, "left");
	tail_close(one);
	one = tail_open(all);
	same_str(next(one), NULL, "what another has left is nobody's");
	tail_close(one);
	tail_close(two);
	ok(!tails_are_wanted(all), "nobody watches any more");
}

static void
test_full(void)
{
	struct tail *t = tail_open(all);
	char text[2 * LOG_LINE_MAX];
	struct tail_line line;
	unsigned n = 0;

	for (unsigned i = 0; i < TAIL_LINES + 7; i++) {
		snprintf(text, sizeof(text), "%u", i);
		tails_put(all, text);
	}
	same_num(tail_dropped(t), 7, "there is room for so many");
	same_num(tail_dropped(t), 0, "which is said once");
	while (tail_take(t, &line))
		n += (unsigned)atoi(line.text) == n;
	same_num(n, TAIL_LINES, "the oldest are there, in their order");
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	tails_put(all, text);
	ok(tail_take(t, &line) && strlen(line.text) == LOG_LINE_MAX - 1,
	    "what is too long is cut");
	tail_close(t);
}

static void *
write_lines(void *arg)
{
	char text[32];

	for (unsigned i = 0; i < LINES; i++) {
		snprintf(text, sizeof(text), "%u %u", (unsigned)(uintptr_t)arg, i);
		tails_put(all, text);
	}
	atomic_fetch_sub(&writing, 1);
	return NULL;
}

static void
test_threads(void)
{
	struct tail *t = tail_open(all);
	unsigned last[WRITERS] = {0}, got = 0, wrong = 0, writer, number;
	pthread_t thread[WRITERS];
	struct tail_line line;
	uint64_t dropped = 0;
	bool more = true;

	atomic_store(&writing, WRITERS);
	for (uintptr_t i = 0; i < WRITERS; i++)
		if (pthread_create(&thread[i], NULL, write_lines, (void *)i) != 0)
			abort();
	while (more) {
		more = atomic_load(&writing) > 0;
		while (tail_take(t, &line)) {
			got++;
			if (sscanf(line.text, "%u %u", &writer, &number) != 2 ||
			    writer >= WRITERS || number + 1 <= last[writer])
				wrong++;
			else
				last[writer] = number + 1;
		}
		dropped += tail_dropped(t);
	}
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(thread[i], NULL);
	same_num(wrong, 0, "threads: each line is whole, and after those before it");
	same_num(got + dropped, WRITERS * LINES, "threads: all are there, or counted");
	tail_close(t);
}

int
main(void)
{
	clock_freeze(1000000, 1800000000);
	all = tails_new();
	test_watching();
	test_full();
	test_threads();
	tails_free(all);
	return done();
}
