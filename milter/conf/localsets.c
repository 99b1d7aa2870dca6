/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/localsets.c - the same for a session, and for what one would have come to. */
#include "config.h"

#include "conf/localsets.h"

#include <stddef.h>

#include "conf/conf.h"

struct localsets_word
localsets_find(const struct conf *conf, const struct ipaddr *address)
{
	struct prefix_match allow, deny;
	bool allowed = prefix_find(conf->allow, address, &allow);
	bool denied = prefix_find(conf->deny, address, &deny);

	if (allowed && (!denied || allow.len >= deny.len))
		return (struct localsets_word){.allowed = true, .reason = allow.reason};
	if (denied)
		return (struct localsets_word){.denied = true, .reason = deny.reason};
	return (struct localsets_word){.reason = NULL};
}

static bool
is_trusted(const struct domainset *trusted, const char *name)
{
	return name != NULL && domainset_find(trusted, name, NULL);
}

bool
localsets_trust_host(const struct conf *conf, const char *name)
{
	return is_trusted(conf->allow_hosts, name);
}

bool
localsets_trust_sender(const struct conf *conf, const char *name)
{
	return is_trusted(conf->allow_senders, name);
}
