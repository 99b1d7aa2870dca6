/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/signals.h - what the main thread waits for: signals, and whoever wakes it.  Main thread,
 * but for signals_wake().
 */
#ifndef RELAYGUARD_DAEMON_SIGNALS_H
#define RELAYGUARD_DAEMON_SIGNALS_H

#include <stdbool.h>
#include <stdint.h>

/* No thread made from now on takes a signal of ours; one that comes now waits. */
void signals_block(void);

/* Before what follows; false: an error, in errno. */
bool signals_open(void);

/* This thread takes them from now on. */
void signals_take(void);

/* Wait for a signal, for who wakes us, or that time. */
void signals_wait(int64_t ms);

/* Wake the main thread, or have it not sleep the next time.  Any thread, also from a handler;
 * never blocks. */
void signals_wake(void);

/* Readable when somebody has woken it: for who waits for something else, too. */
int signals_fd(void);

/* Whether SIGTERM or SIGINT has come. */
bool signals_stop_wanted(void);

/* Whether SIGHUP or SIGUSR1 has come since the last time. */
bool signals_reload_wanted(void);

#endif
