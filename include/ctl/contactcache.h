/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/contactcache.h - contacts that were asked for in the last days, in a file, so that nobody
 * is asked again.  One thread; blocks on the file.
 */
#ifndef RELAYGUARD_CTL_CONTACTCACHE_H
#define RELAYGUARD_CTL_CONTACTCACHE_H

#include "base/ipaddr.h"
#include "ctl/contactlist.h"

#define CONTACTCACHE_DAYS 7

struct contactcache;

/* Read contacts.json of a folder, at a time in seconds since 1970; NULL: there is no folder
 * (NULL), or the file cannot be read, which is said on stderr. */
struct contactcache *contactcache_open(const char *folder, int64_t now);

/*
 * Add what a source has said of the network of an address, or, where domain is not NULL, of
 * that; true: it has said something, be it that there is nobody.  A NULL cache has nothing.
 */
bool contactcache_find(struct contactcache *, enum contact_source, const struct ipaddr *,
    const char *domain, struct contactlist *);

/* Keep what a source has said just now of a network or domain, as a scope names it: those of
 * the list that have that source and scope.  NULL: nothing. */
void contactcache_put(struct contactcache *, enum contact_source, const char *scope,
    const struct contactlist *, int64_t now);

/* Write it, if something is new, and end.  NULL: nothing. */
void contactcache_close(struct contactcache *);

#endif
