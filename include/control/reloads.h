/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/reloads.h - the verb "reload", as relayguardctl(8) has it: whoever asks waits for
 * the main thread to have read the configuration, and hears what it said.
 */
#ifndef RELAYGUARD_CONTROL_RELOADS_H
#define RELAYGUARD_CONTROL_RELOADS_H

#include <stdbool.h>
#include <stdint.h>

#include "control/server.h"

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

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_reload;

#endif
