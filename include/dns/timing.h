/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/timing.h - how long a DNS server takes to answer for each zone.  Pure.
 *
 * As TCP does for its segments (RFC 6298): a smoothed round-trip time and its variation
 * say when an answer is overdue, so that a slow list is asked once, and a packet that
 * was lost is sent again soon.
 */
#ifndef RELAYGUARD_DNS_TIMING_H
#define RELAYGUARD_DNS_TIMING_H

#include <stdint.h>

#define DNSTIMING_ZONES 64     /* known at once; the one that was used longest ago goes first */
#define DNSTIMING_UNKNOWN 200  /* ms, while nothing is known of a zone; never less */
#define DNSTIMING_LONGEST 1500 /* ms */

struct dnstiming {
	struct {
		uint32_t zone; /* 0: free */
		uint64_t used; /* by the count of uses */
		int32_t srtt;  /* in eighths of a millisecond */
		int32_t rttvar;
	} row[DNSTIMING_ZONES];
	uint64_t uses;
};

/* What a zone is known by; NULL: of no zone, which is 0, and is never known. */
uint32_t dnstiming_zone(const char *name);

/*
 * After how many ms an answer is overdue, and to be asked for again.  In a timing that
 * is all zero nothing is known yet.
 */
int64_t dnstiming_wait(struct dnstiming *, uint32_t zone);

/* An answer came so many ms after that very packet was sent (Karn's rule). */
void dnstiming_heard(struct dnstiming *, uint32_t zone, int64_t ms);

#endif
