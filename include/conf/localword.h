/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/localword.h - what allow and deny of a configuration say of a client.  Pure.
 */
#ifndef RELAYGUARD_CONF_LOCALWORD_H
#define RELAYGUARD_CONF_LOCALWORD_H

#include <stdbool.h>

#include "base/ipaddr.h"

struct conf;

/* At most one of both. */
struct localword {
	bool allowed, denied;
	const char *reason; /* of the set that decides, or NULL; lives as long as conf */
};

/* Of an address: the more specific network wins; of two of the same size, the one that
 * allows. */
struct localword localword_find(const struct conf *, const struct ipaddr *);

/* Whether a name, which may be NULL, is one of the hosts, or of the senders' domains, that are
 * believed where they can be proven. */
bool localword_trusts_host(const struct conf *, const char *name);
bool localword_trusts_sender(const struct conf *, const char *name);

#endif
