/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lintnet.h - warnings of addresses: of DNS servers, and of networks.  Rank 5; may block
 * on a file.
 */
#ifndef RELAYGUARD_LINTNET_H
#define RELAYGUARD_LINTNET_H

#include "listing.h"
#include "prefix.h"
#include "report.h"
#include "section.h"

/*
 * The DNS servers that are asked: those of the configuration, else those in
 * resolv_conf.  Many lists answer no public one.
 */
void lintnet_resolvers(const struct roster *, const struct word *servers,
    const char *resolv_conf, struct report *);

/* The servers of one list alone. */
void lintnet_own(const struct listing *, const struct word *servers, struct report *);

/* The networks of the section "allow". */
void lintnet_allow(const struct prefix_set *, const struct section *allow, struct report *);

#endif
