/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/limit.h - how much of something may be under way at once.  Any
 * thread, never blocks.
 *
 * What comes above a limit is let through without being looked at; the log
 * says so once a minute, not once for each.
 */
#ifndef RELAYGUARD_BASE_LIMIT_H
#define RELAYGUARD_BASE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum limit {
	LIMIT_SESSIONS, /* SMTP connections that are looked at */
	LIMIT_LOOKUPS,  /* addresses that lists are being asked about */
	LIMIT_FILES,    /* descriptors, which others count */
	LIMIT_POLICY,   /* connections of Postfix's policy delegation */
	LIMIT_MAX
};

/* What the limits are where the configuration says nothing: no more than this. */
#define LIMITS_SESSIONS_MAX 10000

/* How many of most files so many sessions can use (0: as many as suit), and all else. */
uint64_t limit_useful_files(uint64_t most, unsigned sessions);

/*
 * Let this process open as many files as the system lets it, but no more than are
 * of use: what looks at all of them takes time for each.  How many that are.
 */
uint64_t limit_raise_files(unsigned sessions);

/*
 * Set a limit; 0: what suits that many files (a quarter of them in sessions,
 * half as many lookups, within LIMITS_SESSIONS_MAX).  What is under way above
 * it comes to its end.  Before the first call there is none.
 */
void limit_set(enum limit, unsigned max, uint64_t files);

/* One more: whether there is room for it.  If so, limit_leave() is owed. */
bool limit_enter(enum limit);
void limit_leave(enum limit);

/* Count and log one that was turned away for another reason than limit_enter(). */
void limit_turn_away(enum limit);

/* How many there are, and how many there may be (0: no limit). */
unsigned limit_count(enum limit);
unsigned limit_max(enum limit);

#endif
