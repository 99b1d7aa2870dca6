/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/providers.h - big providers of mail: hosts that send for very many people, and domains
 * that very many people have an address in, and mistype.  Pure.
 */
#ifndef RELAYGUARD_OWN_PROVIDERS_H
#define RELAYGUARD_OWN_PROVIDERS_H

#include <stdbool.h>

/* Whether a host of that name, which must have been confirmed in DNS, is a provider's own:
 * none of these domains has customers' hosts in it. */
bool providers_have_host(const char *name);

/* The provider's domain that such a name is one typing error away from: a letter too many, too
 * few, another one, or two in the wrong order.  NULL: none, or it is one itself. */
const char *providers_mistyped(const char *domain);

/* Whether it is one typing error from one name, in lower case, to the other. */
bool providers_is_typo(const char *name, const char *other);

#endif
