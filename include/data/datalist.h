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

struct datalist;

/* Who hears of lines that are left out, and of what cannot be read: as of data/datafile.h. */
typedef void datalist_complaint(
    void *arg, const char *file, unsigned line, const char *why, bool fatal);

/* A list without entries; NULL when memory is out. */
struct datalist *datalist_new(void);
void datalist_free(struct datalist *);

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

/* The bytes that it takes. */
size_t datalist_bytes(const struct datalist *);

#endif
