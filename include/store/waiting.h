/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/waiting.h - rows on their way to the disk: a list.  Pure.
 */
#ifndef RELAYGUARD_STORE_WAITING_H
#define RELAYGUARD_STORE_WAITING_H

#include "store/dayfile.h"

/* A row; its texts stand one after the other behind it. */
struct waiting {
	struct waiting *next;
	struct store_row row;
	char text[];
};

/* A copy of a row, under the time that it is now.  NULL: out of memory. */
struct waiting *waiting_new(const struct store_row *);

/* Free all of a list; NULL is fine. */
void waiting_free(struct waiting *);

#endif
