/* SPDX-License-Identifier: BSD-2-Clause */
/* os/thread.c - a thread begins with the signal mask of the one that makes it. */
#include "config.h"

#include "os/thread.h"

#include <signal.h>

bool
thread_start(pthread_t *thread, const pthread_attr_t *attr, void *(*run)(void *), void *arg)
{
	sigset_t all, before;
	bool good;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	good = pthread_create(thread, attr, run, arg) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return good;
}
