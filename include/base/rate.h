/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/rate.h - so many of something a minute, and some at once, whoever asks.  Any thread,
 * never blocks.
 */
#ifndef RELAYGUARD_BASE_RATE_H
#define RELAYGUARD_BASE_RATE_H

#include <stdatomic.h>
#include <stdbool.h>

/* All zero: nothing has been taken yet. */
struct rate {
	atomic_llong paid; /* what was taken is paid for then, in clock_ms() */
};

/* Take one, of per_minute a minute (1 to 60000) and burst at once; false: there is none now. */
bool rate_take(struct rate *, unsigned per_minute, unsigned burst);

#endif
