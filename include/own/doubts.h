/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/doubts.h - clients that are about to be listed, unless somebody speaks for them meanwhile.
 * Bounded; one thread at a time.
 */
#ifndef RELAYGUARD_OWN_DOUBTS_H
#define RELAYGUARD_OWN_DOUBTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "own/localentry.h"

#define DOUBTS_MAX 128

/* What a client was caught at. */
struct doubt {
	struct ipaddr client;
	enum local_reason reason;
	const char *rule; /* which stays */
	uint32_t attempts;
	uint32_t at;   /* when it was, in seconds since 1970 */
	int64_t until; /* in clock_ms() */
	bool users;    /* it was known that people are behind it */
};

/* All zero: none. */
struct doubts {
	struct doubt doubt[DOUBTS_MAX];
	unsigned first, n;
};

/* Add one (copied), whose time is not before that of the last; false: there is no room. */
bool doubts_add(struct doubts *, const struct doubt *);

/* Take the first one out, if its time has come. */
bool doubts_take(struct doubts *, int64_t now_ms, struct doubt *);

#endif
