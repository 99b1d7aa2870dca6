/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/localword.c - the same for a session, and for what one would have come to. */
#include "config.h"

#include "conf/localword.h"

#include <stddef.h>

#include "conf/conf.h"

struct localword
localword_find(const struct conf *conf, const struct ipaddr *address)
{
	struct prefix_match allow, deny;
	bool allowed = prefix_find(conf->allow.set, address, &allow);
	bool denied = prefix_find(conf->deny.set, address, &deny);

	if (allowed && (!denied || allow.len >= deny.len))
		return (struct localword){.allowed = true, .reason = allow.reason};
	if (denied)
		return (struct localword){.denied = true, .reason = deny.reason};
	return (struct localword){.reason = NULL};
}

static bool
is_trusted(const struct domainset *trusted, const char *name)
{
	return name != NULL && domainset_find(trusted, name, NULL);
}

bool
localword_trusts_host(const struct conf *conf, const char *name)
{
	return is_trusted(conf->allow_hosts, name);
}

bool
localword_trusts_sender(const struct conf *conf, const char *name)
{
	return is_trusted(conf->allow_senders, name);
}
