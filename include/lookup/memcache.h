/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/memcache.h - facts kept in this process.  Any thread, waits for
 * nobody longer than a few instructions.
 *
 * A fixed amount of memory, in shards with a lock each (leaf locks: nothing is
 * called while one is held).  An address has one record, of what all lists said, and so one
 * lock.  The records whose last fact expires first make room.
 */
#ifndef RELAYGUARD_LOOKUP_MEMCACHE_H
#define RELAYGUARD_LOOKUP_MEMCACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "lists/evidence.h"
#include "lists/listing.h"

struct memcache;

#define MEMCACHE_BYTES_MIN ((size_t)1 << 20)

/* A cache of about so many bytes, all taken at once; NULL when they are not to be had. */
struct memcache *memcache_new(size_t bytes);
void memcache_free(struct memcache *);

/*
 * Fill facts[i] for every list i of the roster that is in wanted, all of one role, and known
 * of the address and not expired; source becomes FACT_FROM_MEMORY.  Returns the
 * lists that were found; other facts are not touched.
 */
listset memcache_get(struct memcache *, const struct ipaddr *, const struct roster *,
    listset wanted, int64_t now, struct fact *facts);

/* The same for one list, by its id; false: it is not found. */
bool memcache_find(
    struct memcache *, const struct ipaddr *, uint32_t list_id, int64_t now, struct fact *);

/*
 * An epoch ends when something is erased: what is known from before must not be kept after it.
 * begin_epoch() is for whoever erases it elsewhere first.
 */
unsigned memcache_epoch(const struct memcache *);
void memcache_begin_epoch(struct memcache *);

/*
 * Forget all that is kept of an address, of whatever list, so that no trace of it is left
 * here; how many facts that were.  An epoch begins.
 */
size_t memcache_erase(struct memcache *, const struct ipaddr *);

/* The same of all addresses; a shard's lock is held for some microseconds at a time. */
size_t memcache_erase_all(struct memcache *);

/* How many facts there are, with those that have expired and still have their place; and the
 * bytes of it all. */
void memcache_size(struct memcache *, size_t *entries, size_t *bytes);

/* Keep a fact of a list (by its id) about an address; FACT_UNKNOWN is not kept. */
void memcache_put(
    struct memcache *, const struct ipaddr *, uint32_t list_id, const struct fact *);

/*
 * The same for these lists of a roster, all of one role: facts[i] is what list i says, asked
 * for in that epoch; nothing is kept if it is over.
 */
void memcache_put_all(struct memcache *, const struct ipaddr *, const struct roster *,
    listset lists, const struct fact *facts, unsigned epoch);

#endif
