/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/bulk.c - arrays grow by doubling.  A large one is freed step by step: its pages
 * first, a few at a time, then the address space, which costs nothing any more.
 */
#include "config.h"

#include "base/bulk.h"

#include <assert.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(HAVE_MALLOC_TRIM) || defined(HAVE_MALLOPT)
#include <malloc.h>
#endif

#define STEP ((uintptr_t)1 << 20) /* bytes; a whole number of pages anywhere */

bool
bulk_prepare(void)
{
#if defined(HAVE_MALLOPT)
	return mallopt(M_MMAP_THRESHOLD, STEP) == 1;
#else
	return false;
#endif
}

void *
bulk_enlarge(void *array, size_t *room, size_t need, size_t size)
{
	size_t wanted = need > 2 * *room ? need : 2 * *room;
	void *larger;

	if (need <= *room)
		return array;
	larger = reallocarray(array, wanted, size);
	if (larger != NULL)
		*room = wanted;
	return larger;
}

void *
bulk_next(void *array, size_t n, size_t size)
{
	/* Below a power of two there is room up to it. */
	return (n & (n - 1)) != 0 ? array : reallocarray(array, n > 0 ? 2 * n : 1, size);
}

/* Give back the whole pages of a piece of memory; what was in it is lost. */
static void
give_back(char *piece, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t at = ((uintptr_t)piece + page - 1) & ~(page - 1);
	uintptr_t end = ((uintptr_t)piece + size) & ~(page - 1);

	for (; size >= BULK_SIZE && at < end; at += STEP) {
		(void)madvise((void *)at, end - at < STEP ? end - at : STEP, MADV_DONTNEED);
		bulk_yield();
	}
}

void *
bulk_fit(void *array, size_t *room, size_t n, size_t size)
{
	void *fitting;

	assert(n > 0 && n <= *room);
	give_back((char *)array + n * size, (*room - n) * size);
	fitting = reallocarray(array, n, size);
	if (fitting == NULL)
		return array;
	*room = n;
	return fitting;
}

void
bulk_free(void *array, size_t size)
{
	if (array != NULL)
		give_back(array, size);
	free(array);
}

void
bulk_yield(void)
{
	(void)sched_yield();
}

void
bulk_settle(void)
{
#if defined(HAVE_MALLOC_TRIM)
	(void)malloc_trim(0);
#endif
}
