/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_check.h - what the tests of the resolver have in common: a server and the
 * thread to ask it from, a resolver that knows it alone, and what each answer must
 * hold.
 */
#ifndef RELAYGUARD_TESTS_DNS_CHECK_H
#define RELAYGUARD_TESTS_DNS_CHECK_H

#include <stdlib.h>

#include "fakes/dns_user.h"
#include "fakes/dnsd.h"
#include "loop/loop.h"
#include "tap.h"

/* The two statuses that say "we do not know", of no matter which. */
#define DNS_UNKNOWN (-1)

/* Make a resolver that asks this server. */
static inline void
dns_check_begin(struct dns_user *u, struct loop *loop, struct dnsd *d)
{
	char *servers[] = {strdup(dnsd_address(d)), NULL};

	ok(dns_user_begin(u, loop, servers), "a resolver is made");
	free(servers[0]);
}

/* What was told of a name: once, not within the call, of this status and TTL. */
static inline void
dns_check_told(const struct dns_told *told, const char *name, int status, uint32_t ttl)
{
	const struct dns_reply *reply = &told->reply;

	ok(told->times == 1 && !told->within, "%s: told once, and later", name);
	if (status == DNS_UNKNOWN)
		ok(reply->status == DNS_FAILED || reply->status == DNS_TIMEOUT, "%s: unknown",
		    name);
	else
		same_num(reply->status, status, name);
	same_num(reply->ttl, ttl, name);
}

/* The whole test: a loop and a server for it.  The value for main() to return. */
static inline int
dns_check_run(void (*test)(struct loop *, struct dnsd *))
{
	struct loop *loop = loop_new();
	struct dnsd *d = dnsd_start();

	if (!ok(loop != NULL && d != NULL && loop_start(loop), "loop and server start"))
		return done();
	test(loop, d);
	loop_stop(loop);
	loop_free(loop);
	dnsd_stop(d);
	return done();
}

#endif
