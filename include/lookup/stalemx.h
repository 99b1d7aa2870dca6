/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/stalemx.h - domains that are not ours, and whose DNS still sends their mail here: what
 * is refused then is ordinary mail, and its administrator is to be told.  Any thread, never
 * blocks.  Bounded: of a domain that nobody has looked up yet, one is looked up each second.
 */
#ifndef RELAYGUARD_LOOKUP_STALEMX_H
#define RELAYGUARD_LOOKUP_STALEMX_H

#include <stdbool.h>

#include "base/ipaddr.h"

struct loop;
struct stalemx;
struct upstream;

/* NULL: out of memory. */
struct stalemx *stalemx_new(struct loop *, struct upstream *);

/* After the upstream has ended; NULL is fine. */
void stalemx_free(struct stalemx *);

/*
 * Whether the MX records of a domain, or its address where it has none, are known to lead to
 * this server, by the name (NULL: not known) or the address (of no bits: not known).  Of what
 * is not known it is found out, and false; if they do so, that is logged, once a day.
 */
bool stalemx_leads_here(
    struct stalemx *, const char *domain, const char *name, const struct ipaddr *address);

#endif
