/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/loop.c - the I/O thread on libevent, and the ways other threads reach it.
 * A queue of calls under one mutex is the only thing they share with it.
 */
#include "config.h"

#include "loop/loop.h"

#include <assert.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/thread.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "os/thread.h"

#define CALLS_RESERVED 1024 /* calls that can wait when memory is out */
#define CALLBACKS_A_TURN 64 /* then sockets are looked at again, whatever is due */

struct chain {
	struct call *first;
	struct call **last;
};

struct loop {
	struct event_base *base;
	struct event *wake;
	pthread_t thread;
	bool running; /* of the thread that starts and stops it */

	pthread_mutex_t mutex; /* guards the rest; nothing is called with it held */
	struct chain waiting;
	struct chain spare; /* calls that have run are kept here, and never given back */
	bool stopping;
};

struct timer {
	loop_fn *fn;
	void *arg;
	alignas(max_align_t) char event[]; /* a struct event, as large as the library has it */
};

/* The loop whose thread this is, to find out whoever would wait for himself. */
static _Thread_local const struct loop *own_loop;

static void
chain_init(struct chain *c)
{
	c->first = NULL;
	c->last = &c->first;
}

static void
chain_append(struct chain *c, struct call *call)
{
	call->next = NULL;
	*c->last = call;
	c->last = &call->next;
}

/* Move all of from to the end of to. */
static void
chain_join(struct chain *to, struct chain *from)
{
	if (from->first == NULL)
		return;
	*to->last = from->first;
	to->last = from->last;
	chain_init(from);
}

static struct call *
chain_take(struct chain *c)
{
	struct call *call = c->first;

	if (call == NULL)
		return NULL;
	c->first = call->next;
	if (c->first == NULL)
		c->last = &c->first;
	return call;
}

static void
chain_free(struct chain *c)
{
	struct call *call;

	while ((call = chain_take(c)) != NULL)
		free(call);
}

/* Run one; its record is not touched any more when fn begins, but if it is a spare. */
static void
run_call(struct call *c, struct chain *spare)
{
	loop_fn *fn = c->fn;
	void *arg = c->arg;

	if (c->spare)
		chain_append(spare, c);
	else
		atomic_store(&c->waiting, false);
	fn(arg);
}

/* Run what waits now, in order; whether there was anything. */
static bool
run_waiting(struct loop *loop)
{
	struct chain calls, spare;
	struct call *c;
	bool any;

	chain_init(&calls);
	chain_init(&spare);
	pthread_mutex_lock(&loop->mutex);
	chain_join(&calls, &loop->waiting);
	pthread_mutex_unlock(&loop->mutex);

	any = calls.first != NULL;
	while ((c = chain_take(&calls)) != NULL)
		run_call(c, &spare);

	pthread_mutex_lock(&loop->mutex);
	chain_join(&loop->spare, &spare);
	pthread_mutex_unlock(&loop->mutex);
	return any;
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct loop *loop = arg;
	bool stopping;

	(void)fd;
	(void)what;
	run_waiting(loop);
	pthread_mutex_lock(&loop->mutex);
	stopping = loop->stopping;
	pthread_mutex_unlock(&loop->mutex);
	/* From within, as libevent forgets a break that comes before its loop begins. */
	if (stopping)
		event_base_loopbreak(loop->base);
}

