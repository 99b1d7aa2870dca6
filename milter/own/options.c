/* SPDX-License-Identifier: BSD-2-Clause */
/* own/options.c - who is excluded, and the end. */
#include "config.h"

#include "own/options.h"

#include <stdlib.h>

void
own_options_clear(struct own_options *o)
{
	prefix_free(o->networks);
	free(o->removal);
	free(o->contact);
	*o = (struct own_options){.enabled = false};
}

/* Of Teredo (RFC 4380) all clients of one server are in one /64, which would be one entry. */
static bool
is_teredo(const struct ipaddr *addr)
{
	static const struct ipaddr teredo = {128, {0x20, 0x01}};

	return ipaddr_within(addr, &teredo, 32);
}

bool
own_options_exclude(const struct own_options *o, const struct ipaddr *addr)
{
	struct prefix_match match;

	return !ipaddr_is_global(addr) || is_teredo(addr) ||
	    (o->networks != NULL && prefix_find(o->networks, addr, &match));
}
