/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/quota.h - how much lists are asked about the clients of one network: a /24 of IPv4,
 * a /64 of IPv6, which one host can have all addresses of.  Any thread, waits
 * for a mutex that is held for less than a microsecond.
 */
#ifndef RELAYGUARD_LOOKUP_QUOTA_H
#define RELAYGUARD_LOOKUP_QUOTA_H

#include <stdbool.h>

#include "base/ipaddr.h"

enum quota {
	QUOTA_ADDRESS, /* of a client */
	QUOTA_NAME,    /* that it says, or has: ten times as many */
	QUOTAS
};

/*
 * One question more, to all lists, for a client: whether its network has one left
 * of so many a minute (0: as many as there are), which can all be asked at once.  If
 * not, that is counted, and logged once a minute for all networks.
 */
bool quota_take(const struct ipaddr *client, enum quota, unsigned per_minute);

/* Forget how much was asked about the network of a client; whether anything was known. */
bool quota_forget(const struct ipaddr *client);

#endif
