/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sharedvalue.h - the value that nodes share of an address or a name: what each list
 * has said of it, and until when, counted back from the end of the key that has it.  Pure.
 *
 *   value  = "2" facts *( ( ">" / "<" ) shift facts )
 *   facts  = 1*( list codes before *code )
 *   list   = 6 digits; sharedvalue_list()
 *   codes  = "0" to "8": how many follow; 0: the list is clear
 *   before = 2 digits: so many seconds before the end of the key it ends
 *   code   = 4 digits: the last three octets
 *   shift  = 3 hexadecimal digits: seconds
 *
 * Digits are of base 64: 0-9 A-Z a-z - _.  Who adds facts to a value has put off the end of
 * the key by ">" shift, so that those before it end so much earlier; or has left it, and its
 * facts are counted from "<" shift before it.  Of two facts of a list the last one counts.
 */
#ifndef RELAYGUARD_REDIS_SHAREDVALUE_H
#define RELAYGUARD_REDIS_SHAREDVALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/strbuf.h"
#include "lists/evidence.h"
#include "lists/listing.h"

#define SHAREDVALUE_VERSION "2"
#define SHAREDVALUE_BEFORE_MAX 4095                            /* seconds */
#define SHAREDVALUE_FACT_MAX (9 + 4 * FACT_CODES)              /* bytes */
#define SHAREDVALUE_MAX (2 + LISTS_MAX * SHAREDVALUE_FACT_MAX) /* all that one node writes */

/* What a list is called there, in 36 bits: made of its label and the tag of its zone. */
uint64_t sharedvalue_list(const struct listing *);

/* Add what a list says, which is clear or listed, and ends so many seconds before. */
void sharedvalue_add(struct strbuf *, uint64_t list, const struct fact *, unsigned before);

/* A fact as it stands there; its end is yet to be reckoned. */
struct sharedvalue_fact {
	uint64_t list;
	struct fact fact; /* without its end, codes in order */
	unsigned before;  /* seconds before the end of the key */
};

struct sharedvalue_reader {
	const char *at, *end;
	unsigned later; /* by how much the end was put off after what is read now */
	unsigned apart; /* from how much before it what is read now is counted */
};

/* Begin to read len bytes, which anybody may have written.  False: they are no such value. */
bool sharedvalue_begin(struct sharedvalue_reader *, const char *value, size_t len);

/* Take the next fact; false: there is none. */
bool sharedvalue_next(struct sharedvalue_reader *, struct sharedvalue_fact *);

#endif
