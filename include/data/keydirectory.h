/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/keydirectory.h - where the rows of a table begin whose keys, of 32 bits and in their
 * order, begin with the same bits: what is looked for is among few.  Built by one thread, then
 * read by any number of them.
 */
#ifndef RELAYGUARD_DATA_KEYDIRECTORY_H
#define RELAYGUARD_DATA_KEYDIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keydirectory {
	unsigned shift;  /* of a key, to its place */
	uint32_t *place; /* the first row of it or of a later one; one more at the end */
};

/*
 * Build it for n rows of that many bytes, which begin with their keys, with about each of them
 * at a place.  False: memory is out.
 */
bool keydirectory_build(
    struct keydirectory *, const void *rows, size_t n, size_t size, unsigned each);

/* One that is all zero is fine. */
void keydirectory_free(struct keydirectory *);

/* The bytes that it takes. */
size_t keydirectory_bytes(const struct keydirectory *);

/* The place of a key: its first row, and, in the next one, the row behind its last. */
static inline const uint32_t *
keydirectory_at(const struct keydirectory *d, uint32_t key)
{
	return &d->place[(uint64_t)key >> d->shift];
}

#endif
