/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/codesets.h - sets of A records, each kept once and known by a number.
 *
 * Filled by one thread, then read by any number of them.
 */
#ifndef RELAYGUARD_DATA_CODESETS_H
#define RELAYGUARD_DATA_CODESETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODESET_MAX 32  /* records of a set; more of them are left out */
#define CODESET_NONE 0U /* the number of the empty set */

struct codesets;

/* Codes in host order, ascending, each once. */
struct codeset {
	unsigned n;
	uint32_t code[CODESET_MAX];
};

/* Nothing but the empty set; NULL when memory is out. */
struct codesets *codesets_new(void);
void codesets_free(struct codesets *);

/* Add a code to a set; one that is there, or too many: no change. */
void codeset_add(struct codeset *, uint32_t code);

/* The number of a set, the same for equal ones.  False: memory is out. */
bool codesets_number(struct codesets *, const struct codeset *, uint32_t *number);

/* The set of a number. */
struct codeset codesets_get(const struct codesets *, uint32_t number);

/* The bytes that they take. */
size_t codesets_bytes(const struct codesets *);

#endif