static struct event_base *
base_new(void)
{
	struct event_config *config = event_config_new();
	struct event_base *base;

	if (config == NULL)
		return NULL;
	/* Timers count from now, not from the begin of a turn that may be long. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NO_CACHE_TIME);
	/* A call that calls itself again must not keep everybody else waiting. */
	event_config_set_max_dispatch_interval(config, NULL, CALLBACKS_A_TURN, 0);
	base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

static bool
reserve_calls(struct loop *loop)
{
	for (int i = 0; i < CALLS_RESERVED; i++) {
		struct call *c = calloc(1, sizeof(*c));

		if (c == NULL)
			return false;
		chain_append(&loop->spare, c);
	}
	return true;
}

struct loop *
loop_new(void)
{
	struct loop *loop;

	if (evthread_use_pthreads() != 0)
		return NULL;
	loop = calloc(1, sizeof(*loop));
	if (loop == NULL)
		return NULL;
	chain_init(&loop->waiting);
	chain_init(&loop->spare);
	if (pthread_mutex_init(&loop->mutex, NULL) != 0) {
		free(loop);
		return NULL;
	}
	loop->base = base_new();
	if (loop->base != NULL)
		loop->wake = event_new(loop->base, -1, 0, on_wake, loop);
	if (loop->wake == NULL || !reserve_calls(loop)) {
		loop_free(loop);
		return NULL;
	}
	return loop;
}

static void *
run(void *arg)
{
	struct loop *loop = arg;

	own_loop = loop;
	event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
	return NULL;
}

bool
loop_start(struct loop *loop)
{
	assert(!loop->running);
	loop->stopping = false;
	loop->running = thread_start(&loop->thread, NULL, run, loop);
	return loop->running;
}

void
loop_stop(struct loop *loop)
{
	assert(own_loop != loop);
	if (loop->running) {
		pthread_mutex_lock(&loop->mutex);
		loop->stopping = true;
		pthread_mutex_unlock(&loop->mutex);
		event_active(loop->wake, EV_READ, 0);
		pthread_join(loop->thread, NULL);
		loop->running = false;
	}
	while (run_waiting(loop))
		;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	assert(!loop->running);
	if (loop->wake != NULL)
		event_free(loop->wake);
	if (loop->base != NULL)
		event_base_free(loop->base);
	chain_free(&loop->waiting);
	chain_free(&loop->spare);
	pthread_mutex_destroy(&loop->mutex);
	free(loop);
}

/* The mutex is held; whether nobody has woken the loop yet for what waits. */
static bool
append_locked(struct loop *loop, struct call *call, loop_fn *fn, void *arg)
{
	bool first = loop->waiting.first == NULL;

	call->fn = fn;
	call->arg = arg;
	chain_append(&loop->waiting, call);
	return first;
}

void
loop_call(struct loop *loop, loop_fn *fn, void *arg)
{
	struct call *call;
	bool first = false;

	pthread_mutex_lock(&loop->mutex);
	call = chain_take(&loop->spare);
	if (call == NULL)
		call = calloc(1, sizeof(*call));
	if (call != NULL) {
		call->spare = true;
		first = append_locked(loop, call, fn, arg);
	}
	pthread_mutex_unlock(&loop->mutex);

	/* To wait for memory would be a deadlock on the I/O thread, to end would lose mail. */
	if (call == NULL)
		log_event(LOG_LEVEL_ERROR, "call-lost", "why", "out-of-memory");
	if (first)
		event_active(loop->wake, EV_READ, 0);
}

void
loop_post(struct loop *loop, struct call *call, loop_fn *fn, void *arg)
{
	bool first;

	if (atomic_exchange(&call->waiting, true))
		return;
	pthread_mutex_lock(&loop->mutex);
	first = append_locked(loop, call, fn, arg);
	pthread_mutex_unlock(&loop->mutex);
	if (first)
		event_active(loop->wake, EV_READ, 0);
}

const char *
loop_version(void)
{
	return event_get_version();
}

struct event_base *
loop_base(struct loop *loop)
{
	return loop->base;
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct timer *timer = arg;

	(void)fd;
	(void)what;
	/* The last use of timer: it may be freed in there. */
	timer->fn(timer->arg);
}

static struct event *
event_of(struct timer *timer)
{
	return (struct event *)(void *)timer->event;
}

struct timer *
timer_new(struct loop *loop, loop_fn *fn, void *arg)
{
	struct timer *timer = malloc(sizeof(*timer) + event_get_struct_event_size());

	if (timer == NULL)
		return NULL;
	timer->fn = fn;
	timer->arg = arg;
	if (evtimer_assign(event_of(timer), loop->base, on_timer, timer) != 0) {
		free(timer);
		return NULL;
	}
	return timer;
}

void
timer_start(struct timer *timer, int64_t ms)
{
	struct timeval tv;

	if (ms < 0)
		ms = 0;
	tv.tv_sec = (time_t)(ms / 1000);
	tv.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	/* Without memory, too early is better than never. */
	if (evtimer_add(event_of(timer), &tv) != 0)
		event_active(event_of(timer), EV_TIMEOUT, 0);
}

void
timer_stop(struct timer *timer)
{
	evtimer_del(event_of(timer));
}

void
timer_free(struct timer *timer)
{
	if (timer == NULL)
		return;
	evtimer_del(event_of(timer));
	event_debug_unassign(event_of(timer));
	free(timer);
}

void
event_flag_init(struct event_flag *event_flag)
{
	pthread_mutex_init(&event_flag->mutex, NULL);
	condition_init(&event_flag->cond);
	event_flag->open = false;
}

void
event_flag_destroy(struct event_flag *event_flag)
{
	pthread_cond_destroy(&event_flag->cond);
	pthread_mutex_destroy(&event_flag->mutex);
}

void
event_flag_clear(struct event_flag *event_flag)
{
	pthread_mutex_lock(&event_flag->mutex);
	event_flag->open = false;
	pthread_mutex_unlock(&event_flag->mutex);
}

void
event_flag_set(struct event_flag *event_flag)
{
	/* All of it under the mutex: whoever is let through may destroy the event flag. */
	pthread_mutex_lock(&event_flag->mutex);
	event_flag->open = true;
	pthread_cond_broadcast(&event_flag->cond);
	pthread_mutex_unlock(&event_flag->mutex);
}

bool
event_flag_wait(struct loop *loop, struct event_flag *event_flag, int64_t deadline)
{
	struct timespec until = condition_deadline(deadline);
	int error = 0;
	bool open;

	assert(own_loop == NULL || own_loop != loop);
	pthread_mutex_lock(&event_flag->mutex);
	/* Any error ends it: a condition variable that cannot wait lets mail go on. */
	while (!event_flag->open && error == 0)
		error = pthread_cond_timedwait(&event_flag->cond, &event_flag->mutex, &until);
	open = event_flag->open;
	pthread_mutex_unlock(&event_flag->mutex);
	return open;
}
