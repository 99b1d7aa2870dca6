/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/ip6text.h - IPv6 addresses and networks as rbldnsd's files have them: a network may be
 * written without its last groups.  Pure.
 */
#ifndef RELAYGUARD_DATA_IP6TEXT_H
#define RELAYGUARD_DATA_IP6TEXT_H

#include <stdbool.h>

#include "base/ipaddr.h"

/*
 * Read "2001:db8::1", or the first groups of it, "2001:db8": the length is that of all groups
 * that are there, or 128 with a "::".  It goes past what it has read.  Nothing is folded to
 * IPv4.  False: there is none.
 */
bool ip6text_groups(const char **at, struct network *);

/* The same with a length, "2001:db8::/32", "2001:db8/32"; without one, there are two groups at
 * least.  False: there is none, or bits are set past its length. */
bool ip6text_network(const char **at, struct network *);

#endif
