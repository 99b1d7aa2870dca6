/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/canarypace.h - how often the servers of a list get a canary: each of them one in a
 * gap, or one for so many questions about clients, and some beyond that, now and then.
 * Pure, one thread.  Times are those of clock_ms().
 */
#ifndef RELAYGUARD_HEALTH_CANARYPACE_H
#define RELAYGUARD_HEALTH_CANARYPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/listing.h"

/* All zero but for the gap: no canary has been sent.  server: SERVERS_MAX and more are one. */
struct canarypace {
	int64_t gap_ms;
	uint64_t asked; /* questions about clients, ... */
	struct {
		int64_t sent;    /* when it got the last canary; 0: never */
		int64_t due;     /* when it would have had all, were it one a gap */
		uint64_t before; /* ... and those before the last canary */
	} server[SERVERS_MAX + 1];
};

/* When a server may get a canary for listings that have waited since then; many: so many of
 * them that they are not to wait. */
int64_t canarypace_next(const struct canarypace *, unsigned server, int64_t since, bool many);

/* Take a canary more for a server; false: it has had enough for now (the generic cell rate
 * algorithm), and needed says nothing else. */
bool canarypace_take(struct canarypace *, unsigned server, bool needed);

/* A server is sent canaries now. */
void canarypace_sent(struct canarypace *, unsigned server);

/* A question about a client is asked. */
void canarypace_asked(struct canarypace *);

/* Whether the last question has just earned a server a canary. */
bool canarypace_has_earned(const struct canarypace *, unsigned server);

#endif
