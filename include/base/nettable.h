/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/nettable.h - networks of one family, sorted, each with its reason.
 *
 * Built once by one thread, sealed, then read by any number of them.  An
 * address is its bytes in network order, 4 or 16 of them.
 */
#ifndef RELAYGUARD_BASE_NETTABLE_H
#define RELAYGUARD_BASE_NETTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nettable;

/* An empty table of addresses of 32 or 128 bits; NULL when memory is out. */
struct nettable *nettable_new(unsigned bits);
void nettable_free(struct nettable *);

/*
 * Add the network of the first len bits of addr, whose other bits are zero.
 * reason is copied and may be NULL.  False when memory is out.
 */
bool nettable_add(struct nettable *, const uint8_t *addr, unsigned len, const char *reason);

/*
 * End the building.  Of two equal networks the first one stays.  False when
 * memory is out.  Only now may the table be searched.
 */
bool nettable_seal(struct nettable *);

/* How many networks the table holds, and the bytes they take. */
size_t nettable_count(const struct nettable *);
size_t nettable_bytes(const struct nettable *);

/*
 * Find the most specific network that holds addr: its length and its reason,
 * which may be NULL and lives as long as the table.  False: none does.
 */
bool nettable_find(
    const struct nettable *, const uint8_t *addr, unsigned *len, const char **reason);

/*
 * Whether any network of the table begins within the one of the first len bits of addr,
 * whose other bits are zero.
 */
bool nettable_begins(const struct nettable *, const uint8_t *addr, unsigned len);

/* Call fn with each network, in order of address, the wider of two first, until it says
 * false; whether it never did. */
bool nettable_each(const struct nettable *,
    bool (*fn)(void *arg, const uint8_t *addr, unsigned len, const char *reason), void *arg);

#endif
