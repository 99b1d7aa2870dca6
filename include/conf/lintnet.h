/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lintnet.h - warnings of addresses: of DNS servers, and of networks.  May block
 * on a file.
 */
#ifndef RELAYGUARD_CONF_LINTNET_H
#define RELAYGUARD_CONF_LINTNET_H

#include "base/prefix.h"
#include "base/report.h"
#include "conf/netline.h"
#include "conf/section.h"
#include "lists/listing.h"

/*
 * The DNS servers that are asked: those of the configuration, else those in
 * resolv_conf.  Many lists answer no public one.
 */
void lintnet_resolvers(const struct roster *, const struct word *servers,
    const char *resolv_conf, struct report *);

/* The servers of one list alone. */
void lintnet_own(const struct listing *, const struct word *servers, struct report *);

/* What is odd about a network to allow or to deny, the worst first. */
enum lintnet_oddity {
	LINTNET_ALL,      /* everybody */
	LINTNET_ALL_IPV6, /* everybody with an IPv6 address */
	LINTNET_WIDE,     /* wider than /8, or than /16 of IPv6 */
	LINTNET_PRIVATE,  /* to deny, with addresses that are not of the Internet */
	LINTNET_ODDITIES
};

/* How many networks are odd, and the first of them. */
struct lintnet_counts {
	enum netline_sense sense;
	struct lintnet_odd {
		unsigned n;
		struct network net;
		struct place place;
	} odd[LINTNET_ODDITIES];
};

/* Count a network, which was written there; warn of those that were odd, a line a kind. */
void lintnet_count(
    struct lintnet_counts *, const struct network *, const struct place *written);
void lintnet_say(const struct lintnet_counts *, struct report *);

#endif
