/* SPDX-License-Identifier: BSD-2-Clause */
/* test_thread.c - signals are blocked in the new thread, and in the old one as before. */
#include "config.h"

#include "os/thread.h"

#include <signal.h>

#include "tap.h"

static bool
is_blocked(int number)
{
	sigset_t now;

	pthread_sigmask(SIG_SETMASK, NULL, &now);
	return sigismember(&now, number) == 1;
}

static void *
look(void *arg)
{
	*(bool *)arg = is_blocked(SIGTERM) && is_blocked(SIGHUP) && is_blocked(SIGUSR1);
	return NULL;
}

int
main(void)
{
	pthread_t thread;
	bool blocked = false;

	if (ok(thread_start(&thread, NULL, look, &blocked), "it starts"))
		pthread_join(thread, NULL);
	ok(blocked, "no signal finds it");
	ok(!is_blocked(SIGTERM) && !is_blocked(SIGUSR1), "they find who has made it");
	return done();
}
