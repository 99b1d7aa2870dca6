/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/workers.c - how many workers there are, a lower bound, and how many
 * of them wait.  Whoever makes them all wait calls another one; if that one finds a
 * session in the queue, and comes to wait, it calls the next at once.
 */
#include "config.h"

#include "loop/workers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "loop/throttle.h"
#include "os/socketspec.h"

#define PATIENCE_MS 10 /* most waits are shorter, and their workers soon free again */
#define CALLS_MAX 4    /* connections that nobody has reported */
/* What libmilter has no thread for is never closed: of that there must not be much. */
#define FORGET_MS 60000
#define STACK_SIZE (256U << 10) /* bytes; a worker uses 10 KB, the I/O thread up to 56 */

static struct {
	const char *listen; /* NULL: nobody is called */
	pthread_key_t key;  /* notices the end of a thread */
	atomic_int workers, waiting, calls;
	atomic_llong called; /* when, the last time */
} workers;

static _Thread_local bool enlisted;
static _Thread_local bool stranger;    /* no worker, whatever it waits for */
static _Thread_local bool just_called; /* for a session that is in the queue, perhaps */

static void
leave(void *unused)
{
	(void)unused;
	atomic_fetch_sub(&workers.workers, 1);
}

static void
enlist(void)
{
	if (enlisted || workers.listen == NULL)
		return;
	enlisted = pthread_setspecific(workers.key, &workers) == 0;
	if (enlisted)
		atomic_fetch_add(&workers.workers, 1);
}

/*
 * libmilter ends workers and starts others all the time.  The C library keeps stacks
 * for the next ones, but not more than 40 MB of them: five, as large as they are.
 */
static void
save_stacks(void)
{
#ifdef HAVE_PTHREAD_SETATTR_DEFAULT_NP
	pthread_attr_t attr;

	if (pthread_attr_init(&attr) != 0)
		return;
	if (pthread_attr_setstacksize(&attr, STACK_SIZE) == 0)
		(void)pthread_setattr_default_np(&attr);
	pthread_attr_destroy(&attr);
#endif
}

bool
workers_init(const char *listen)
{
	save_stacks();
	if (pthread_key_create(&workers.key, leave) != 0)
		return false;
	workers.listen = listen;
	return true;
}

void
workers_stay_out(void)
{
	stranger = true;
}

void
workers_report(void)
{
	int calls = atomic_load(&workers.calls);

	enlist();
	just_called = true;
	while (calls > 0 && !atomic_compare_exchange_weak(&workers.calls, &calls, calls - 1))
		continue;
}

/* Whether there is room for one call more; those of long ago are forgotten. */
static bool
may_call(void)
{
	int64_t now = clock_ms();

	if (workers.listen == NULL || throttle_is_closed())
		return false;
	if (now - atomic_load(&workers.called) >= FORGET_MS)
		atomic_store(&workers.calls, 0);
	if (atomic_fetch_add(&workers.calls, 1) < CALLS_MAX) {
		atomic_store(&workers.called, now);
		return true;
	}
	atomic_fetch_sub(&workers.calls, 1);
	return false;
}

static void
call(void)
{
	int fd;

	if (!may_call())
		return;
	fd = socketspec_connect(workers.listen, false);
	if (fd >= 0)
		close(fd);
	else
		atomic_fetch_sub(&workers.calls, 1);
}

bool
workers_wait(struct loop *loop, struct event_flag *event_flag, int64_t deadline)
{
	int64_t soon = clock_ms() + (just_called ? 0 : PATIENCE_MS);
	bool open;

	if (stranger)
		return event_flag_wait(loop, event_flag, deadline);
	enlist();
	just_called = false;
	if (event_flag_wait(loop, event_flag, soon < deadline ? soon : deadline))
		return true;
	if (deadline <= soon)
		return false;
	if (atomic_fetch_add(&workers.waiting, 1) + 1 >= atomic_load(&workers.workers))
		call();
	open = event_flag_wait(loop, event_flag, deadline);
	atomic_fetch_sub(&workers.waiting, 1);
	return open;
}
