/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/clock.h - the time.  Any thread, never blocks.
 *
 * Deadlines and expiry are in milliseconds of a clock that never steps; the
 * wall clock serves only what other machines read.  Tests stop both.
 */
#ifndef RELAYGUARD_BASE_CLOCK_H
#define RELAYGUARD_BASE_CLOCK_H

#include <stdint.h>

/* Milliseconds since some point in the past, never going back. */
int64_t clock_ms(void);

/* Seconds since 1970. */
int64_t clock_wall(void);

/* From now on time stands at ms and wall, and moves by clock_advance() alone. */
void clock_freeze(int64_t ms, int64_t wall);
void clock_advance(int64_t ms);

/* What clock_wall() will say, or has said, when clock_ms() is that; to the nearest second. */
int64_t clock_wall_at(int64_t ms);

#define CLOCK_TEXT_SIZE 24 /* "2026-11-29T10:00:00Z" and its NUL */

/* Write a time of clock_wall() as ISO 8601 has it, in UTC, and return out. */
const char *clock_text(int64_t wall, char out[CLOCK_TEXT_SIZE]);

#endif
