/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/logqueue.h - lines that wait to be written, in their order.  Pure,
 * the caller locks.
 *
 * Its size is fixed: what does not fit is left to the caller to count.  It
 * takes no memory but what the lines in it have needed so far.
 */
#ifndef RELAYGUARD_BASE_LOGQUEUE_H
#define RELAYGUARD_BASE_LOGQUEUE_H

#include <stdbool.h>
#include <stddef.h>

#define LOGQUEUE_SIZE (1U << 20) /* some thousand decisions */
#define LOGQUEUE_HEAD 3          /* bytes a line takes beside its text */

/* Empty when all of it is zero. */
struct logqueue {
	size_t first; /* where the oldest line begins */
	size_t used;
	unsigned char ring[LOGQUEUE_SIZE];
};

/* Add a line of up to 65535 bytes, with a small number that comes out with it. */
bool logqueue_put(struct logqueue *, unsigned char mark, const char *text, size_t len);

/*
 * Take the oldest line out, as a string of at most size - 1 bytes; false if
 * there is none.
 */
bool logqueue_take(struct logqueue *, unsigned char *mark, char *text, size_t size);

#endif
