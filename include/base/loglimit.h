/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/loglimit.h - log rate limit: an event that may come all the time has a line at once,
 * and then one in a while, with how often it came.  Any thread, never blocks.
 */
#ifndef RELAYGUARD_BASE_LOGLIMIT_H
#define RELAYGUARD_BASE_LOGLIMIT_H

#include <stdatomic.h>
#include <stdint.h>

#define LOGLIMIT_MINUTE_MS 60000
#define LOGLIMIT_HOUR_MS 3600000

/* Of one kind of event; all zero: none has come yet. */
struct loglimit {
	atomic_llong until; /* when the next line may be written, in clock_ms() */
	atomic_uint count;  /* events since the last one */
};

/*
 * Count an event, with a line every so many milliseconds.  Returns how many events the
 * caller's line stands for, this one included; 0: it is not to write one.
 */
unsigned loglimit_count(struct loglimit *, int64_t every_ms);

#endif
