/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/assoc.h - a set-associative table: of one size for good, where what is new takes the
 * place of what was used least lately among a few.  One thread at a time.
 *
 * For what strangers can fill: nobody can choose keys that meet in one place.
 */
#ifndef RELAYGUARD_BASE_ASSOC_H
#define RELAYGUARD_BASE_ASSOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASSOC_WAYS 8 /* entries of which one has to go */

/* What an entry begins with; the rest is the caller's, and zero at first. */
struct assoc_entry {
	uint64_t key;  /* 0: nobody's */
	uint32_t used; /* when it was taken last, as the caller counts */
	uint32_t keep; /* the caller's: until then it goes only where all others are kept,
			* too; 0: it is not */
};

struct assoc;

/* A table of at least so many entries of size bytes each.  NULL: out of memory. */
struct assoc *assoc_new(size_t entries, size_t size);
void assoc_free(struct assoc *);

/* The key of n bytes: never 0, and another one in each table. */
uint64_t assoc_key(const struct assoc *, const void *bytes, size_t n);

#define ASSOC_GROUPS 16

/*
 * Make a key that of one of a group, which has a key, too: all of one group meet in one of
 * ASSOC_GROUPS parts of the table, and others never have to go for them elsewhere.
 */
uint64_t assoc_key_within(const struct assoc *, uint64_t group, uint64_t key);

#define ASSOC_SECRET_SIZE 16

/* Make keys with this secret from now on, as others do; those made before lead nowhere. */
void assoc_use_secret(struct assoc *, const uint8_t secret[ASSOC_SECRET_SIZE]);

/* Make the keys that another table makes, as long as its secret stays, so that what is in both
 * need be hashed once; before there are any. */
void assoc_share_secret(struct assoc *, const struct assoc *other);

/* The entry of a key; NULL: there is none. */
void *assoc_find(const struct assoc *, uint64_t key);

/* The same; where there is none it takes the place of another. */
void *assoc_take(struct assoc *, uint64_t key, uint32_t now);

/* Place number i of those that a key may have one of; NULL: there are no more.  It is left by
 * key 0, and taken by the key, where the caller chooses who goes. */
void *assoc_way(const struct assoc *, uint64_t key, size_t i);

/* Entry number i, which may be nobody's; NULL: there are no more. */
void *assoc_at(const struct assoc *, size_t i);

#endif
