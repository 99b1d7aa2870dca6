/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/waiters.h - the facts of a single-flight lookup as they come in, and the sessions that
 * wait for them.
 * Locks: the waiters of a lookup have one mutex; no two are held at once, and none during I/O
 * or callbacks but for lookup_enough, which is pure.
 */
#ifndef RELAYGUARD_LOOKUP_WAITERS_H
#define RELAYGUARD_LOOKUP_WAITERS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "loop/loop.h"

struct waiter;

/*
 * Whether what is known is enough, while the lists in pending have not
 * answered.  Pure, short; maybe called with the waiters' lock held.
 */
typedef bool lookup_enough(const void *arg, const struct fact *facts, listset pending);

/* It never is: all lists are waited for. */
lookup_enough waiters_never;

struct waiters {
	struct loop *loop;
	const atomic_bool *hurry; /* nobody is to wait any more */
	unsigned n;               /* lists of the roster */
	listset lists;            /* those that are heard here */
	pthread_mutex_t mutex;    /* guards what follows */
	listset pending;
	listset held;    /* of these, those that are not asked yet, ... */
	listset proving; /* ... and those that have spoken, and nobody has confirmed it yet */
	struct waiter *waiters;
	struct fact *facts;
};

/*
 * Hear the lists of a roster of n: those in missing have not answered, what the
 * others have said is in known (copied); nobody is asked those in held, of these.  False: out
 * of memory.
 */
bool waiters_init(struct waiters *, struct loop *, const atomic_bool *hurry, unsigned n,
    listset lists, const struct fact *known, listset missing, listset held);
void waiters_clear(struct waiters *);

/* Nobody asks these lists, of those that have not answered, until waiters_unhold(): to wait for
 * them alone is to wait for nobody.  Any thread, as are waiters_held(): those that are held, and
 * waiters_pending(): all that have not answered. */
void waiters_hold(struct waiters *, listset);
void waiters_unhold(struct waiters *, listset);
listset waiters_held(struct waiters *);
listset waiters_pending(struct waiters *);

/* A list has spoken, and that is to be confirmed; those of which that is so.  Any thread. */
void waiters_prove(struct waiters *, unsigned list);
listset waiters_proving(struct waiters *);

/* What is known by now, a fact for each list of the roster; returns the lists that have not
 * answered.  Any thread. */
listset waiters_peek(struct waiters *, struct fact *facts);

/*
 * A list has answered, or is not waited for any more; what comes later than that changes nothing.
 * Whoever waits sees it at the next waiters_wake(), so that answers which come together are
 * looked at together.  Any thread.
 */
void waiters_settle(struct waiters *, unsigned list, const struct fact *);

/* The same of several lists at once; facts has a place for each list of the roster. */
void waiters_settle_all(struct waiters *, listset lists, const struct fact *facts);

/* Let those go for whom it is enough; all of them in a hurry.  Any thread. */
void waiters_wake(struct waiters *);

/* Wait at n lookups of one roster, n at most ROLES, each of other lists, until
 * it is enough, or all that are asked have answered, or clock_ms() reaches deadline.  Then facts,
 * one for each list of the roster, has what is known to their lists, and the lists
 * that have not answered are returned; but: whoever waits knows himself what these say.  Any
 * thread but the I/O thread.
 */
listset waiters_wait(struct waiters *const *, unsigned n, listset but, lookup_enough *,
    const void *arg, int64_t deadline, struct fact *facts);

#endif
