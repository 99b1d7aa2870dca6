/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/misses.h - how often somebody may ask for what is not there, so that nobody can walk
 * through all there is.  Any thread, never blocks for long.
 */
#ifndef RELAYGUARD_WEB_MISSES_H
#define RELAYGUARD_WEB_MISSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

#define MISSES_A_SECOND 5  /* of all readers */
#define MISSES_A_MINUTE 10 /* of a network: a /24, or a /64 */

struct misses;

/* NULL: out of memory. */
struct misses *misses_new(void);
void misses_free(struct misses *);

/*
 * Count a question at a time of clock_ms() as a miss, by a reader whose address may be empty:
 * then the first limit counts alone.  False: there were too many, and nothing is counted.
 */
bool misses_take(struct misses *, const struct ipaddr *, int64_t now);

/* It was no miss: what was counted for it is given back. */
void misses_give_back(struct misses *, const struct ipaddr *, int64_t now);

#endif
