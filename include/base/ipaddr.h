/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/ipaddr.h - an IPv4 or IPv6 address.  Pure, any thread.
 *
 * A v4-mapped IPv6 address (::ffff:192.0.2.1) is folded to IPv4 wherever an
 * address enters, so that one client has one address.
 */
#ifndef RELAYGUARD_BASE_IPADDR_H
#define RELAYGUARD_BASE_IPADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

struct ipaddr {
	uint8_t bits;     /* 32 or 128; 0: no address */
	uint8_t byte[16]; /* network order; bytes past bits/8 are zero */
};

/* A network: the bits of addr past len are 0. */
struct network {
	struct ipaddr addr;
	unsigned len;
};

/* What a network is for (RFC 6890, and the registries of IANA). */
enum ipaddr_kind {
	IPADDR_GLOBAL,   /* for all that follows not */
	IPADDR_PRIVATE,  /* a site, a provider's customers, a link */
	IPADDR_LOOPBACK, /* this host */
	IPADDR_NOBODY,   /* no host, or many at once */
	IPADDR_PROTOCOL  /* 192.0.0.0/24, in which translators have addresses */
};

#define IPADDR_STRLEN 46 /* longest text and its NUL */
#define IPADDR_LABELS 64 /* longest reversed labels and their NUL */

/* Take the address of a socket.  NULL and other families: false, *out empty. */
bool ipaddr_from_sockaddr(struct ipaddr *out, const struct sockaddr *);

/* Read "192.0.2.1" or "2001:db8::1"; anything more or less: false. */
bool ipaddr_parse(struct ipaddr *out, const char *text);

/* The same of the first len bytes of a text. */
bool ipaddr_parse_part(struct ipaddr *out, const char *text, size_t len);

/* Write the address as text into out and return out; "unknown" where there is none. */
const char *ipaddr_format(const struct ipaddr *, char out[IPADDR_STRLEN]);

/* Set the bits past the first len to 0: what is left is a network. */
void ipaddr_mask(struct ipaddr *, unsigned len);

/* The network of an address: its first bits, so many of IPv4, or of IPv6; none has none. */
struct ipaddr ipaddr_network(const struct ipaddr *, unsigned v4, unsigned v6);

/*
 * Write the labels under which a DNS list keeps the address, without the zone
 * and without a last dot: four octets or 32 nibbles, reversed (RFC 5782, 2.1
 * and 2.4).
 */
void ipaddr_reverse(const struct ipaddr *, char out[IPADDR_LABELS]);

/* Order as memcmp(3) does: IPv4 before IPv6, then by value. */
int ipaddr_compare(const struct ipaddr *, const struct ipaddr *);

/*
 * Whether a client on the Internet can have that address: not one of a private network,
 * this host, a link, or multicast (RFC 6890, and the registries of IANA); empty: false.
 * Networks of documents and benchmarks are global here, for nobody has them but examples
 * and tests.
 */
bool ipaddr_is_global(const struct ipaddr *);

/* Of what kind the network of the first len bits is, all of it or a part: a private part first. */
enum ipaddr_kind ipaddr_kind(const struct ipaddr *, unsigned len);

/* Whether addr is of the same family as net and agrees with its first len bits. */
bool ipaddr_within(const struct ipaddr *addr, const struct ipaddr *net, unsigned len);

#endif
