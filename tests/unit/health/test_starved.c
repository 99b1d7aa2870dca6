/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_starved.c - the I/O thread has no memory for a call: what waits for one is
 * done all the same, and nothing stays behind.
 */
#include "config.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limit.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "health/health.h"
#include "lookup/hostcheck.h"
#include "lookup/lookup.h"
#include "lookup/memcache.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "upstream/upstream.h"

#include "tap.h"

static struct loop *loop;
static struct upstream *upstream;

static void
teach(const char *name, uint32_t address)
{
	struct dns_reply reply = {
	    .status = DNS_FOUND, .ttl = 300, .n = 1, .address = {address}};

	if (!fake_dns_teach(name, NULL, &reply, 1))
		abort();
}

static struct roster *
one_list(void)
{
	struct listing *l = calloc(1, sizeof(*l));
	struct roster *roster = roster_new();

	l->label = strdup("a");
	l->zone = strdup("a.example");
	l->name = strdup("a");
	l->ipv4 = true;
	l->id = 1;
	l->nanswers = 1;
	l->answers = calloc(1, sizeof(*l->answers));
	l->answers[0] = (struct answer){.codes = {0x7f000002, 0x7f000002, 0}, .score = 5};
	listing_seal(l);
	roster->list[roster->n++] = l;
	return roster;
}

static bool
never(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	(void)facts;
	(void)pending;
	return false;
}

static void
test_lookup(void)
{
	struct memcache *memory = memcache_new(MEMCACHE_BYTES_MIN);
	struct health *health = health_new(loop, upstream);
	struct lookups *engine = lookups_new(loop, memory, upstream, health);
	struct roster *roster = one_list();
	struct subject subject = {.role = ROLE_ADDRESS};
	struct fact facts[1] = {{0}};
	struct lookup *q;

	limit_set(LIMIT_LOOKUPS, 10, 0);
	ipaddr_parse(&subject.key, "198.51.100.7");
	q = lookup_start(engine, &subject, roster, facts, 1, 0);
	same_num((long long)lookup_wait(&q, 1, 0, never, NULL, clock_ms() + 8000, facts), 0,
	    "the list has answered");
	same_num(facts[0].state, FACT_LISTED, "with what it says");
	lookup_release(&q);
	fake_loop_pass(loop, 10000);
	same_num(limit_count(LIMIT_LOOKUPS), 0, "the inquiry is over");
	lookups_free(engine);
	health_free(health);
	memcache_free(memory);
	roster_unref(&roster);
}

static void
test_hostcheck(void)
{
	struct promises *promises = promises_new(loop);
	struct ipaddr client;
	struct promise *p;

	ipaddr_parse(&client, "198.51.100.7");
	p = hostcheck_start(loop, upstream, promises, &client, "one.example", false);
	same_num(promise_wait(p, clock_ms() + 1000, -1), HOST_CONFIRMED, "a name is looked up");
	promise_release(&p);
	promises_free(promises);
}

int
main(void)
{
	char server[] = "127.0.0.1", *servers[] = {server, NULL};

	clock_freeze(1000000, 1766300000);
	teach("one.example", 0xc6336407);
	teach("7.100.51.198.a.example", 0x7f000002);
	loop = loop_new();
	upstream = upstream_new(loop);
	fake_loop_starve(loop, true);
	upstream_configure(upstream, servers, NULL);
	fake_loop_turn(loop);
	ok(upstream_resolver(upstream) != NULL, "DNS is configured");
	test_hostcheck();
	test_lookup();
	loop_stop(loop);
	upstream_free(upstream);
	loop_free(loop);
	fake_dns_reset();
	return done();
}
