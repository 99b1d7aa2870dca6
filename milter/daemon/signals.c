/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon/signals.c - handlers that set a flag and write to a pipe, which the main thread reads. */
#include "config.h"

#include "daemon/signals.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static int wake[2]; /* a pipe: the handlers below write to it, and others */
static atomic_bool reload_wanted, stop_wanted;

/* A handler may run on any thread, and must find no lock there. */
static_assert(ATOMIC_BOOL_LOCK_FREE == 2, "needs flags without a lock");

/* If it fails, there is enough in the pipe. */
void
signals_wake(void)
{
	int saved = errno;

	if (write(wake[1], "", 1) != 1)
		errno = saved;
}

static void
on_signal(int number)
{
	if (number == SIGUSR1 || number == SIGHUP)
		atomic_store(&reload_wanted, true);
	else
		atomic_store(&stop_wanted, true);
	signals_wake();
}

static void
our_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGUSR1);
}

void
signals_block(void)
{
	sigset_t set;

	our_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* SA_NODEFER: were one blocked while its handler runs, libmilter would get the next. */
void
signals_take(void)
{
	struct sigaction act = {.sa_handler = on_signal, .sa_flags = SA_NODEFER | SA_RESTART};
	sigset_t set;

	our_signals(&set);
	for (int number = 1; number < NSIG; number++)
		if (sigismember(&set, number) == 1)
			sigaction(number, &act, NULL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

bool
signals_open(void)
{
	if (pipe(wake) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	return true;
}

void
signals_wait(int64_t ms)
{
	struct pollfd fd = {.fd = wake[0], .events = POLLIN};
	char bytes[64];

	if (poll(&fd, 1, (int)ms) > 0)
		while (read(wake[0], bytes, sizeof(bytes)) == (ssize_t)sizeof(bytes))
			continue;
}

int
signals_fd(void)
{
	return wake[0];
}

bool
signals_stop_wanted(void)
{
	return atomic_load(&stop_wanted);
}

bool
signals_reload_wanted(void)
{
	return atomic_exchange(&reload_wanted, false);
}
