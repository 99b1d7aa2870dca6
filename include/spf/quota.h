/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/quota.h - whom a sender policy is asked about; and how many checks may be under way
 * for one client, and for one domain: whose DNS is silent holds a process for a while,
 * and shall not hold them all.  Pure.
 */
#ifndef RELAYGUARD_SPF_QUOTA_H
#define RELAYGUARD_SPF_QUOTA_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "spf/wire.h"

/* A client, and what it says it is. */
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

struct spfquota;
struct spfquotas;

/* What a check counts for: its client's network, and its sender's domain. */
struct spf_claim {
	struct spfquota *quota[2]; /* NULL: it counts for none */
	bool begun;
};

/* NULL: out of memory. */
struct spfquotas *spfquotas_new(void);

/* End; no claim is left.  NULL is fine. */
void spfquotas_free(struct spfquotas *);

/* Let each have so many under way, one at least. */
void spfquotas_resize(struct spfquotas *, unsigned each);

/*
 * Make the claim of a check: IPv6 clients of one /64 are one, and so are all domains
 * below the one that was registered.  False: out of memory, and it is empty.
 */
bool spfquota_claim(struct spf_claim *, struct spfquotas *, const struct spf_identity *);

/* Whether one under way counts for a quota that is full, so that the other waits. */
bool spfquota_is_in_way(const struct spf_claim *running, const struct spf_claim *waiting);

/* Whether the check may begin now; that it does. */
bool spfquota_may_begin(const struct spf_claim *);
void spfquota_begin(struct spf_claim *);

/* It is over, begun or not; an empty claim is fine. */
void spfquota_end(struct spf_claim *);

#endif
