/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/ownfacts.h - what lists of own evidence say of an address, as facts.  Any thread;
 * never blocks.
 */
#ifndef RELAYGUARD_SESSION_OWNFACTS_H
#define RELAYGUARD_SESSION_OWNFACTS_H

#include "lists/evidence.h"
#include "lists/listing.h"
#include "own/options.h"

struct locallist;

/* Where they are known; both outlive who asks. */
struct ownfacts {
	struct locallist *entries; /* NULL: there are none */
	const struct own_options *options;
};

/*
 * What is so now: FACT_LISTED with the codes that the list declares, else FACT_CLEAR.  The
 * list covers the address (listing_covers()).
 */
void ownfacts_find(
    const struct ownfacts *, const struct listing *, const struct ipaddr *, struct fact *);

#endif
