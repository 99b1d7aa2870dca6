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

/* Ask a list, if it can hold the subject and is to be asked at all; the lookup's waiters hear
 * what it says, perhaps within this call.  It keeps the lookup open until then. */
void question_ask(struct lookup *, unsigned list);

/* Ask all lists of a set. */
void question_ask_set(struct lookup *, listset lists);

/* If it was to be asked again in a moment: it is not, and the first answer stands.  The lookup
 * may be gone then.  False: it was not. */
bool question_hasten(struct question *);

#endif
