/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/deferral.h - since when a client is put off because a listing of it could not be
 * proven.  Any thread.
 *
 * Kept in the memory cache, and so bounded: what makes room there begins anew.
 */
#ifndef RELAYGUARD_LOOKUP_DEFERRAL_H
#define RELAYGUARD_LOOKUP_DEFERRAL_H

#include "base/ipaddr.h"
#include "lists/listing.h"

struct memcache;

/* For so long a client is put off for want of a confirmation, in milliseconds, and no longer. */
#define DEFERRAL_MS 3600000

/* The client is put off now, at clock_ms(), by what these lists say. */
void deferral_note(
    struct memcache *, const struct ipaddr *client, const struct roster *, listset lists);

/* Those of the lists by which the client was first put off so long ago, or longer. */
listset deferral_over(
    struct memcache *, const struct ipaddr *client, const struct roster *, listset lists);

#endif
