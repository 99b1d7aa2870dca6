/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/ip4text.h - IPv4 addresses, networks and ranges as rbldnsd's files have them: with as
 * many octets as are needed, and zeros in front.  Pure.
 *
 * Each goes past what it has read; what follows is the caller's to look at.  Addresses are in
 * host order.
 */
#ifndef RELAYGUARD_DATA_IP4TEXT_H
#define RELAYGUARD_DATA_IP4TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* Addresses that stand together in a file, the first and the last of them. */
struct ip4range {
	uint32_t first, last;
	unsigned len; /* of a network: how many bits; of what is none: 32 */
};

/* Read "127.0.0.1", and no fewer octets. */
bool ip4text_address(const char **at, uint32_t *out);

/* Read "127.0.0.0/8", "127/8", "127.0" (a network, too) or an address.  False: there is none,
 * one octet has no length, or bits are set past it. */
bool ip4text_network(const char **at, struct ip4range *);

/* The same, but for /0; or a range, "127.0.0.1-127.0.0.9", "127.0.0.1-9", "127.1-127.3". */
bool ip4text_range(const char **at, struct ip4range *);

/*
 * Read the value of a record: "127.0.0.2", or fewer octets, of which the last one is that of
 * an address; *octets gets how many there were.  False: there is none.
 */
bool ip4text_value(const char **at, uint32_t *out, unsigned *octets);

#endif
