/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd.h - the clients of a measurement, by number: their addresses, and the
 * lists that hold them.  Pure; the load client and the DNS server agree by it.
 *
 * Whoever is in 25/8 or 2001:db8:1::/48 is on no list; whoever is in 28.64/10
 * or 2001:db8:2::/48 is on one at least.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include <stdbool.h>
#include <stdint.h>

struct client {
	unsigned bits; /* 32 or 128 */
	uint8_t byte[16];
};

/* Spread every bit over all the others. */
uint64_t crowd_mix(uint64_t);

/* The client of that number, of whom so many in a thousand are listed, and have IPv6. */
struct client crowd_client(uint64_t number, unsigned listed, unsigned ipv6);

/* Whether some list holds it. */
bool crowd_is_listed(const struct client *);

/* Whether it is one of them at all. */
bool crowd_is_of(const struct client *);

/*
 * Whether list number zone of so many holds it: one of them holds it always, the
 * others so many in a thousand of those who are listed.
 */
bool crowd_is_on(const struct client *, unsigned zone, unsigned zones, unsigned share);

#endif
