/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/tails.h - decisions as they come, for those who watch.  Any thread puts, and never
 * waits: a line for which there is no room is dropped and counted.  A tail belongs to the
 * thread that has opened it.
 */
#ifndef RELAYGUARD_SESSION_TAILS_H
#define RELAYGUARD_SESSION_TAILS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/log.h"

#define TAILS_MAX 2     /* who watch at a time */
#define TAIL_LINES 1024 /* that wait for one of them */

struct tail;
struct tails;

struct tail_line {
	int64_t time; /* in clock_wall() */
	char text[LOG_LINE_MAX];
};

/* Nobody watches yet; NULL: out of memory. */
struct tails *tails_new(void);
void tails_free(struct tails *);

/* Whether anybody watches: if not, a line need not be made. */
bool tails_are_wanted(const struct tails *);

/* Give a line (copied) to all who watch. */
void tails_put(struct tails *, const char *line);

/* Watch from now on; NULL: TAILS_MAX do. */
struct tail *tail_open(struct tails *);
void tail_close(struct tail *);

/* The next line; false: there is none yet. */
bool tail_take(struct tail *, struct tail_line *);

/* How many were dropped since it was asked last. */
uint64_t tail_dropped(struct tail *);

#endif
