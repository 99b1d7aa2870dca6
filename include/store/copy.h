/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/copy.h - copies of decisions in a Redis that nodes share, so that each can explain
 * what another one has decided.  Without local parts, for as long as a store keeps days, and
 * never more than so many bytes of ours; what finds no place, or no Redis, is counted.
 */
#ifndef RELAYGUARD_STORE_COPY_H
#define RELAYGUARD_STORE_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/conf.h"
#include "store/dayfile.h"

struct loop;
struct store_copy;

/*
 * Begin to connect; options are copied.  keep: days; size: bytes in the memory of Redis that
 * this node may take.  NULL: out of memory.  Any thread.
 */
struct store_copy *store_copy_new(
    struct loop *, const struct redis_options *, int keep, int64_t size);

/* Put a row, soon, on the I/O thread.  Any thread, never blocks. */
void store_copy_put(struct store_copy *, const struct store_row *);

/* The bytes that were put on a day; and say, after a start, how many there were before. */
int64_t store_copy_used(struct store_copy *, int day);
void store_copy_remember(struct store_copy *, int day, int64_t bytes);

enum store_copy_answer { STORE_COPY_FOUND, STORE_COPY_NONE, STORE_COPY_SILENT };

/*
 * Call fn with the row of a reference, if there is one; it is written "copied".  Waits for
 * Redis, for a second at most.  Any thread but the I/O thread.
 */
enum store_copy_answer store_copy_find(struct store_copy *, const char *ref,
    void (*fn)(void *arg, const struct store_row *), void *arg);

/* Delete the copy of a reference, if there is one; false: Redis does not say.  Waits as above;
 * any thread but the I/O thread. */
bool store_copy_forget(struct store_copy *, const char *ref);

#define STORE_COPY_VALUE_MAX 3073 /* with its NUL */

/* A row as a value; false: it is too long.  Pure, as is its reverse, which cuts the text and
 * borrows from it; false: it is no such value, or another reference's. */
bool store_copy_write(char value[STORE_COPY_VALUE_MAX], const struct store_row *);
bool store_copy_read(char *text, const char *ref, struct store_row *);

/* Where the copies are, in the log's words. */
const char *store_copy_server(const struct store_copy *, char out[REDIS_SERVER_MAX]);

/* End, after the loop has stopped; NULL is fine. */
void store_copy_free(struct store_copy *);

#endif
