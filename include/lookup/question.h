/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/question.h - one list is asked about the subject of a lookup.  I/O thread.
 */
#ifndef RELAYGUARD_LOOKUP_QUESTION_H
#define RELAYGUARD_LOOKUP_QUESTION_H

#include <stdbool.h>

#include "lists/listing.h"

struct lookup;
struct question;

/* Ask the lists that are wanted of the lookup and were not asked yet, but for those of which
 * Redis may still tell: each if it can hold the subject and is to be asked at all.  The lookup's
 * waiters hear what they say, perhaps within this call; until then it is open. */
void question_ask_wanted(struct lookup *);

/* If it was to be asked again in a moment: it is not, and the first answer stands.  The lookup
 * may be gone then.  False: it was not. */
bool question_hasten(struct question *);

#endif
