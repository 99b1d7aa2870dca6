/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datalist.h - a list whose entries are here, in files: some data sets, of which each that
 * lists an address has its say.
 *
 * Built once by one thread, then read by any number of them.
 */
#ifndef RELAYGUARD_DATA_DATALIST_H
#define RELAYGUARD_DATA_DATALIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "data/codesets.h"
#include "data/datafile.h"
#include "data/nametable.h"

struct datalist;

/* Who hears of lines that are left out, and of what cannot be read: as of data/datafile.h. */
typedef void datalist_complaint(
    void *arg, const char *file, unsigned line, const char *why, bool fatal);

/* A list without entries, with one reference; NULL when memory is out. */
struct datalist *datalist_new(void);
struct datalist *datalist_ref(struct datalist *);

/* Read no more than so many entries, of all sets: then they are too many.  0: as there are. */
void datalist_limit(struct datalist *, size_t entries);

/* Drop a reference and clear the pointer; the last one frees the list.  NULL in it is fine. */
void datalist_unref(struct datalist **);

/* Read a set and add it; now in clock_wall().  Blocks on the files.  False: it cannot be read,
 * which was said, and the list is good for nothing any more. */
bool datalist_read(struct datalist *, const struct data_source *, int64_t now,
    datalist_complaint *, void *arg, struct data_reading *);

/* How many entries all sets have. */
size_t datalist_count(const struct datalist *);

/* The codes by which an address or, in lower case and without a last dot, a name is listed;
 * none: it is not. */
void datalist_find(const struct datalist *, const struct ipaddr *, struct codeset *);
void datalist_find_name(const struct datalist *, const char *name, struct codeset *);

/*
 * Have memory bring what looking an address up in several lists will need, so that one does not
 * wait for the other: step 1 for all of them, step 2 for all of them, and then they are searched.
 */
#define DATALIST_FETCH_STEPS 2
void datalist_fetch(const struct datalist *, const struct ipaddr *, unsigned step);

/* As nametable_parent(), of the first set that has such a name. */
bool datalist_parent(const struct datalist *, bool (*is_of_kind)(const char *name),
    char name[NAMETABLE_NAME_SIZE]);

/* How many addresses of IPv4 are listed, counted for each set by itself. */
uint64_t datalist_covered(const struct datalist *);

/* The bytes that it takes. */
size_t datalist_bytes(const struct datalist *);

#endif
