/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/listid.h - what the listings of one label and zone share, in whichever
 * configuration: their id, their health state, whether an administrator has suspended them,
 * and their counts.  Any thread.
 */
#ifndef RELAYGUARD_LISTS_LISTID_H
#define RELAYGUARD_LISTS_LISTID_H

#include <stdbool.h>

#include "lists/listing.h"

/*
 * Give a listing, which has its label, the id, health state, counts and suspension
 * of that label and zone: those it had before, or new ones that stay as long as we run.  The
 * zone has its key not in it.  False: memory is out.
 */
bool listid_give(struct listing *, const char *zone);

/* The counts of the list of an id, and its label, which stays; NULL: there is no such id, nor
 * a higher one. */
struct list_usage *listid_usage(uint32_t id, const char **label);

#endif
