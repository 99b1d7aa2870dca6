/* SPDX-License-Identifier: BSD-2-Clause */
/* base/assoc.c - sets of a few entries, as a processor's cache has them. */
#include "config.h"

#include "base/assoc.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"

struct assoc {
	char *entry;
	size_t sets, size; /* sets is a power of two */
	unsigned char secret[crypto_shorthash_siphashx24_KEYBYTES];
};

struct assoc *
assoc_new(size_t entries, size_t size)
{
	struct assoc *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	(void)!sodium_init(); /* it only chooses the fastest ways */
	randombytes_buf(a->secret, sizeof(a->secret));
	for (a->sets = 1; a->sets * ASSOC_WAYS < entries; a->sets *= 2)
		;
	a->size = size;
	if ((a->entry = calloc(a->sets * ASSOC_WAYS, size)) == NULL) {
		free(a);
		return NULL;
	}
	return a;
}

void
assoc_free(struct assoc *a)
{
	if (a == NULL)
		return;
	bulk_free(a->entry, a->sets * ASSOC_WAYS * a->size);
	free(a);
}

_Static_assert(
    ASSOC_SECRET_SIZE == crypto_shorthash_siphashx24_KEYBYTES, "a secret has that size");

void
assoc_use_secret(struct assoc *a, const uint8_t secret[ASSOC_SECRET_SIZE])
{
	memcpy(a->secret, secret, ASSOC_SECRET_SIZE);
}

void
assoc_share_secret(struct assoc *a, const struct assoc *other)
{
	memcpy(a->secret, other->secret, sizeof(a->secret));
}

uint64_t
assoc_key(const struct assoc *a, const void *bytes, size_t n)
{
	unsigned char hash[crypto_shorthash_siphashx24_BYTES];
	uint64_t key;

	crypto_shorthash_siphashx24(hash, bytes, n, a->secret);
	memcpy(&key, hash, sizeof(key));
	return key != 0 ? key : 1;
}

uint64_t
assoc_key_within(const struct assoc *a, uint64_t group, uint64_t key)
{
	uint64_t part =
	    a->sets / ASSOC_GROUPS * (ASSOC_GROUPS - 1); /* the highest bits of a set */

	key = (key & ~part) | (group & part);
	return key != 0 ? key : UINT64_C(1) << 63;
}

static struct assoc_entry *
entry_at(const struct assoc *a, size_t i)
{
	return (void *)(a->entry + i * a->size);
}

static size_t
first_of_set(const struct assoc *a, uint64_t key)
{
	return (size_t)(key & (a->sets - 1)) * ASSOC_WAYS;
}

void *
assoc_find(const struct assoc *a, uint64_t key)
{
	size_t first = first_of_set(a, key);

	for (size_t i = first; i < first + ASSOC_WAYS; i++)
		if (entry_at(a, i)->key == key)
			return entry_at(a, i);
	return NULL;
}

/* Whether one is to go rather than another. */
static bool
goes_before(const struct assoc_entry *one, const struct assoc_entry *other, uint32_t now)
{
	bool kept = now < one->keep, other_kept = now < other->keep;

	if (one->key == 0 || other->key == 0)
		return one->key == 0;
	if (kept != other_kept)
		return other_kept;
	return one->used < other->used;
}

void *
assoc_take(struct assoc *a, uint64_t key, uint32_t now)
{
	struct assoc_entry *entry = assoc_find(a, key);
	size_t first = first_of_set(a, key);

	if (entry == NULL) {
		entry = entry_at(a, first);
		for (size_t i = first + 1; i < first + ASSOC_WAYS; i++)
			if (goes_before(entry_at(a, i), entry, now))
				entry = entry_at(a, i);
		memset(entry, 0, a->size);
		entry->key = key;
	}
	if (now > entry->used)
		entry->used = now;
	return entry;
}

void *
assoc_way(const struct assoc *a, uint64_t key, size_t i)
{
	return i < ASSOC_WAYS ? entry_at(a, first_of_set(a, key) + i) : NULL;
}

void *
assoc_at(const struct assoc *a, size_t i)
{
	return i < a->sets * ASSOC_WAYS ? entry_at(a, i) : NULL;
}
