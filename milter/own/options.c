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

bool
own_options_exclude(const struct own_options *o, const struct ipaddr *addr)
{
	struct prefix_match match;

	return !ipaddr_is_global(addr) ||
	    (o->networks != NULL && prefix_find(o->networks, addr, &match));
}
