/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_loop.c - the I/O thread: the order of calls, who runs what, timers, and
 * the latch that sessions wait at.
 */
#include "config.h"

#include "loop/loop.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tap.h"

#define CALLERS 4
#define CALLS 5000 /* of each caller: more than the loop keeps in reserve */
#define LONG_MS 20000

struct seen {
	struct loop *loop;
	struct event_flag event_flag;
	struct timer *timer;
	pthread_t thread;
	sigset_t blocked;
	int order[8];
	int n;
	int again;
};

static void
seen_init(struct seen *s, struct loop *loop)
{
	memset(s, 0, sizeof(*s));
	s->loop = loop;
	event_flag_init(&s->event_flag);
}

static bool
wait_for(struct seen *s)
{
	return event_flag_wait(s->loop, &s->event_flag, clock_ms() + LONG_MS);
}

static void
note(void *arg)
{
	struct seen *s = arg;

	s->order[s->n & 7] = s->n;
	s->n++;
	s->thread = pthread_self();
}

static void
set_event(void *arg)
{
	struct seen *s = arg;

	event_flag_set(&s->event_flag);
}

static void
look_at_signals(void *arg)
{
	struct seen *s = arg;

	pthread_sigmask(SIG_BLOCK, NULL, &s->blocked);
	event_flag_set(&s->event_flag);
}

static void
test_thread(void)
{
	static const struct {
		const char *label;
		int signal;
	} rows[] = {{"SIGTERM", SIGTERM}, {"SIGHUP", SIGHUP}, {"SIGUSR1", SIGUSR1},
	    {"SIGPIPE", SIGPIPE}};
	struct loop *loop = loop_new();
	struct seen s;
	sigset_t here;

	seen_init(&s, loop);
	loop_call(loop, note, &s);
	ok(s.n == 0, "a call before the start waits");
	ok(loop_start(loop), "it starts");
	loop_call(loop, look_at_signals, &s);
	ok(wait_for(&s), "a call is run");
	same_num(s.n, 1, "so is the one from before the start");
	ok(!pthread_equal(s.thread, pthread_self()), "on another thread");
	pthread_sigmask(SIG_BLOCK, NULL, &here);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ok(sigismember(&s.blocked, rows[i].signal) == 1, "%s is blocked there",
		    rows[i].label);
		ok(sigismember(&here, rows[i].signal) == 0, "%s is not blocked here",
		    rows[i].label);
	}
	loop_stop(loop);
	loop_free(loop);
	event_flag_destroy(&s.event_flag);
}

struct caller {
	struct loop *loop;
	atomic_uint *total;
	pthread_t thread;
	int last; /* the loop's: the highest number seen */
	bool ordered;
};

struct numbered {
	struct caller *caller;
	int number;
};

static void
check_order(void *arg)
{
	struct numbered *n = arg;

	n->caller->ordered &= n->number == n->caller->last + 1;
	n->caller->last = n->number;
	atomic_fetch_add(n->caller->total, 1);
	free(n);
}

static void *
call_often(void *arg)
{
	struct caller *c = arg;

	for (int i = 1; i <= CALLS; i++) {
		struct numbered *n = malloc(sizeof(*n));

		*n = (struct numbered){.caller = c, .number = i};
		loop_call(c->loop, check_order, n);
	}
	return NULL;
}

/* Many threads call at once, and the loop is stopped while calls are waiting. */
struct poster {
	struct call call;
	struct seen *seen;
};

static void
note_and_free(void *arg)
{
	struct poster *p = arg;

	note(p->seen);
	free(p);
}

/* Records of the caller's own: as many as he has, in the order of all calls. */
static void
test_posts(void)
{
	struct loop *loop = loop_new();
	struct seen s;
	struct call twice = {0};

	seen_init(&s, loop);
	loop_post(loop, &twice, note, &s);
	loop_post(loop, &twice, note, &s);
	loop_stop(loop);
	same_num(s.n, 1, "a record that waits is not called a second time");
	loop_post(loop, &twice, note, &s);
	loop_stop(loop);
	same_num(s.n, 2, "one that has been called can be called again");
	s.n = 0;
	for (int i = 0; i < CALLS; i++) {
		struct poster *p = calloc(1, sizeof(*p));

		p->seen = &s;
		loop_post(loop, &p->call, note_and_free, p);
		loop_call(loop, note, &s);
	}
	ok(loop_start(loop), "it starts");
	loop_post(loop, &twice, set_event, &s);
	ok(wait_for(&s), "the last one is run");
	same_num(s.n, 2LL * CALLS, "after all others, whose records may be gone by then");
	loop_stop(loop);
	loop_free(loop);
	event_flag_destroy(&s.event_flag);
}

