/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/watchdog.h - tell the service manager how we are, and only what has been
 * tried.  Main thread.
 *
 * Without a manager that listens, or without libsystemd, nothing happens here.
 */
#ifndef RELAYGUARD_DAEMON_WATCHDOG_H
#define RELAYGUARD_DAEMON_WATCHDOG_H

#include <stdint.h>

struct loop;
struct watchdog;

/*
 * Look after the loop and the milter at listen (in libmilter's form), with a
 * client of that name; both are borrowed.  A check ends early when wake can be
 * read.  NULL: out of memory or descriptors.
 */
struct watchdog *watchdog_new(struct loop *, const char *listen, const char *client, int wake);

/* We are ready (again), reload, or stop. */
enum watchdog_state { WATCHDOG_READY, WATCHDOG_RELOADING, WATCHDOG_STOPPING };
void watchdog_tell(enum watchdog_state);

/*
 * If a check is due: see that the I/O thread answers and that a session is
 * served, and tell the manager if both is so; else log what is not.  Blocks for
 * a third of what the manager's patience is, at most.  Returns the milliseconds
 * until the next check, or -1 if there is none.
 */
int64_t watchdog_check(struct watchdog *);

#endif
