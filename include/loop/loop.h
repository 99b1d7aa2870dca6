/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/loop.h - the I/O thread: the one thread that waits for DNS and Redis.
 *
 * Everything that hangs on the loop belongs to its thread; other threads reach
 * it by loop_call() alone, and wait for it by an event flag alone.
 */
#ifndef RELAYGUARD_LOOP_H
#define RELAYGUARD_LOOP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct loop;
struct timer;

typedef void loop_fn(void *arg);

/* A loop that does not run yet; NULL when memory or descriptors are out. */
struct loop *loop_new(void);

/* Start its thread, with all signals blocked in it.  False: no thread to be had. */
bool loop_start(struct loop *);

/* Stop the thread after what it is doing now, and wait for its end.  Not from it. */
void loop_stop(struct loop *);

/* Free a loop that is stopped or was never started; NULL is fine. */
void loop_free(struct loop *);

/*
 * Run fn(arg) on the I/O thread soon, in the order of the calls.  Any thread,
 * never blocks, never runs it from within the call.  What is still waiting
 * when the loop stops is run by loop_stop().  Memory for a thousand calls is
 * kept; past them, with none to be had, a call is lost, and logged.
 */
void loop_call(struct loop *, loop_fn *fn, void *arg);

/*
 * A call whose record is part of what the call is about, and zeroed with it.  What is
 * in it is the loop's.
 */
struct call {
	struct call *next;
	loop_fn *fn;
	void *arg;
	atomic_bool waiting;
	bool spare; /* the loop's own, kept for the next loop_call() */
};

/*
 * The same as loop_call(), but it cannot be lost: for what would stay for good if it
 * were.  The record must stay until fn begins, and may go, or be used again, from
 * then on; one that waits already is not made a second time.
 */
void loop_post(struct loop *, struct call *, loop_fn *fn, void *arg);

/* The version of libevent.  Any thread. */
const char *loop_version(void);

/* For the clients that hang their own events on it.  I/O thread. */
struct event_base *loop_base(struct loop *);

/* A timer that is not running; NULL when memory is out.  I/O thread, as are the rest. */
struct timer *timer_new(struct loop *, loop_fn *fn, void *arg);

/* Run it once, in ms milliseconds; one that runs already is set anew. */
void timer_start(struct timer *, int64_t ms);
void timer_stop(struct timer *);

/* Stop and free; NULL is fine.  Also from within its own fn. */
void timer_free(struct timer *);

/* An event that other threads wait for: set once, it lets all of them through. */
struct event_flag {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	bool open;
};

void event_flag_init(struct event_flag *);
void event_flag_destroy(struct event_flag *);

/* Let everybody through, until it is shut.  Any thread. */
void event_flag_set(struct event_flag *);

/* Shut it again; by who waits at it. */
void event_flag_clear(struct event_flag *);

/* Wait until the event is set or clock_ms() reaches deadline; whether it is
 * open.  Any thread but the I/O thread.
 */
bool event_flag_wait(struct loop *, struct event_flag *, int64_t deadline);

#endif
