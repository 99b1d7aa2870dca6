/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/nametable.h - what a data set says of each name: a million of them.
 *
 * Built once by one thread, sealed, then read by any number of them.
 */
#ifndef RELAYGUARD_DATA_NAMETABLE_H
#define RELAYGUARD_DATA_NAMETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/codesets.h"

struct nametable;

/* An empty table; NULL when memory is out. */
struct nametable *nametable_new(void);
void nametable_free(struct nametable *);

/*
 * Add a name in lower case, without a last dot, of 1 to 253 bytes: itself, or all that is below
 * it, or both.  code 0: it is not listed.  False: memory is out, or there are too many.
 */
bool nametable_add(
    struct nametable *, const char *name, bool itself, bool below, uint32_t code);

/* How many entries there are; of a sealed table, what is left of them. */
size_t nametable_count(const struct nametable *);

/*
 * End the building: sets of codes are put into the one given, which is kept beside the table.
 * Of a name that is there several times all codes count; where one excludes it, that does.
 * False: memory is out.  Only now may the table be searched.
 */
bool nametable_seal(struct nametable *, struct codesets *);

/*
 * The number of the set of codes of a name in lower case, or else of the longest of its parents
 * that stands for what is below it; CODESET_NONE: it is not listed.
 */
uint32_t nametable_find(const struct nametable *, const char *name);

#define NAMETABLE_NAME_SIZE 254 /* of a name, with its NUL */

/*
 * The first name added that is of such a kind and has all that is below it listed; false: there
 * is none, and nothing is written.
 */
bool nametable_parent(const struct nametable *, bool (*is_of_kind)(const char *name),
    char name[NAMETABLE_NAME_SIZE]);

/* The bytes that a sealed table takes. */
size_t nametable_bytes(const struct nametable *);

#endif
