/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/stale.h - does a resolver give answers that have expired (RFC 8767)?  Pure, one
 * thread.
 *
 * Such a resolver gives the old answer first, with a TTL that says so, and asks anew
 * meanwhile.  Some choose a TTL of 0 or 1, which few lists have; others the 30 that the
 * RFC suggests, which may be what is left of any TTL.
 */
#ifndef RELAYGUARD_HEALTH_STALE_H
#define RELAYGUARD_HEALTH_STALE_H

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing is known. */
struct stale {
	uint32_t usual; /* the longest TTL that has been seen, but that of a stale answer */
	bool suspected; /* the last answer may have expired: soon after it another will tell */
	bool served;    /* it does */
};

/* Note the TTL, in seconds, of an answer for a name that is always there. */
void stale_learn(struct stale *, uint32_t ttl);

/* Whether an answer of that TTL may have expired. */
bool stale_may_be(const struct stale *, uint32_t ttl);

#endif
