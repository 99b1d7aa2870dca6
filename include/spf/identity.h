/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/identity.h - whom a sender policy is asked about: a client, and what it says
 * it is.  Pure.
 */
#ifndef RELAYGUARD_SPF_IDENTITY_H
#define RELAYGUARD_SPF_IDENTITY_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "spf/wire.h"

struct spf_identity {
	struct ipaddr client;
	char *helo, *sender, *receiver; /* as a message may have them */
};

/*
 * Whether there can be a policy: not for ourselves, nor for what is no domain
 * (RFC 7208, 4.3).
 */
bool spfidentity_has_policy(const struct ipaddr *client, const char *helo, const char *sender);

/* Copy one that can; false: out of memory, and it is clear. */
bool spfidentity_copy(struct spf_identity *, const struct ipaddr *client, const char *helo,
    const char *sender, const char *receiver);
void spfidentity_clear(struct spf_identity *);

/* An order of them all. */
int spfidentity_compare(const struct spf_identity *, const struct spf_identity *);

/* The message that asks for its result. */
struct spf_message spfidentity_check(const struct spf_identity *, uint32_t number);

#endif
