/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bulk.h - arrays of many megabytes, and how they are freed.  Rank 0; any thread.
 *
 * While the kernel takes back a large piece of memory, no other thread of the
 * process gets any, nor can be started: so it is given back in small ones.
 */
#ifndef RELAYGUARD_BULK_H
#define RELAYGUARD_BULK_H

#include <stddef.h>

#define BULK_SIZE (8U << 20) /* bytes from which on it matters */

/* Free what malloc(3) gave, of that many bytes; NULL is fine. */
void bulk_free(void *array, size_t size);

#endif
