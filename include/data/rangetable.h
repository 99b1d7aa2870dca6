/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/rangetable.h - what a data set says of each IPv4 address: ranges that lie in and across
 * each other become pieces that do not.
 *
 * Built once by one thread, sealed, then read by any number of them.  At most 24 bytes an
 * entry, mostly 19; up to twice as much while it is built.
 */
#ifndef RELAYGUARD_DATA_RANGETABLE_H
#define RELAYGUARD_DATA_RANGETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/codesets.h"

struct rangetable;

/* What an entry comes to that is as specific as another one of the same address. */
enum range_doubles {
	RANGE_UNITE, /* both codes count; where one excludes the address, that does (ip4set) */
	RANGE_FIRST  /* the first one counts; such are networks (ip4trie) */
};

struct range_entry {
	uint32_t first, last;
	uint32_t code;  /* 0: these addresses are not listed, whatever is less specific */
	uint32_t level; /* 0 to 32: how specific it is */
};

/* An empty table; NULL when memory is out. */
struct rangetable *rangetable_new(enum range_doubles);
void rangetable_free(struct rangetable *);

/* Add an entry.  False: memory is out, or there are too many. */
bool rangetable_add(struct rangetable *, const struct range_entry *);

/* How many there are; of a sealed table, how many there were. */
size_t rangetable_count(const struct rangetable *);

/*
 * End the building: sets of codes are put into the one given, which is kept beside the table.
 * False: memory is out.  Only now may the table be searched.
 */
bool rangetable_seal(struct rangetable *, struct codesets *);

/* The number of the set of codes of an address; CODESET_NONE: it is not listed. */
uint32_t rangetable_find(const struct rangetable *, uint32_t addr);

/*
 * Have memory bring what a search for an address will need: its first step, and, after that has
 * been done for all tables there are, its second one.
 */
void rangetable_fetch(const struct rangetable *, uint32_t addr, unsigned step);

/* For how many addresses a sealed table has a set. */
uint64_t rangetable_covered(const struct rangetable *);

/* The bytes that a sealed table takes. */
size_t rangetable_bytes(const struct rangetable *);

#endif
