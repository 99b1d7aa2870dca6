/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/mempage.h - a page of the memory cache: a record an address, of what all lists have
 * said about it.  A slotted page: a directory in front, records of any length from the end.
 * What finds no room pushes out the records that end first.  Pure; one thread at a time.
 */
#ifndef RELAYGUARD_LOOKUP_MEMPAGE_H
#define RELAYGUARD_LOOKUP_MEMPAGE_H

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "lists/evidence.h"
#include "lists/listing.h"

#define MEMPAGE_BYTES 2048
#define MEMPAGE_LINE 64 /* bytes of a cache line */

/* All zero: an empty one; as it is again when all has been erased. */
struct mempage {
	alignas(MEMPAGE_LINE) uint16_t records;
	uint16_t used;  /* bytes of them */
	uint16_t facts; /* in them, with those that have expired */
	uint16_t unused;
	unsigned char body[MEMPAGE_BYTES - 8];
};

/* Where a record is; MEMPAGE_NONE: there is none. */
#define MEMPAGE_NONE UINT16_MAX

/* Bring into the processor's cache what a search reads first. */
void mempage_prefetch(const struct mempage *);

/* The record of an address; tag: 16 bits of its hash, the same as when it was put. */
unsigned mempage_find(const struct mempage *, uint16_t tag, const struct ipaddr *);

/*
 * Fill facts[i] for each list i of the roster that is in wanted, in the record, and has not
 * expired; those that are wanted are of one role, so that their ids are different; returns
 * these lists.  Other facts are not touched.
 */
listset mempage_read(const struct mempage *, unsigned record, const struct roster *,
    listset wanted, int64_t now, struct fact *facts);

/* The same for one list, by its id, expired or not; false: it is not in there. */
bool mempage_read_one(const struct mempage *, unsigned record, uint32_t list_id, struct fact *);

/*
 * Keep a fact, in place of the one before.  Not kept: FACT_UNKNOWN, one that does not fit
 * into a page with the others of its address, and those of a list whose id is beyond what a
 * record can hold (MEMPAGE_IDS, but for the two highest bits).
 */
#define MEMPAGE_IDS 0x4000U
void mempage_put(struct mempage *, uint16_t tag, const struct ipaddr *, uint32_t list_id,
    const struct fact *);

/* The same for these lists of a roster, facts[i] for list i: their record is looked for once. */
void mempage_put_all(struct mempage *, uint16_t tag, const struct ipaddr *,
    const struct roster *, listset lists, const struct fact *facts);

/* Remove a record, without a trace. */
void mempage_erase(struct mempage *, unsigned record);

#endif
