/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/stale.h - does a resolver give answers that have expired (RFC 8767), or denials
 * that it should not have kept?  Pure, one thread.
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
	int64_t denied; /* until then, in milliseconds, it may keep that a name is not there */
};

/* Note the TTL, in seconds, of an answer for a name that is always there. */
void stale_learn(struct stale *, uint32_t ttl);

/*
 * Note a test of that name, begun at tested in milliseconds, and over now: it was denied for
 * so many seconds (0: it was not), or given in the end.  Whether it was given before the
 * denial can have expired: the resolver will deny others that are there.  With query names
 * minimised strictly (RFC 9156) each question about a network finds one label more, and
 * tests are the first to find all of theirs.
 */
bool stale_is_patchy(
    struct stale *, int64_t tested, uint32_t denied_s, int64_t now, bool given);

/* Whether an answer of that TTL may have expired. */
bool stale_may_be(const struct stale *, uint32_t ttl);

#endif
