/* SPDX-License-Identifier: BSD-2-Clause */
/* test_hostcheck.c - whether a name leads back to the address that goes by it. */
#include "config.h"

#include "lookup/hostcheck.h"

#include <stdlib.h>

#include "base/clock.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "upstream/upstream.h"

#include "tap.h"

static struct loop *loop;
static struct upstream *upstream;
static struct promises *promises;

static const struct {
	const char *label, *client, *name;
	enum host want;
} rows[] = {
    {"its own", "198.51.100.7", "one.example", HOST_CONFIRMED},
    {"one of several", "198.51.100.7", "many.example", HOST_CONFIRMED},
    {"another's", "198.51.100.8", "one.example", HOST_WRONG},
    {"nobody's", "198.51.100.7", "nobody.example", HOST_WRONG},
    {"no answer", "198.51.100.7", "silent.example", HOST_UNKNOWN},
    {"an error", "198.51.100.7", "broken.example", HOST_UNKNOWN},
    {"not one of very many", "198.51.100.7", "crowd.example", HOST_WRONG},
    {"one of very many", "203.0.113.9", "crowd.example", HOST_CONFIRMED},
    {"IPv6", "2001:db8::7", "six.example", HOST_CONFIRMED},
    {"IPv6 of another", "2001:db8::8", "six.example", HOST_WRONG},
    {"IPv6 that has only IPv4", "2001:db8::7", "one.example", HOST_WRONG},
    {"mapped", "::ffff:198.51.100.7", "one.example", HOST_CONFIRMED},
};

static void
teach(const char *name, enum dns_status status, size_t n, uint32_t first, int64_t after_ms)
{
	struct dns_reply reply = {.status = status, .ttl = 300, .n = n};

	for (size_t i = 0; i < n; i++)
		reply.address[i] = first + (uint32_t)i;
	if (!fake_dns_teach(name, NULL, &reply, after_ms))
		abort();
}

static void
teach_all(void)
{
	static const unsigned char six[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
	struct dns_records records = {.n = 1, .record = {{.len = 16, .data = six}}};
	const struct dns_reply reply = {.status = DNS_FOUND, .ttl = 300, .records = &records};

	teach("one.example", DNS_FOUND, 1, 0xc6336407, 1);
	teach("many.example", DNS_FOUND, 5, 0xc6336404, 1);
	teach("crowd.example", DNS_FOUND, DNS_ADDRESSES, 0xcb007100, 1);
	teach("silent.example", DNS_TIMEOUT, 0, 0, 6000);
	teach("broken.example", DNS_FAILED, 0, 0, 1);
	if (!fake_dns_teach_type(DNS_AAAA, "six.example", NULL, &reply, 1))
		abort();
}

static struct promise *
start(const char *address, const char *name)
{
	struct ipaddr client;

	ipaddr_parse(&client, address);
	return hostcheck_start(loop, upstream, promises, &client, name, false);
}

int
main(void)
{
	char server[] = "127.0.0.1", *servers[] = {server, NULL};
	struct promise *p;

	clock_freeze(1000000, 1766300000);
	loop = loop_new();
	upstream = upstream_new(loop);
	promises = promises_new(loop);
	p = start("198.51.100.7", "one.example");
	same_num(promise_wait(p, clock_ms() + 1000, -1), HOST_UNKNOWN, "nobody to ask");
	promise_release(&p);
	upstream_configure(upstream, servers, NULL);
	teach_all();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		p = start(rows[i].client, rows[i].name);
		same_num(promise_wait(p, clock_ms() + 10000, -1), rows[i].want, rows[i].label);
		promise_release(&p);
	}
	p = start("198.51.100.7", "silent.example");
	same_num(promise_wait(p, clock_ms() + 1000, -1), -1, "no longer than the deadline");
	loop_stop(loop);
	upstream_free(upstream);
	same_num(promise_wait(p, 0, -1), HOST_UNKNOWN, "the end of DNS");
	promise_release(&p);
	promises_free(promises);
	loop_free(loop);
	fake_dns_reset();
	return done();
}
