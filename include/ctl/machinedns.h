/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/machinedns.h - what this machine's resolvers say of names and addresses.  One thread;
 * blocks until the deadline of the machine at most.
 */
#ifndef RELAYGUARD_CTL_MACHINEDNS_H
#define RELAYGUARD_CTL_MACHINEDNS_H

#include "base/ipaddr.h"
#include "ctl/machine.h"
#include "dns/wire.h"

/* Ask for records: DNS_FOUND or DNS_ABSENT, good until the next call; NULL: nobody says. */
const struct dns_reply *machinedns_ask(struct machine *, enum dns_type, const char *name);

/* Whether a name has that address, or, where that is NULL, any; known: somebody says so. */
bool machinedns_leads_to(
    struct machine *, const char *name, const struct ipaddr *address, bool *known);

enum machinedns_name {
	MACHINEDNS_UNKNOWN, /* nobody says */
	MACHINEDNS_NONE,    /* it has no name, */
	MACHINEDNS_STRAY,   /* one that does not lead back, */
	MACHINEDNS_CONFIRMED
};

/* The name of an address (RFC 8601, 2.7.3, "iprev"), in so far as it has one. */
enum machinedns_name machinedns_name(
    struct machine *, const struct ipaddr *, char out[DNSWIRE_NAME_SIZE]);

#endif
