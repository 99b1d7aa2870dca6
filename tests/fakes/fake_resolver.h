/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_resolver.h - a recursive resolver between those who ask fake_dns.c and
 * the servers there: it may be down, it may rewrite answers, it may have a cache
 * (RFC 1034, RFC 2308) and answer out of it what has expired (RFC 8767).
 *
 * There is one, for all who ask, whatever servers they name; its cache outlives
 * them.  Its time is clock_ms().
 */
#ifndef RELAYGUARD_FAKE_RESOLVER_H
#define RELAYGUARD_FAKE_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/dns.h"

/* When an expired answer is given. */
enum fake_stale {
	FAKE_STALE_NEVER,
	FAKE_STALE_FIRST, /* at once, and the servers are asked behind it */
	FAKE_STALE_GONE   /* where the servers do not answer */
};

struct fake_resolver {
	enum dns_status status; /* DNS_FOUND: it is there; else it has this to say to all */
	uint32_t rewrite;       /* an A record in place of "no such name"; 0: none */

	bool caches;
	uint32_t negative_ttl; /* seconds, whatever the SOA says; 0: as it says */
	uint32_t no_soa_ttl;   /* that an absence without SOA is kept */
	bool shares_soa;       /* absences of a list end with the SOA of the first (Unbound) */
	enum fake_stale stale;
	bool stale_records; /* these alone, no absences (BIND) */
	uint32_t stale_ttl; /* that an expired answer has, or its SOA, if that is shared */
	int64_t stale_ms;   /* until an expired answer is given no more; 0: for ever */
	bool minimises;     /* QNAME minimisation, relaxed (RFC 9156): two questions for one */
};

/* Do so from now on; what is in the cache stays. */
void fake_resolver_use(const struct fake_resolver *);

/* Questions that reached the servers for a name, or below "*.zone". */
unsigned fake_resolver_reached(const char *name);

/* Empty the cache, and stand between nobody any more. */
void fake_resolver_reset(void);

#endif
