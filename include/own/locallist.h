/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/locallist.h - whom our own evidence has listed, for what, and until when: the list
 * "local".  Any thread; never blocks, for its lock is held for some microseconds.
 *
 * One entry a client: an address of IPv4, a /64 of IPv6.  Its size is fixed.  Nobody can
 * choose addresses that meet in one place, and one /48 has a sixteenth of it at most; where
 * all is taken, those go first that are over, then those listed for the weakest reason.
 * Times are seconds since 1970, as the caller says.
 */
#ifndef RELAYGUARD_OWN_LOCALLIST_H
#define RELAYGUARD_OWN_LOCALLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "own/localrecord.h"

#define LOCALLIST_CLIENTS 65536
#define LOCALLIST_SHARE 16 /* one /48 has one part of so many */

struct locallist;

/* For so many clients.  NULL: out of memory. */
struct locallist *locallist_new(size_t clients);
void locallist_free(struct locallist *);

/* How long listings last from now on, in seconds: the first one, and repetitions. */
void locallist_configure(struct locallist *, const uint32_t life[LOCAL_LIVES]);

/*
 * List a client, which the caller has not excused, or renew it, for the lifetime that is its
 * due; for what traps may list for it is not renewed, but listed again once that is over.
 * LOCAL_REFUSED where the address is not global.
 */
enum local_change locallist_list(struct locallist *, const struct ipaddr *, enum local_reason,
    const char *rule, uint32_t now);

/* The same until a date, which may be sooner than it was. */
enum local_change locallist_list_until(struct locallist *, const struct ipaddr *,
    enum local_reason, const char *rule, uint32_t now, uint32_t until);

/*
 * Find a client.  False: it is listed for nothing now; the entry is what it was, or has an
 * address of no bits.
 */
bool locallist_find(
    struct locallist *, const struct ipaddr *, uint32_t now, struct local_entry *);

/* Remove a client, for all reasons at once; nobody is asked why. */
enum local_removal locallist_remove(struct locallist *, const struct ipaddr *, uint32_t now);

/*
 * Take over an entry as the store or another node has it, if it is newer than what is here;
 * bits of reasons are not read.  False: it is not, nobody can be listed at that address, or
 * there is no place.
 */
bool locallist_put(struct locallist *, const struct local_entry *, uint32_t now);

/*
 * Join an entry of another node with what is here: of each reason the stay that began last,
 * and the removals of both, the last of which ends what had begun by then.  Nodes that have
 * told each other all have the same, in whatever order.  Bits of reasons are not read.
 * False: nobody can be listed at that address, or there is no place.
 */
bool locallist_join(struct locallist *, const struct local_entry *, uint32_t now);

/* Call fn with a copy of each entry that is listed now, of now = 0 those that were, too; in no
 * order, without the lock. */
void locallist_each(struct locallist *, uint32_t now,
    void (*fn)(void *arg, const struct local_entry *), void *arg);

/* Forget those that were over LOCAL_KEEP_S ago. */
void locallist_expire(struct locallist *, uint32_t now);

#define LOCAL_WATCHERS 4

/*
 * Have fn called at each change but those by locallist_put(), which is neither LOCAL_SAME
 * nor refused: in their order and with the lock, so that it may copy and wake, and must call
 * nothing of the list.  Before other threads know the list.
 */
typedef void local_watcher(
    void *arg, const struct local_entry *, enum local_change, enum local_reason);
void locallist_watch(struct locallist *, local_watcher *, void *arg);

/* What the list has come to. */
struct local_figures {
	uint64_t listed[LOCAL_REASONS]; /* since the start, each time anew */
	uint64_t removals, holds;       /* since the start */
	uint64_t full;                 /* listings that had no place, or took that of another */
	size_t entries[LOCAL_REASONS]; /* that are listed now */
	size_t clients;                /* the same, each client once */
};

void locallist_figures(struct locallist *, uint32_t now, struct local_figures *);

#endif
