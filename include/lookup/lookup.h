/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/lookup.h - one subject, an address or a name, being asked about, on behalf of
 * every session that wants to know.
 *
 * An inquiry asks Redis first, then the lists whose answers are missing, all
 * at once, and keeps every answer in memory and in Redis, also one that comes
 * after everybody has left.  It lives by references: one of the I/O thread's
 * while a question is open, one of each session's.
 *
 * Locks: the table of running inquiries has one mutex, which is never held
 * together with a hearing's, nor during I/O, callbacks or logging.
 */
#ifndef RELAYGUARD_LOOKUP_H
#define RELAYGUARD_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lookup/waiters.h"
#include "lists/listing.h"
#include "lists/subject.h"

struct health;
struct inquiries;
struct inquiry;
struct loop;
struct memcache;
struct upstream;

/* The engine.  What it is given stays the caller's.  NULL: out of memory. */
struct inquiries *inquiries_new(
    struct loop *, struct memcache *, struct upstream *, struct health *);

/* After the loop has stopped: what was to be asked again is not.  NULL is fine. */
void inquiries_stop(struct inquiries *);

/*
 * End, after upstream_free() and health_free(), which end what is still asked and
 * what is to be proven; inquiries must be released.  NULL is fine.
 */
void inquiries_free(struct inquiries *);

/*
 * Join the inquiry about a subject that is under way, as inquiry_start() would; NULL:
 * there is none.
 */
struct inquiry *inquiry_join(struct inquiries *, const struct subject *, struct roster *);

/*
 * Ask the lists in missing about a subject (copied), or join the inquiry of the
 * same subject and roster that is under way.  All lists are of the subject's
 * role; known holds a fact for each list of the roster, those of the role not in
 * missing being good already; it is copied.  Any thread, never blocks.  NULL:
 * out of memory, or there are too many (base/limit.h).  The caller owes one
 * inquiry_release().
 */
struct inquiry *inquiry_start(struct inquiries *, const struct subject *, struct roster *,
    const struct fact *known, listset missing);

/*
 * Wait for n inquiries of one roster, each of another role, as hearing_wait()
 * does.  Any thread but the I/O thread.
 */
listset inquiry_wait(struct inquiry *const *, unsigned n, hearing_enough *, const void *arg,
    int64_t deadline, struct fact *facts);

/*
 * Let every waiting session go with what is known, now and from now on: the
 * daemon is stopping.  Any thread.
 */
void inquiries_hurry(struct inquiries *);

/* Drop a reference and clear the pointer.  Any thread. */
void inquiry_release(struct inquiry **);

#endif
