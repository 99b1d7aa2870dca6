/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/promise.h - a number that somebody finds out, for a session that will want it.
 *
 * A promise is made with two references: of who keeps it, and of who waits.  Any thread may
 * keep one; nobody waits on the I/O thread.
 */
#ifndef RELAYGUARD_LOOP_PROMISE_H
#define RELAYGUARD_LOOP_PROMISE_H

#include <stdint.h>

struct loop;
struct promise;
struct promises;

/* Where promises are made; NULL: out of memory. */
struct promises *promises_new(struct loop *);

/* End; all promises must be released.  NULL is fine. */
void promises_free(struct promises *);

/*
 * Let everybody go who waits for a promise, now and from now on: the daemon is
 * stopping.  Any thread.
 */
void promises_hurry(struct promises *);

/* NULL: out of memory.  Any thread, as for what follows. */
struct promise *promise_new(struct promises *);

/*
 * Have another promise kept with this one, which is not kept yet: the reference of
 * who keeps the other is given up.
 */
void promise_join(struct promise *, struct promise **other);

/* Say the number, once, and give up the reference; NULL is fine. */
void promise_keep(struct promise **, int value);

/*
 * The number, as soon as it is there; otherwise, once clock_ms() has reached
 * deadline, or for no promise at all (NULL), or in a hurry: that one.  Any thread
 * but the I/O thread.
 */
int promise_wait(struct promise *, int64_t deadline, int otherwise);

/* Give up the reference of who waits; NULL is fine. */
void promise_release(struct promise **);

#endif
