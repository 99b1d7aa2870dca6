/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/prefix.h - a set of networks, millions of them.
 *
 * Built once by one thread, sealed, then read by any number of them.
 */
#ifndef RELAYGUARD_BASE_PREFIX_H
#define RELAYGUARD_BASE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"

struct prefix_set;

/*
 * Read a network, "192.0.2.0/24", or an address, which is one of full length.  Wrong
 * text or bits set past the length: false, with a sentence in why.
 */
bool prefix_parse(struct network *, const char *text, char *why, size_t whysize);

struct prefix_match {
	unsigned len;       /* of the most specific network that holds the address */
	const char *reason; /* its text, or NULL; lives as long as the set */
};

/* An empty set; NULL when memory is out. */
struct prefix_set *prefix_new(void);
void prefix_free(struct prefix_set *);

/* Add a network; reason is copied and may be NULL.  False when memory is out. */
bool prefix_add(struct prefix_set *, const struct network *, const char *reason);

/*
 * End the building.  Of two equal networks the first one stays.  False when
 * memory is out.  Only now may the set be searched.
 */
bool prefix_seal(struct prefix_set *);

/* How many networks the set holds, and the bytes they take. */
size_t prefix_count(const struct prefix_set *);
size_t prefix_bytes(const struct prefix_set *);

/* Find the most specific network that holds addr; false: none does. */
bool prefix_find(const struct prefix_set *, const struct ipaddr *addr, struct prefix_match *);

/* Take a network of a set, or a part of one; false: no more of them. */
typedef bool prefix_taker(void *arg, const struct network *, const char *reason);

/* Have each network taken, IPv4 first, in order, until one is not; whether all were. */
bool prefix_each(const struct prefix_set *, prefix_taker *, void *arg);

/*
 * Have those parts of a network taken that no network of the set holds, as few as there can
 * be, in order, each with no reason, until one is not; whether all were.
 */
bool prefix_subtract(
    const struct prefix_set *, const struct network *, prefix_taker *, void *arg);

#endif
