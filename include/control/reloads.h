/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/reloads.h - reloads that somebody has ordered, and waits for, until the main thread
 * has read the configuration.
 */
#ifndef RELAYGUARD_CONTROL_RELOADS_H
#define RELAYGUARD_CONTROL_RELOADS_H

#include <stdbool.h>
#include <stdint.h>

struct reloads;

/* wake is called where one is wanted; never blocks, any thread.  NULL: out of memory. */
struct reloads *reloads_new(void (*wake)(void));
void reloads_free(struct reloads *);

/* Whether somebody wants one that has not begun; with that it has.  Main thread. */
bool reloads_begin(struct reloads *);

/* It has ended: whether it is used, and a line for each mistake and warning (NULL: none;
 * copied).  Main thread. */
void reloads_end(struct reloads *, bool good, const char *said);

/* Whether the last configuration that was read is used, the first one included, and when one
 * was used last, in clock_wall().  Any thread. */
void reloads_last(struct reloads *, bool *good, int64_t *used);

/* Want one; its number.  Any thread. */
uint64_t reloads_order(struct reloads *);

/* Wait a moment for the reload of a number; whether it has ended, is used, and what it said
 * (NULL: nothing; to be freed).  Any thread but the main one. */
bool reloads_wait(struct reloads *, uint64_t number, bool *good, char **said);

#endif
