/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/bulk.h - arrays of many megabytes, how they grow and are freed.  Any thread.
 *
 * While the kernel takes back a large piece of memory, no other thread of the
 * process gets any, nor can be started: so it is given back in small ones.
 */
#ifndef RELAYGUARD_BASE_BULK_H
#define RELAYGUARD_BASE_BULK_H

#include <stdbool.h>
#include <stddef.h>

#define BULK_SIZE (8U << 20) /* bytes from which on it matters */
#define BULK_TURN 4096       /* elements from one pause to the next */

/*
 * Once, before there are threads: have the C library keep arrays of a MiB and more by themselves
 * from now on.  glibc keeps them among the small ones, once one as large has been freed, and as
 * they grow it copies them while whoever else wants memory of the same part waits.
 * False: it cannot be told.
 */
bool bulk_prepare(void);

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
 * The array with room for n elements of that size and no more; what it had too much, to *room,
 * is given back step by step, as far as it can be.  n is at least 1; the array may be elsewhere.
 */
void *bulk_fit(void *array, size_t *room, size_t n, size_t size);

/* Free what malloc(3) gave, of that many bytes; NULL is fine. */
void bulk_free(void *array, size_t size);

/* Let others have the processor, if they want it. */
void bulk_yield(void);

/*
 * In work of seconds, after each element or some of them, of whose numbers end is the first one
 * that is still to be done: lets others have the processor a few times a millisecond.  A thread
 * that never waits may keep it from one that has just been woken until the clock ticks, which
 * it does every 4 ms.
 */
static inline void
bulk_pause(size_t first, size_t end)
{
	if (first / BULK_TURN != end / BULK_TURN)
		bulk_yield();
}

/* Give back to the system what very many calls of free(3) have left here and there. */
void bulk_settle(void);

#endif
