/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datatable.h - one data set in memory: what it says of addresses and of names.
 *
 * Built once by one thread, sealed, then read by any number of them.
 */
#ifndef RELAYGUARD_DATA_DATATABLE_H
#define RELAYGUARD_DATA_DATATABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"
#include "data/codesets.h"
#include "data/dataset.h"
#include "data/nametable.h"

struct datatable;

/* An empty one for entries of that format; NULL when memory is out. */
struct datatable *datatable_new(enum data_format);
void datatable_free(struct datatable *);

/* Add an entry.  False: memory is out, or there are too many. */
bool datatable_add(struct datatable *, const struct data_entry *);

/* How many there are. */
size_t datatable_count(const struct datatable *);

/*
 * End the building: entries without a code have that one in common; sets of codes are put into
 * those given, which are kept beside the table.  False: memory is out.  Only now may the table
 * be searched.
 */
bool datatable_seal(struct datatable *, uint32_t common, struct codesets *);

/* Add the codes by which an address or, in lower case, a name is listed; none: it is not. */
void datatable_find(
    const struct datatable *, const struct codesets *, const struct ipaddr *, struct codeset *);
void datatable_find_name(
    const struct datatable *, const struct codesets *, const char *name, struct codeset *);

/* As rangetable_fetch(), for an address of IPv4. */
void datatable_fetch(const struct datatable *, const struct ipaddr *, unsigned step);

/* As nametable_parent(). */
bool datatable_parent(const struct datatable *, bool (*is_of_kind)(const char *name),
    char name[NAMETABLE_NAME_SIZE]);

/* How many addresses of IPv4 a sealed table lists. */
uint64_t datatable_covered(const struct datatable *);

/* The bytes that a sealed table takes. */
size_t datatable_bytes(const struct datatable *);

#endif
