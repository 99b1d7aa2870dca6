/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/hostcheck.h - whether the name that an address goes by leads back to it: only
 * then is the name to be believed (RFC 8601, 2.7.3).  Any thread, never blocks.
 */
#ifndef RELAYGUARD_LOOKUP_HOSTCHECK_H
#define RELAYGUARD_LOOKUP_HOSTCHECK_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "verdict/result.h"

struct loop;
struct promise;
struct promises;
struct upstream;

/*
 * Ask for the addresses of a name (copied), and keep the promise with an enum
 * host, some seconds later at the latest; not HOST_UNCHECKED.  Any thread, never
 * blocks.  NULL: out of memory; who waits for it has HOST_UNKNOWN.  quiet: no client
 * wants to know, and nothing is counted.
 */
struct promise *hostcheck_start(struct loop *, struct upstream *, struct promises *,
    const struct ipaddr *client, const char *name, bool quiet);

#endif
