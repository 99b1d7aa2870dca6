/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/watch.h - our own addresses and names on other people's lists: asked about now and
 * then, like any client's, on a thread of its own.  Any thread; waits for a mutex that is
 * never held for long.
 *
 * The lists are those that are tested all the time, so that it is known when to believe them.
 * What is known is kept beside the store, if there is one, so that after a start nothing is
 * news that was known before it, and nothing is lost; else it is learnt again.
 */
#ifndef RELAYGUARD_SESSION_WATCH_H
#define RELAYGUARD_SESSION_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/checker.h"
#include "session/watchrow.h"

struct client_services;
struct tails;
struct watch;

/* Nothing is watched until watch_configure().  What it is given is borrowed.  NULL: out of
 * memory. */
struct watch *watch_new(const struct client_services *, struct tails *);

/* End, and wait for its thread, for some seconds unless lookups are hurried.  NULL is fine. */
void watch_free(struct watch *);

/* The running configuration is another one: what it says to watch that is not known is asked
 * about soon.  The first time blocks on the file of what was known.  Main thread. */
void watch_configure(struct watch *);

/* Row number i; false: there are no more.  Rows may move between two calls. */
bool watch_row(struct watch *, size_t i, struct watch_row *);

/* Since when a list has said nothing of anything; 0: it has, the last time.  False: there is
 * no list number i. */
bool watch_silence(struct watch *, size_t i, char list[CHECKER_LABEL_MAX + 1], int64_t *since);

/* The name of this series of numbers, which no other has. */
const char *watch_series(const struct watch *);

/* The number of the last change; 0: there was none. */
uint64_t watch_last(struct watch *);

/* The first change that is known behind that number; false: there is none. */
bool watch_next(struct watch *, uint64_t number, struct watch_news *);

#endif
