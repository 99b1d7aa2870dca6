/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/asking.h - which lists are asked about a client, and when, where not all are: those
 * first that may decide alone, the others while the verdict is open.  Pure, but for reading
 * what lists have said of late (lists/usage.h).
 */
#ifndef RELAYGUARD_VERDICT_ASKING_H
#define RELAYGUARD_VERDICT_ASKING_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/listing.h"
#include "verdict/policy.h"
#include "verdict/verdict.h"

/* Before the recipient is known all policies count.  Built by conf/conf.c, never changed. */
struct asking {
	bool frugal;     /* there are lists that not everybody is asked about */
	unsigned sample; /* of all who connect, one in so many is asked about at all; 0: none */
	unsigned lists;  /* that only policies name which ask as it is needed */
	listset always;  /* asked whatever is known: named by policies that ask all; ... */
	listset first;   /* ... asked at once, if nothing is known against the client */
	listset candidates; /* may decide alone */
};

/* Fill it in, but for sample.  allowing: who speaks for a client is asked about each, for nobody
 * is to be taken for a prober whom they vouch for. */
void asking_plan(
    struct asking *, const struct policies *, const struct roster *, bool allowing);

/* Whether a client on no list is let through before all the lists of the policy have answered. */
bool asking_saves(const struct policy *, const struct roster *);

/*
 * The lists that are asked at once about a client of whom nothing is known, besides those
 * in always: of the candidates so many, those first that have listed most of late, that one
 * more would cost more questions than it saves; but: they need not be asked.
 */
listset asking_first(const struct asking *, const struct roster *, listset but);

/*
 * Whether no answer that is still missing, of the lists in pending, can change the action, nor
 * whether SPF or the host is asked for.
 */
bool asking_enough(const struct verdict_input *, listset pending);

/*
 * Those of the lists in held, which nobody has asked and which are pending, as others may be,
 * that are to be asked now.  0: what is known is enough, or will be, or nothing of theirs can
 * matter.  all: all that can; else so few that if they say nothing, and so do those that are
 * asked already, it is enough.
 */
listset asking_next(const struct verdict_input *, listset pending, listset held, bool all);

#endif
