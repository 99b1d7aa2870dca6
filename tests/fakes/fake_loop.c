/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_loop.c - loop/loop.h without a thread: whoever waits does the I/O thread's
 * work himself, and moves the frozen clock to the next thing that is due.  So
 * a second of waiting costs nothing, and every run is the same.
 */
#include "config.h"

#include "loop/loop.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "fakes/fake_loop.h"

struct timer {
	struct timer *next;
	struct loop *loop;
	loop_fn *fn;
	void *arg;
	bool running;
	int64_t due;
	uint64_t turn; /* of timers due at the same time, the one set first goes first */
};

struct loop {
	struct loop *next;
	struct timer *timers;
	struct call *calls, **last_call;
	uint64_t turns;
	bool busy;    /* in a callback: as good as being on the I/O thread */
	bool starved; /* without memory for a call */
};

/* Whoever lets time pass on one lets it pass on all. */
static struct loop *loops;

struct loop *
loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return NULL;
	loop->last_call = &loop->calls;
	loop->next = loops;
	return loops = loop;
}

bool
loop_start(struct loop *loop)
{
	return loop != NULL;
}

static void
run(struct loop *loop, loop_fn *fn, void *arg)
{
	loop->busy = true;
	fn(arg);
	loop->busy = false;
}

static bool
run_call(struct loop *loop)
{
	struct call *call = loop->calls;
	loop_fn *fn;
	void *arg;

	if (call == NULL)
		return false;
	if ((loop->calls = call->next) == NULL)
		loop->last_call = &loop->calls;
	fn = call->fn;
	arg = call->arg;
	if (call->spare)
		free(call);
	else
		atomic_store(&call->waiting, false);
	run(loop, fn, arg);
	return true;
}

void
loop_stop(struct loop *loop)
{
	assert(!loop->busy);
	while (run_call(loop))
		;
}

void
loop_free(struct loop *loop)
{
	struct loop **l;

	if (loop == NULL)
		return;
	assert(loop->timers == NULL && loop->calls == NULL);
	for (l = &loops; *l != loop; l = &(*l)->next)
		;
	*l = loop->next;
	free(loop);
}

static void
append(struct loop *loop, struct call *call, loop_fn *fn, void *arg)
{
	call->next = NULL;
	call->fn = fn;
	call->arg = arg;
	*loop->last_call = call;
	loop->last_call = &call->next;
}

void
loop_call(struct loop *loop, loop_fn *fn, void *arg)
{
	struct call *call;

	if (loop->starved)
		return;
	call = calloc(1, sizeof(*call));
	assert(call != NULL);
	call->spare = true;
	append(loop, call, fn, arg);
}

void
loop_post(struct loop *loop, struct call *call, loop_fn *fn, void *arg)
{
	if (!atomic_exchange(&call->waiting, true))
		append(loop, call, fn, arg);
}

void
fake_loop_starve(struct loop *loop, bool starved)
{
	loop->starved = starved;
}

struct timer *
timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	struct timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return NULL;
	*timer = (struct timer){.next = loop->timers, .loop = loop, .fn = fn, .arg = arg};
	loop->timers = timer;
	return timer;
}

void
timer_start(struct timer *timer, int64_t ms)
{
	timer->due = clock_ms() + (ms > 0 ? ms : 0);
	timer->turn = timer->loop->turns++;
	timer->running = true;
}

void
timer_stop(struct timer *timer)
{
	timer->running = false;
}

void
timer_free(struct timer *timer)
{
	struct timer **t;

	if (timer == NULL)
		return;
	for (t = &timer->loop->timers; *t != timer; t = &(*t)->next)
		;
	*t = timer->next;
	free(timer);
}

static struct timer *
next_timer(const struct loop *loop)
{
	struct timer *best = NULL;

	for (struct timer *t = loop->timers; t != NULL; t = t->next)
		if (t->running &&
		    (best == NULL || t->due < best->due ||
			(t->due == best->due && t->turn < best->turn)))
			best = t;
	return best;
}

/* Do the next thing that is due now on a loop; whether there was one. */
static bool
step_on(struct loop *loop)
{
	struct timer *timer;

	if (run_call(loop))
		return true;
	if ((timer = next_timer(loop)) == NULL || timer->due > clock_ms())
		return false;
	timer->running = false;
	run(loop, timer->fn, timer->arg);
	return true;
}

static bool
step(void)
{
	for (struct loop *loop = loops; loop != NULL; loop = loop->next)
		if (step_on(loop))
			return true;
	return false;
}

/* Move the clock to the next timer, but not past until. */
static void
skip(int64_t until)
{
	int64_t then = until;

	for (const struct loop *loop = loops; loop != NULL; loop = loop->next) {
		const struct timer *timer = next_timer(loop);

		if (timer != NULL && timer->due < then)
			then = timer->due;
	}
	assert(then != INT64_MAX); /* waiting for what never comes */
	clock_advance(then - clock_ms());
}

void
fake_loop_turn(struct loop *loop)
{
	(void)loop;
	while (step())
		;
}

void
fake_loop_pass(struct loop *loop, int64_t ms)
{
	int64_t until = clock_ms() + ms;

	for (fake_loop_turn(loop); clock_ms() < until; fake_loop_turn(loop))
		skip(until);
}

void
event_flag_init(struct event_flag *event_flag)
{
	event_flag->open = false;
}

void
event_flag_destroy(struct event_flag *event_flag)
{
	event_flag->open = false;
}

void
event_flag_clear(struct event_flag *event_flag)
{
	event_flag->open = false;
}

void
event_flag_set(struct event_flag *event_flag)
{
	event_flag->open = true;
}

bool
event_flag_wait(struct loop *loop, struct event_flag *event_flag, int64_t deadline)
{
	assert(!loop->busy);
	while (!event_flag->open) {
		if (step())
			continue;
		if (clock_ms() >= deadline)
			break;
		skip(deadline);
	}
	return event_flag->open;
}