static void
test_many_callers(void)
{
	struct loop *loop = loop_new();
	struct caller callers[CALLERS];
	atomic_uint total = 0;

	loop_start(loop);
	for (int i = 0; i < CALLERS; i++) {
		callers[i] = (struct caller){.loop = loop, .total = &total, .ordered = true};
		pthread_create(&callers[i].thread, NULL, call_often, &callers[i]);
	}
	for (int i = 0; i < CALLERS; i++)
		pthread_join(callers[i].thread, NULL);
	loop_stop(loop);
	same_num(atomic_load(&total), CALLERS * CALLS, "every call of every thread is run");
	for (int i = 0; i < CALLERS; i++)
		ok(callers[i].ordered, "in the order of thread %d", i);
	loop_free(loop);
}

static void
call_again(void *arg)
{
	struct seen *s = arg;

	if (s->again > 0) {
		s->again--;
		loop_call(s->loop, call_again, s);
		same_num(s->n, 0, "a call from within is not run within");
	} else {
		s->n++;
	}
}

static void
test_stop(void)
{
	struct loop *loop = loop_new();
	struct seen s;

	seen_init(&s, loop);
	s.again = 3;
	loop_call(loop, call_again, &s);
	loop_stop(loop);
	same_num(s.n, 1, "stop runs what waits, and what that calls, also where nothing ran");

	for (int i = 0; i < 50; i++) {
		if (!loop_start(loop))
			break;
		loop_stop(loop);
		s.again = i;
	}
	same_num(s.again, 49, "started and stopped at once, again and again");
	loop_call(loop, note, &s);
	loop_free(loop);
	same_num(s.n, 1, "a call after the stop is dropped by free");
	loop_free(NULL);
	event_flag_destroy(&s.event_flag);
}

static void
call_for_ever(void *arg)
{
	struct seen *s = arg;

	/* Until the timer is seen, which a call that calls itself must not prevent. */
	s->again++;
	if (s->n == 0)
		loop_call(s->loop, call_for_ever, s);
}

static void
note_and_open(void *arg)
{
	note(arg);
	set_event(arg);
}

static void
start_both(void *arg)
{
	struct seen *s = arg;

	s->timer = timer_new(s->loop, note_and_open, s);
	timer_start(s->timer, 5);
	loop_call(s->loop, call_for_ever, s);
}

static void
free_timer(void *arg)
{
	struct seen *s = arg;

	timer_free(s->timer);
}

static void
test_fairness(void)
{
	struct loop *loop = loop_new();
	struct seen s;

	seen_init(&s, loop);
	loop_start(loop);
	loop_call(loop, start_both, &s);
	ok(wait_for(&s), "a timer fires although a call calls itself all the time");
	loop_call(loop, free_timer, &s);
	loop_stop(loop);
	loop_free(loop);
	event_flag_destroy(&s.event_flag);
}

static void
free_from_within(void *arg)
{
	struct seen *s = arg;

	note(s);
	timer_free(s->timer);
	s->timer = NULL;
	event_flag_set(&s->event_flag);
}

struct timers {
	struct seen first, second, stopped, freed;
	int64_t began, second_at;
};

static void
second_fires(void *arg)
{
	struct timers *t = arg;

	t->second_at = clock_ms();
	note(&t->second);
	timer_stop(t->second.timer);
	timer_start(t->freed.timer, 0);
}

