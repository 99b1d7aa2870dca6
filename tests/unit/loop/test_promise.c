/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_promise.c - promises that are kept before, while and after somebody waits,
 * or never.
 */
#include "config.h"

#include "loop/promise.h"

#include <pthread.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"

#include "tap.h"

#define OTHERWISE (-1)
#define LONG_MS 20000
#define THREADS 8

static struct loop *loop;
static struct promises *all;

struct waiting {
	pthread_t thread;
	struct promise *promise;
	int value;
	int64_t took;
};

static void *
wait_for(void *arg)
{
	struct waiting *w = arg;
	int64_t began = clock_ms();

	w->value = promise_wait(w->promise, began + LONG_MS, OTHERWISE);
	w->took = clock_ms() - began;
	return NULL;
}

static void
keep(void *arg)
{
	struct promise *p = arg;

	usleep(20000);
	promise_keep(&p, 42);
}

static void
test_alone(void)
{
	struct promise *p = promise_new(all), *to_keep = p;
	int64_t until = clock_ms() + 30;

	same_num(promise_wait(p, clock_ms(), OTHERWISE), OTHERWISE, "no time to wait");
	same_num(promise_wait(p, until, OTHERWISE), OTHERWISE, "not kept in time");
	ok(clock_ms() >= until, "the deadline is waited for");
	promise_keep(&to_keep, 7);
	ok(to_keep == NULL, "who keeps it has it no more");
	same_num(promise_wait(p, 0, OTHERWISE), 7, "kept");
	same_num(promise_wait(p, 0, OTHERWISE), 7, "for good");
	promise_release(&p);
	ok(p == NULL, "nor has who waited");
	same_num(promise_wait(NULL, clock_ms() + LONG_MS, OTHERWISE), OTHERWISE, "no promise");
	promise_release(&p);
	promise_keep(&p, 1);
}

static void
test_left(void)
{
	struct promise *p = promise_new(all), *to_keep = p;

	promise_release(&p);
	promise_keep(&to_keep, 7);
	ok(true, "kept after all have left");
}

static void
test_join(void)
{
	struct promise *p[4], *to_keep[4];

	for (int i = 0; i < 4; i++)
		p[i] = to_keep[i] = promise_new(all);
	promise_join(to_keep[0], &to_keep[1]);
	promise_join(to_keep[2], &to_keep[3]);
	promise_join(to_keep[0], &to_keep[2]);
	ok(to_keep[1] == NULL && to_keep[2] == NULL && to_keep[3] == NULL, "they are given up");
	promise_release(&p[3]);
	same_num(promise_wait(p[1], 0, OTHERWISE), OTHERWISE, "joined, and not kept yet");
	promise_keep(&to_keep[0], 9);
	for (int i = 0; i < 3; i++) {
		same_num(promise_wait(p[i], 0, OTHERWISE), 9, "kept with the others");
		promise_release(&p[i]);
	}
}

static void
test_threads(void)
{
	struct waiting w[THREADS];
	bool right = true;

	for (int i = 0; i < THREADS; i++) {
		w[i].promise = promise_new(all);
		pthread_create(&w[i].thread, NULL, wait_for, &w[i]);
		loop_call(loop, keep, w[i].promise);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		right = right && w[i].value == 42 && w[i].took < LONG_MS;
		promise_release(&w[i].promise);
	}
	ok(right, "everybody has his number");
}

static void
test_hurry(void)
{
	struct waiting w = {.promise = promise_new(all)};
	struct promise *to_keep = w.promise, *late;

	pthread_create(&w.thread, NULL, wait_for, &w);
	usleep(20000);
	promises_hurry(all);
	pthread_join(w.thread, NULL);
	ok(w.value == OTHERWISE && w.took < LONG_MS, "a stop lets everybody go");
	late = promise_new(all);
	same_num(promise_wait(late, clock_ms() + LONG_MS, OTHERWISE), OTHERWISE,
	    "and whoever comes after it");
	promise_keep(&to_keep, 3);
	same_num(promise_wait(w.promise, 0, OTHERWISE), 3, "what is kept is known");
	promise_release(&w.promise);
	to_keep = late;
	promise_keep(&to_keep, 3);
	promise_release(&late);
}

int
main(void)
{
	loop = loop_new();
	all = promises_new(loop);
	loop_start(loop);
	test_alone();
	test_left();
	test_join();
	test_threads();
	test_hurry();
	loop_stop(loop);
	promises_free(all);
	loop_free(loop);
	return done();
}
