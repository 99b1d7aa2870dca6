/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/writer.h - what the thread of the store does: rows and hours go into the file of their
 * day, and days that are too old or too many go.  Blocks on files.  Thread of the store, where
 * nothing else is said.
 */
#ifndef RELAYGUARD_STORE_WRITER_H
#define RELAYGUARD_STORE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/conf.h"
#include "store/waiting.h"

#define STORE_BATCH_MAX 1000 /* rows of a transaction */

/* A day that is too old goes when the clock has run evenly for so long, and the next one
 * after as long again: a clock that is wrong for a while takes no days with it. */
#define STORE_TURN_MS INT64_C(21600000)

struct store_options {
	char *path;   /* of the folder; NULL: nothing is stored */
	int keep;     /* days, today included */
	int64_t size; /* bytes of all files */
	bool no_names;
	int64_t copies; /* bytes that copies in Redis may take; 0: there are none */
	struct redis_options redis;
};

struct store_copy;
struct writer;

/* Options are copied, but for those of Redis; copies (NULL: none) outlive it.  NULL: out of
 * memory.  Any thread. */
struct writer *writer_new(const struct store_options *, struct store_copy *);

/* Free it, when nobody uses it any more.  NULL is fine. */
void writer_free(struct writer *);

/* Whether what is put can be written, as far as is known.  Any thread. */
bool writer_is_up(const struct writer *);

/* How many rows it takes at a time.  Any thread. */
unsigned writer_batch(const struct writer *);

/* Whether the last attempt has failed. */
bool writer_has_failed(const struct writer *);

/* When it wants to be called, though there is nothing to write, in clock_ms(). */
int64_t writer_next_look(const struct writer *);

/* Before anything is written: what stands in the way is said. */
void writer_begin(struct writer *);

/* Write a batch, which is freed, and hours that are due; what could not be written, and is to
 * be tried again.  NULL: there are no rows.  last: no day begins any more. */
struct waiting *writer_write(struct writer *, struct waiting *batch, bool last);

/* Write what was counted, and close the file. */
void writer_end(struct writer *);

#endif
