/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/endpoint.h - an address and a port, as people write them and sockets take them.
 * Pure.
 *
 * An IPv6 address with a port needs its brackets, as nobody could tell the two apart,
 * and they are IPv6's alone.  Names are none: they would have to be looked up.
 */
#ifndef RELAYGUARD_BASE_ENDPOINT_H
#define RELAYGUARD_BASE_ENDPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

struct sockaddr_storage;

struct endpoint {
	struct ipaddr address;
	uint16_t port;
};

#define ENDPOINT_STRLEN (IPADDR_STRLEN + 8) /* "[address]:port" and a NUL */

/*
 * Read "127.0.0.1", "127.0.0.1:6379", "[::1]" or "[::1]:6379", and with bare also "::1";
 * port is that of a text without.  False: it is nothing of these.
 */
bool endpoint_parse(struct endpoint *, const char *text, uint16_t port, bool bare);

/* Read an address that ends before : or /, or its brackets, and go past it. */
bool endpoint_host(const char **at, struct ipaddr *out);

/* Read ":6379" and go past it; without the colon there is nothing, and *port stays. */
bool endpoint_port(const char **at, uint16_t *port);

bool endpoint_equal(const struct endpoint *, const struct endpoint *);

/* Write it, with its port, and return out. */
const char *endpoint_format(const struct endpoint *, char out[ENDPOINT_STRLEN]);

/* Its socket address, and the size of that. */
unsigned endpoint_sockaddr(const struct endpoint *, struct sockaddr_storage *out);

#endif
