/* SPDX-License-Identifier: BSD-2-Clause */
/* data/keydirectory.c - one pass over the rows. */
#include "config.h"

#include "data/keydirectory.h"

#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"

#define BITS_MAX 24

static size_t
places(const struct keydirectory *d)
{
	return ((size_t)1 << (32 - d->shift)) + 1;
}

static uint32_t
key_of(const void *rows, size_t row, size_t size)
{
	uint32_t key;

	memcpy(&key, (const char *)rows + row * size, sizeof(key));
	return key;
}

bool
keydirectory_build(
    struct keydirectory *d, const void *rows, size_t n, size_t size, unsigned each)
{
	unsigned bits = 0;
	size_t row = 0;

	while (bits < BITS_MAX && n >> bits > each)
		bits++;
	d->shift = 32 - bits;
	d->place = malloc(places(d) * sizeof(*d->place));
	if (d->place == NULL)
		return false;
	for (size_t i = 0; i < places(d); i++) {
		bulk_pause(i, i + 1);
		while (row < n && key_of(rows, row, size) < (uint64_t)i << d->shift)
			row++;
		d->place[i] = (uint32_t)row;
	}
	return true;
}

void
keydirectory_free(struct keydirectory *d)
{
	if (d->place != NULL)
		bulk_free(d->place, keydirectory_bytes(d));
	d->place = NULL;
}

size_t
keydirectory_bytes(const struct keydirectory *d)
{
	return d->place != NULL ? places(d) * sizeof(*d->place) : 0;
}
