/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/hostcheck.c - one question for the addresses of a name.  Whoever has an
 * address writes its reverse name; only the owner of the name writes this one.
 */
#include "config.h"

#include "lookup/hostcheck.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dns/dns.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "upstream/upstream.h"

struct hostcheck {
	struct upstream *upstream;
	struct promise *promise;
	struct ipaddr client;
	bool quiet;
	char *name;
	struct call call;
};

static void
finish(struct hostcheck *h, enum host value)
{
	promise_keep(&h->promise, (int)value);
	free(h->name);
	free(h);
}

static enum host
judge(const struct dns_reply *reply, const struct ipaddr *client)
{
	switch (reply->status) {
	case DNS_FOUND:
		break;
	case DNS_ABSENT:
		return HOST_WRONG;
	case DNS_FAILED:
	case DNS_TIMEOUT:
		return HOST_UNKNOWN;
	}
	/* Of however many there are, the one that is the client's would be here. */
	return dnswire_has_address(reply, client) ? HOST_CONFIRMED : HOST_WRONG;
}

static void
on_dns(void *arg, const struct dns_reply *reply)
{
	struct hostcheck *h = arg;

	finish(h, judge(reply, &h->client));
}

static void
begin(void *arg)
{
	struct hostcheck *h = arg;
	struct dns *dns = upstream_resolver(h->upstream);

	if (dns == NULL)
		finish(h, HOST_UNKNOWN);
	else
		dns_query(dns, h->client.bits == 32 ? DNS_A : DNS_AAAA, h->name, &h->client,
		    h->quiet ? DNS_UNCOUNTED : 0, on_dns, h);
}

struct promise *
hostcheck_start(struct loop *loop, struct upstream *upstream, struct promises *promises,
    const struct ipaddr *client, const char *name, bool quiet)
{
	struct hostcheck *h = calloc(1, sizeof(*h));
	struct promise *promise = promise_new(promises), *to_keep = promise;

	if (h == NULL || promise == NULL || (h->name = strdup(name)) == NULL) {
		free(h);
		promise_keep(&to_keep, HOST_UNKNOWN);
		return promise;
	}
	h->upstream = upstream;
	h->promise = to_keep;
	h->client = *client;
	h->quiet = quiet;
	loop_post(loop, &h->call, begin, h);
	return promise;
}
