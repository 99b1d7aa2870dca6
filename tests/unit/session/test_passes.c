/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_passes.c - who is let through, by which network, and until when; on the frozen clock,
 * and by many threads at once.
 */
#include "config.h"

#include "session/passes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/prefix.h"

#include "tap.h"

#define THREADS 4
#define ROUNDS 3000

static struct network
network(const char *text)
{
	struct network net;
	char why[128];

	if (!prefix_parse(&net, text, why, sizeof(why)))
		abort();
	return net;
}

static bool
replace(struct passes *p, const char *text, int64_t ms, struct pass *before)
{
	struct pass pass = {.network = network(text), .until = clock_ms() + ms, .by = "root"};

	snprintf(pass.why, sizeof(pass.why), "%s", text);
	return passes_add(p, &pass, before);
}

static bool
add(struct passes *p, const char *text, int64_t ms)
{
	struct pass before;

	return replace(p, text, ms, &before);
}

/* The network by which an address is let through, or NULL. */
static const char *
found(struct passes *p, const char *text)
{
	static struct pass pass;
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		abort();
	return passes_find(p, &addr, &pass) ? pass.why : NULL;
}

static void
test_networks(void)
{
	static const struct {
		const char *address, *by;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1"},
	    {"192.0.2.2", "192.0.2.0/25"},
	    {"192.0.2.127", "192.0.2.0/25"},
	    {"192.0.2.128", NULL},
	    {"10.0.0.1", "10.0.0.0/9"},
	    {"10.128.0.1", NULL},
	    {"2001:db8::1", "2001:db8::/33"},
	    {"2001:db8:8000::1", NULL},
	    {"2001:db8:ffff::1", "2001:db8:ffff::1"},
	    {"::1", NULL},
	};
	struct passes *p = passes_new();
	struct ipaddr nobody = {.bits = 0};
	struct pass pass;

	same_str(found(p, "192.0.2.1"), NULL, "nobody yet");
	ok(add(p, "192.0.2.0/25", 60000) && add(p, "192.0.2.1", 60000) &&
		add(p, "10.0.0.0/9", 60000) && add(p, "2001:db8::/33", 60000) &&
		add(p, "2001:db8:ffff::1", 60000),
	    "five of them");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_str(found(p, rows[i].address), rows[i].by, rows[i].address);
	ok(!passes_find(p, &nobody, &pass), "who has no address has no pass");
	ok(add(p, "0.0.0.0/0", 60000), "all of IPv4");
	same_str(found(p, "192.0.2.128"), "0.0.0.0/0", "is everybody");
	same_str(found(p, "::1"), NULL, "but of IPv6");
	passes_free(p);
}

static void
test_time(void)
{
	struct passes *p = passes_new();
	struct network one = network("192.0.2.1"), net = network("192.0.2.0/24");
	static struct pass all[PASSES_MAX];
	struct pass before;

	ok(replace(p, "192.0.2.1", 5000, &before) && before.network.addr.bits == 0,
	    "the first one replaces none");
	ok(replace(p, "192.0.2.1", 10000, &before) && before.until == clock_ms() + 5000,
	    "the second one tells of the first");
	add(p, "192.0.2.0/24", 30000);
	clock_advance(9999);
	same_str(found(p, "192.0.2.1"), "192.0.2.1", "until its time is up");
	clock_advance(1);
	same_str(found(p, "192.0.2.1"), "192.0.2.0/24", "then by a network that holds it");
	same_num(passes_list(p, all, PASSES_MAX), 1, "what is over is not listed");
	ok(!passes_end(p, &one), "and has no end");
	add(p, "192.0.2.0/24", 1000);
	clock_advance(1000);
	same_str(found(p, "192.0.2.1"), NULL, "the last time counts");
	ok(replace(p, "192.0.2.0/24", 1000, &before) && before.network.addr.bits == 0,
	    "what is over is not replaced");
	ok(passes_end(p, &net) && !passes_end(p, &net), "ended, once");
	same_str(found(p, "192.0.2.1"), NULL, "at once");
	passes_free(p);
}

static void
test_full(void)
{
	struct passes *p = passes_new();
	unsigned good = 0;
	char text[32];

	for (unsigned i = 0; i < PASSES_MAX + 1; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.0/24", i / 256, i % 256);
		good += add(p, text, 60000);
	}
	same_num(good, PASSES_MAX, "as many as there may be");
	ok(add(p, "10.0.0.0/24", 90000), "one of them, again");
	same_str(found(p, "10.15.255.9"), "10.15.255.0/24", "the last one is found");
	clock_advance(60000);
	ok(add(p, "10.16.0.0/24", 60000), "what is over makes room");
	same_str(found(p, "10.0.0.1"), "10.0.0.0/24", "and what is not stays");
	passes_free(p);
}

static void *
change(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct network net = network("192.0.2.1");

		add(arg, "192.0.2.1", 1000000);
		passes_end(arg, &net);
	}
	return NULL;
}

static void *
look(void *arg)
{
	struct ipaddr addr;
	unsigned wrong = 0;
	struct pass pass;

	ipaddr_parse(&addr, "192.0.2.1");
	for (unsigned i = 0; i < ROUNDS; i++)
		wrong += !passes_find(arg, &addr, &pass) || pass.network.len < 16;
	return (void *)(uintptr_t)wrong;
}

/* One that is there all the time is found all the time, whoever comes and goes. */
static void
test_threads(void)
{
	struct passes *p = passes_new();
	pthread_t thread[THREADS];
	uintptr_t wrong = 0;

	add(p, "192.0.0.0/16", 1000000);
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, i == 0 ? change : look, p) != 0)
			abort();
	for (unsigned i = 0; i < THREADS; i++) {
		void *got;

		pthread_join(thread[i], &got);
		wrong += (uintptr_t)got;
	}
	same_num(wrong, 0, "threads");
	passes_free(p);
}

int
main(void)
{
	clock_freeze(1000000, 1800000000);
	test_networks();
	test_time();
	test_full();
	test_threads();
	return done();
}
