/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/bulk.h - arrays of many megabytes, how they grow and are freed.  Any thread.
 *
 * While the kernel takes back a large piece of memory, no other thread of the
 * process gets any, nor can be started: so it is given back in small ones.
 */
#ifndef RELAYGUARD_BASE_BULK_H
#define RELAYGUARD_BASE_BULK_H

#include <stddef.h>

#define BULK_SIZE (8U << 20) /* bytes from which on it matters */

/*
 * The array with room for need elements of that size, and at least twice what there
 * was if it had to grow; it may be NULL, with no room.  NULL: memory is out, and the
 * array and its room stay.  To be freed by bulk_free(), or free(3) where it is small.
 */
void *bulk_enlarge(void *array, size_t *room, size_t need, size_t size);

/*
 * The array of n elements of that size with room for one more: one that grows by such
 * calls alone, in which it doubles.  NULL: memory is out, and the array stays.
 */
void *bulk_next(void *array, size_t n, size_t size);

/*
 * The array with room for n elements of that size and no more, or as much as there was where
 * that cannot be given back; n is at least 1.
 */
void *bulk_fit(void *array, size_t *room, size_t n, size_t size);

/* Free what malloc(3) gave, of that many bytes; NULL is fine. */
void bulk_free(void *array, size_t size);

/* Give back to the system what very many calls of free(3) have left here and there. */
void bulk_settle(void);

#endif
