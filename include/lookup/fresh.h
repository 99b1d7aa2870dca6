/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/fresh.h - what lists say at this moment, by DNS alone, on nobody's behalf.  Any thread
 * but the I/O thread.
 */
#ifndef RELAYGUARD_LOOKUP_FRESH_H
#define RELAYGUARD_LOOKUP_FRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"

struct lookups;

#define FRESH_MS 12000 /* that lists have, their confirmations included */

/* What lists, which all are of the subject's role, are asked about. */
struct fresh_question {
	struct subject subject;
	listset lists; /* 0: nobody is asked */
};

/*
 * Ask for an answer to each role's question, and wait for all, FRESH_MS at most; facts: one
 * for each list of the roster, of which those of others stay as they are.  The answers are no witness of what lists say of clients.
 * False: there is no room for all questions now.
 */
bool fresh_ask(
    struct lookups *, struct roster *, const struct fresh_question[ROLES], struct fact *facts);

#endif
