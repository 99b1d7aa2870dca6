/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/lookup.h - one subject, an address or a name, being asked about, on behalf of
 * every session that wants to know.
 * A lookup asks Redis first, then the lists whose answers are missing, all
 * at once, and keeps every answer in memory and in Redis, also one that comes
 * after everybody has left.  It lives by references: one of the I/O thread's
 * while a question is open, one of each session's.
 *
 * Locks: the table of running lookups has one mutex, which is never held
 * together with that of its waiters, nor during I/O, callbacks or logging.
 */
#ifndef RELAYGUARD_LOOKUP_H
#define RELAYGUARD_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"
#include "lookup/waiters.h"

struct health;
struct lookups;
struct lookup;
struct loop;
struct memcache;
struct upstream;

/* The engine.  What it is given stays the caller's.  NULL: out of memory. */
struct lookups *lookups_new(
    struct loop *, struct memcache *, struct upstream *, struct health *);

/* After the loop has stopped: what was to be asked again is not, and nothing is shared any more.
 * NULL is fine. */
void lookups_stop(struct lookups *);

/*
 * End, after upstream_free() and health_free(), which end what is still asked and
 * what is to be confirmed; lookups must be released.  NULL is fine.
 */
void lookups_free(struct lookups *);

/* How a lookup is made; 0: for a client. */
enum lookup_flags {
	LOOKUP_QUIET =
	    1,           /* no client asks, so that the answers are no witness of what the lists
			   * say of clients */
	LOOKUP_FRESH = 2 /* only DNS is asked: Redis may not know the latest */
};

/* Which lists a lookup asks. */
struct lookup_order {
	listset missing; /* all that it is about; those that Redis knows need not be asked */
	listset now;     /* of these, those that are asked, ... */
	listset first;   /* ... too, if Redis has nothing against the subject; the rest is held
			  * back until lookup_more() */
	listset sample;  /* those that all such subjects are asked about: what they say is
			  * counted as what they say of clients */
	unsigned epoch;  /* of memory (lookup/memcache.h), before it was looked into */
};

/*
 * Join the lookup about a subject that is under way, as lookup_start() would; NULL:
 * there is none.  The lists in now are asked.
 */
struct lookup *lookup_join(
    struct lookups *, const struct subject *, struct roster *, const struct lookup_order *);

/*
 * Ask the lists in missing about a subject (copied), or join the lookup of the
 * same subject and roster that is under way.  All lists are of the subject's
 * role; known holds a fact for each list of the roster, those of the role not in
 * missing being good already; it is copied.  Any thread, never blocks.  NULL:
 * out of memory, or there are too many (base/limit.h).  The caller owes one
 * lookup_release().  flags: LOOKUP_QUIET and LOOKUP_FRESH; only a fresh one joins a fresh one.
 */
struct lookup *lookup_start(struct lookups *, const struct subject *, struct roster *,
    const struct fact *known, listset missing, unsigned flags);

/* The same, where lists may be held back. */
struct lookup *lookup_start_some(struct lookups *, const struct subject *, struct roster *,
    const struct fact *known, const struct lookup_order *, unsigned flags);

/*
 * Lists that a lookup may hold back, now or later, are to be asked now.  Where it has ended, another takes
 * its place, or NULL, as with lookup_start(): what it knows has been waited for.  Any thread,
 * never blocks.
 */
void lookup_more(struct lookup **, listset);

/* The lists that it holds back by now, and those that have spoken, and are to be confirmed.  Any
 * thread. */
listset lookup_held(struct lookup *);
listset lookup_proving(struct lookup *);

/* Wait for n lookups of one roster, each of another role, as waiters_wait()
 * does.  Any thread but the I/O thread.
 */
listset lookup_wait(struct lookup *const *, unsigned n, listset but, lookup_enough *,
    const void *arg, int64_t deadline, struct fact *facts);

/*
 * Let every waiting session go with what is known, now and from now on: the
 * daemon is stopping; whether that was said.  Any thread.
 */
void lookups_hurry(struct lookups *);
bool lookups_are_hurried(const struct lookups *);

/* Drop a reference and clear the pointer.  Any thread. */
void lookup_release(struct lookup **);

#endif