static void
start_timers(void *arg)
{
	struct timers *t = arg;
	struct loop *loop = t->first.loop;

	t->first.timer = timer_new(loop, note, &t->first);
	t->second.timer = timer_new(loop, second_fires, t);
	t->stopped.timer = timer_new(loop, note, &t->stopped);
	t->freed.timer = timer_new(loop, free_from_within, &t->freed);
	t->began = clock_ms();
	timer_start(t->second.timer, INT64_C(1) << 40);
	timer_start(t->second.timer, 60);
	timer_start(t->first.timer, -5);
	timer_start(t->stopped.timer, 1);
	timer_stop(t->stopped.timer);
	timer_stop(t->stopped.timer);
}

static void
end_timers(void *arg)
{
	struct timers *t = arg;

	timer_free(t->first.timer);
	timer_free(t->second.timer);
	timer_free(t->stopped.timer);
	timer_free(NULL);
	event_flag_set(&t->first.event_flag);
}

static void
test_timers(void)
{
	struct loop *loop = loop_new();
	struct timers t = {0};

	seen_init(&t.first, loop);
	seen_init(&t.second, loop);
	seen_init(&t.stopped, loop);
	seen_init(&t.freed, loop);
	loop_start(loop);
	loop_call(loop, start_timers, &t);
	ok(wait_for(&t.freed), "a timer frees itself when it fires");
	loop_call(loop, end_timers, &t);
	ok(wait_for(&t.first), "timers end");
	same_num(t.first.n, 1, "a timer of less than nothing fires, once");
	same_num(t.second.n, 1, "one that is set anew fires once");
	/* The system's cheap clock, which timers go by, may be some ms behind. */
	ok(t.second_at - t.began >= 40, "and not much sooner than it was last set to");
	same_num(t.stopped.n, 0, "a stopped one does not");
	same_num(t.freed.n, 1, "the freed one fired once");
	loop_stop(loop);
	loop_free(loop);
	event_flag_destroy(&t.first.event_flag);
	event_flag_destroy(&t.second.event_flag);
	event_flag_destroy(&t.stopped.event_flag);
	event_flag_destroy(&t.freed.event_flag);
}

static void *
wait_long(void *arg)
{
	struct seen *s = arg;

	s->n = wait_for(s);
	return NULL;
}

static void
test_event_flag(void)
{
	static const struct {
		const char *label;
		int64_t after; /* now */
	} rows[] = {{"the past", -1000}, {"now", 0}, {"a moment", 3}};
	struct loop *loop = loop_new();
	struct seen s[CALLERS], *first = &s[0];
	struct event_flag event_flag;

	for (int i = 0; i < CALLERS; i++)
		seen_init(&s[i], loop);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t until = clock_ms() + rows[i].after;

		ok(!event_flag_wait(loop, &first->event_flag, until),
		    "a closed latch, until %s", rows[i].label);
		ok(clock_ms() >= until, "not sooner than %s", rows[i].label);
	}
	ok(!event_flag_wait(loop, &first->event_flag, INT64_MIN),
	    "a closed latch, until long ago");

	event_flag_init(&event_flag);
	event_flag_set(&event_flag);
	event_flag_set(&event_flag);
	ok(event_flag_wait(loop, &event_flag, INT64_MIN),
	    "an open latch, although it is too late");
	ok(event_flag_wait(loop, &event_flag, INT64_MAX), "and for ever");
	event_flag_destroy(&event_flag);

	for (int i = 0; i < CALLERS; i++)
		pthread_create(&s[i].thread, NULL, wait_long, &s[i]);
	for (int i = 0; i < CALLERS; i++)
		event_flag_set(&s[i].event_flag);
	for (int i = 0; i < CALLERS; i++) {
		pthread_join(s[i].thread, NULL);
		same_num(s[i].n, 1, "one who waits is let through");
		event_flag_destroy(&s[i].event_flag);
	}
	loop_free(loop);
}

/* Where time stands still a wait still ends, after as long as is left. */
static void
test_frozen(void)
{
	struct loop *loop = loop_new();
	struct seen s;

	seen_init(&s, loop);
	clock_freeze(1000, 1);
	ok(!event_flag_wait(loop, &s.event_flag, 1005), "a wait ends on a clock that stands");
	loop_free(loop);
	event_flag_destroy(&s.event_flag);
}

int
main(void)
{
	test_thread();
	test_posts();
	test_many_callers();
	test_stop();
	test_fairness();
	test_timers();
	test_event_flag();
	test_frozen();
	return done();
}
