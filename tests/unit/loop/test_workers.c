/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_workers.c - when another worker is called: when all there are wait, and go on
 * waiting.
 */
#include "config.h"

#include "loop/workers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "tap.h"

#define LONG_MS 1000 /* all of them wait at once within it, on a busy machine too */
#define BRIEF_MS 9   /* less than the patience with a worker */
#define WAITERS_MAX 5

static const struct {
	const char *label;
	bool free;     /* there is another one, who does not wait */
	bool called;   /* they have just had a connection that nobody spoke on */
	bool reported; /* somebody else has had one, before */
	int waiters, ms, want;
} rows[] = {
    {"one waits, and there is no other", false, false, false, 1, LONG_MS, 1},
    {"the same, but for a moment only", false, false, false, 1, BRIEF_MS, 0},
    {"one waits, one is free", true, false, false, 1, LONG_MS, 0},
    {"four wait, one is free", true, false, false, 4, LONG_MS, 0},
    {"five wait: the last one calls", false, false, false, 5, LONG_MS, 1},
    {"one that was called waits: no patience", false, true, false, 1, BRIEF_MS, 1},
    {"the same, one is free", true, true, false, 1, BRIEF_MS, 0},
    {"two calls are not reported", false, false, false, 1, LONG_MS, 1},
    {"three", false, false, false, 1, LONG_MS, 1},
    {"four", false, false, false, 1, LONG_MS, 1},
    {"then there is no other", false, false, false, 1, LONG_MS, 0},
    {"until one is reported", false, false, true, 1, LONG_MS, 1},
};

static struct loop *loop;
static size_t row;
static pthread_barrier_t begun, ended;

static void *
wait_in_vain(void *unused)
{
	struct event_flag event_flag;

	(void)unused;
	if (rows[row].called)
		workers_report();
	event_flag_init(&event_flag);
	pthread_barrier_wait(&begun);
	(void)workers_wait(loop, &event_flag, clock_ms() + rows[row].ms);
	pthread_barrier_wait(&ended);
	event_flag_destroy(&event_flag);
	return NULL;
}

static void *
stay_free(void *unused)
{
	struct event_flag event_flag;

	(void)unused;
	event_flag_init(&event_flag);
	(void)workers_wait(loop, &event_flag, clock_ms());
	event_flag_destroy(&event_flag);
	pthread_barrier_wait(&begun);
	pthread_barrier_wait(&ended);
	return NULL;
}

static void *
report_only(void *unused)
{
	(void)unused;
	workers_report();
	return NULL;
}

/* Everybody is there before anybody waits, and until nobody does. */
static void
run_row(void)
{
	pthread_t threads[WAITERS_MAX + 1];
	unsigned n = 0, all = (unsigned)rows[row].waiters + rows[row].free;

	if (rows[row].reported) {
		pthread_create(&threads[0], NULL, report_only, NULL);
		pthread_join(threads[0], NULL);
	}
	pthread_barrier_init(&begun, NULL, all);
	pthread_barrier_init(&ended, NULL, all);
	for (; n < all; n++)
		pthread_create(&threads[n], NULL,
		    n < (unsigned)rows[row].waiters ? wait_in_vain : stay_free, NULL);
	while (n > 0)
		pthread_join(threads[--n], NULL);
	pthread_barrier_destroy(&begun);
	pthread_barrier_destroy(&ended);
}

/* A socket that is listened at, and how it is called. */
static int
make_listener(char *spec, size_t size)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) != 0)
		return -1;
	snprintf(spec, size, "inet:%d@127.0.0.1", ntohs(sin.sin_port));
	return fd;
}

/* How many have called since the last time; none of them has said anything. */
static int
count_calls(int listener)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	int n = 0, fd;

	for (; poll(&p, 1, 20) > 0 && (fd = accept(listener, NULL, NULL)) >= 0; n++)
		close(fd);
	return n;
}

#ifdef HAVE_PTHREAD_SETATTR_DEFAULT_NP
static void *
measure_stack(void *size)
{
	pthread_attr_t attr;

	if (pthread_getattr_np(pthread_self(), &attr) != 0)
		return NULL;
	pthread_attr_getstacksize(&attr, size);
	pthread_attr_destroy(&attr);
	return NULL;
}

static void
test_stack(void)
{
	pthread_t thread;
	size_t size = 0;

	pthread_create(&thread, NULL, measure_stack, &size);
	pthread_join(thread, NULL);
	ok(size > 0 && size <= 256U << 10, "a thread to come has a small stack: %zu", size);
}
#else
static void
test_stack(void)
{
}
#endif

int
main(void)
{
	static char spec[64];
	int listener = make_listener(spec, sizeof(spec));

	loop = loop_new();
	run_row();
	same_num(count_calls(listener), 0, "not begun: nobody is called");
	ok(workers_init(spec), "begun");
	test_stack();
	for (; row < sizeof(rows) / sizeof(rows[0]); row++) {
		run_row();
		same_num(count_calls(listener), rows[row].want, rows[row].label);
	}
	loop_free(loop);
	close(listener);
	return done();
}
