/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/watchdog.c - the service manager restarts who does not say in time that all
 * is well.  It is said only after the I/O thread and a whole session have shown
 * it: a process that merely runs is no use to anybody.
 */
#include "config.h"

#include "daemon/watchdog.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(HAVE_SYSTEMD)
#include <systemd/sd-daemon.h>
#endif

#include "base/clock.h"
#include "base/log.h"
#include "daemon/probe.h"
#include "loop/loop.h"
#include "loop/throttle.h"

#define CHECKS 3 /* in the time that the manager waits */

struct watchdog {
	struct loop *loop;
	struct call call;
	const char *listen, *client;
	int wake;
	int answers[2];   /* a pipe that the I/O thread writes its answer to */
	bool asked;       /* it owes one */
	int64_t every_ms; /* between two checks; 0: nobody wants to know */
	int64_t due;
};

#if defined(HAVE_SYSTEMD)

static int64_t
patience_ms(void)
{
	uint64_t us = 0;

	return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 1000) : 0;
}

static void
notify(const char *state)
{
	sd_notify(0, state);
}

#else

static int64_t
patience_ms(void)
{
	return 0;
}

static void
notify(const char *state)
{
	(void)state;
}

#endif

struct watchdog *
watchdog_new(struct loop *loop, const char *listen, const char *client, int wake)
{
	struct watchdog *w = calloc(1, sizeof(*w));

	if (w == NULL || pipe(w->answers) != 0) {
		free(w);
		return NULL;
	}
	for (int i = 0; i < 2; i++) {
		fcntl(w->answers[i], F_SETFD, FD_CLOEXEC);
		fcntl(w->answers[i], F_SETFL, O_NONBLOCK);
	}
	w->loop = loop;
	w->listen = listen;
	w->client = client;
	w->wake = wake;
	w->every_ms = patience_ms() / CHECKS;
	w->due = clock_ms() + w->every_ms;
	return w;
}

void
watchdog_tell(enum watchdog_state state)
{
	switch (state) {
	case WATCHDOG_READY:
		notify("READY=1");
		break;
	case WATCHDOG_RELOADING:
		notify("RELOADING=1");
		break;
	case WATCHDOG_STOPPING:
		notify("STOPPING=1");
		break;
	}
}

/* On the I/O thread. */
static void
answer(void *arg)
{
	struct watchdog *w = arg;

	/* Never full: there is one question at a time. */
	if (write(w->answers[1], "", 1) != 1)
		log_event(LOG_LEVEL_ERROR, "watchdog-failed", "what", "pipe");
}

/* One question at a time: one that was never answered is answered first. */
static enum probe_result
try_loop(struct watchdog *w, int64_t deadline)
{
	enum probe_result result;
	char byte;

	if (!w->asked)
		loop_post(w->loop, &w->call, answer, w);
	w->asked = true;
	result = probe_wait(w->answers[0], POLLIN, w->wake, deadline);
	if (result == PROBE_ANSWERED && read(w->answers[0], &byte, 1) == 1)
		w->asked = false;
	return result;
}

/* While the throttle is closed nobody is served, and rightly so. */
static enum probe_result
try_session(struct watchdog *w, int64_t deadline)
{
	if (throttle_is_closed())
		return PROBE_ANSWERED;
	return probe_run(w->listen, w->client, w->wake, deadline);
}

static enum probe_result
try_both(struct watchdog *w)
{
	int64_t now = clock_ms(), half = w->every_ms / 2;
	const char *what = "io-thread";
	enum probe_result result = try_loop(w, now + half);

	if (result == PROBE_ANSWERED) {
		what = "session";
		result = try_session(w, now + 2 * half);
	}
	if (result == PROBE_FAILED)
		log_event(LOG_LEVEL_ERROR, "watchdog-failed", "what", what);
	return result;
}

int64_t
watchdog_check(struct watchdog *w)
{
	int64_t now = clock_ms();

	if (w->every_ms == 0)
		return -1;
	if (now < w->due)
		return w->due - now;
	switch (try_both(w)) {
	case PROBE_ANSWERED:
		notify("WATCHDOG=1");
		w->due = now + w->every_ms;
		break;
	case PROBE_FAILED:
		w->due = now + w->every_ms;
		break;
	case PROBE_DISTURBED: /* what it was comes first, then this check again */
		break;
	}
	now = clock_ms();
	return now < w->due ? w->due - now : 0;
}
