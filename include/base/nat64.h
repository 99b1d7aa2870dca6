/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/nat64.h - IPv4 addresses within IPv6 ones, as translators write them (RFC 6052).
 * Pure, any thread.
 *
 * A client behind a translator is known by its IPv4 address, as is one with a
 * v4-mapped address: else no list and no local network would hold it.
 */
#ifndef RELAYGUARD_BASE_NAT64_H
#define RELAYGUARD_BASE_NAT64_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"

#define NAT64_MAX 8 /* prefixes of the site's own */

/*
 * Read a prefix, "2001:db8:64::/96".  False: it has another length than RFC 6052
 * gives it, or bits set past it or among 64 to 71; a sentence in why.
 */
bool nat64_parse(struct network *, const char *text, char *why, size_t whysize);

/*
 * Make an address below the well-known prefix 64:ff9b::/96 or ::/96 (RFC 4291,
 * 2.5.5.1), and one below n prefixes of the site's own, the IPv4 address in it.  What
 * no client of another network has there, as 127.0.0.1, stays as it is: it would
 * be trusted; private addresses do below the site's own prefixes alone (RFC 6052, 3.1).
 */
void nat64_fold(const struct network *own, size_t n, struct ipaddr *);

/* Whether a network is below 64:ff9b::/96 or, but for ::1 and its like, below ::/96. */
bool nat64_holds(const struct ipaddr *net, unsigned len);

#endif
