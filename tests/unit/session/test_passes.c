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
	same_num(passes_list(p, PASS_ADMINISTRATOR, all, PASSES_MAX), 1,
	    "what is over is not listed");
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

static struct ipaddr
address(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		abort();
	return addr;
}

/* One more recipient at a domain, of a message that is new, or counted. */
static bool
spend(struct passes *p, const char *client, const char *local, const char *domain, bool counted)
{
	struct ipaddr addr = address(client);
	struct mailbox to = {.dubious = false};
	bool admitted;

	snprintf(to.local, sizeof(to.local), "%s", local);
	snprintf(to.domain, sizeof(to.domain), "%s", domain);
	admitted = passes_admit(p, &addr, &to, counted);
	ok(passes_admit(p, &addr, &to, counted) == admitted, "to ask costs nothing");
	ok(passes_spend(p, &addr, &to, counted) == admitted, "what is admitted can be spent");
	return admitted;
}

static enum pass_answer
grant(struct passes *p, const char *client, const char *domain)
{
	struct ipaddr addr = address(client);
	struct pass pass;

	return passes_grant(p, &addr, domain, &pass);
}

static void
test_granted(void)
{
	struct passes *p = passes_new();
	struct ipaddr addr = address("198.51.100.7"), six = address("2001:db8:1:2::7");
	struct pass pass, before;

	ok(!passes_granted(p, &addr, &pass), "nothing is granted yet");
	ok(!spend(p, "198.51.100.7", "bob", "b.example", false), "nor good");
	same_num(grant(p, "198.51.100.7", "b.example"), PASS_GRANTED, "granted");
	same_num(grant(p, "198.51.100.9", "b.example"), PASS_USED, "once a /24");
	same_num(grant(p, "198.51.101.7", "b.example"), PASS_GRANTED, "another /24");
	same_num(grant(p, "2001:db8:1:2::7", "b.example"), PASS_GRANTED, "IPv6");
	same_num(grant(p, "2001:db8:1:2:ffff::1", "c.example"), PASS_USED, "once a /64");
	same_num(grant(p, "2001:db8:1:3::7", "b.example"), PASS_GRANTED, "another /64");
	ok(passes_granted(p, &addr, &pass) && strcmp(pass.domain, "b.example") == 0 &&
		pass.network.len == 24,
	    "what it is");
	ok(passes_granted(p, &six, &pass) && pass.network.len == 64, "of IPv6, too");
	ok(spend(p, "198.51.100.200", "bob", "b.example", false), "good for its /24");
	ok(!spend(p, "198.51.100.7", "bob", "c.example", false), "not for another domain");
	ok(!spend(p, "198.51.102.7", "bob", "b.example", false), "nor for another network");
	ok(!passes_find(p, &addr, &pass), "it is no administrator's");
	before =
	    (struct pass){.network = network("198.51.100.0/24"), .until = clock_ms() + 1000};
	ok(passes_add(p, &before, &pass) && pass.network.addr.bits == 0,
	    "an administrator's of the same network is another");
	ok(passes_end(p, &before.network), "both are ended");
	ok(!passes_find(p, &addr, &pass) &&
		!spend(p, "198.51.100.7", "bob", "b.example", false),
	    "neither is good");
	ok(!passes_end(p, &before.network), "there is none to be ended");
	same_num(grant(p, "198.51.100.7", "b.example"), PASS_USED, "there was one still");
	passes_free(p);
}

static void
test_spent(void)
{
	static const char client[] = "198.51.100.7", domain[] = "b.example";
	struct passes *p = passes_new();
	char local[16];
	unsigned n;

	(void)grant(p, client, domain);
	for (n = 0; n < 20 && spend(p, client, "bob", domain, false); n++)
		;
	same_num(n, PASS_MESSAGES, "messages to one recipient");
	ok(spend(p, client, "bob", domain, true), "one more recipient of the last message");
	clock_advance(PASS_AGAIN_MS);
	same_num(grant(p, client, domain), PASS_GRANTED, "30 days later");
	for (n = 0; n < 20; n++) {
		snprintf(local, sizeof(local), "bob%u", n);
		if (!spend(p, client, local, domain, n > 0))
			break;
	}
	same_num(n, PASS_RECIPIENTS, "recipients of one message");
	ok(spend(p, client, "bob0", domain, false), "one of them again");
	clock_advance(PASS_MS - 1);
	ok(spend(p, client, "bob0", domain, false), "up to a day");
	clock_advance(1);
	ok(!spend(p, client, "bob0", domain, false), "and no longer");
	same_num(grant(p, client, domain), PASS_USED, "nor is there another");
	passes_free(p);
}

/* Who has used a pass, and is then on the own list. */
static void
test_abused(void)
{
	static const char client[] = "198.51.100.7", domain[] = "b.example";
	struct passes *p = passes_new();
	struct ipaddr addr = address(client), other = address("198.51.101.7");

	(void)grant(p, client, domain);
	passes_note_listed(p, &addr);
	ok(spend(p, client, "bob", domain, false), "a pass that was not used is not abused");
	passes_note_listed(p, &other);
	ok(spend(p, client, "bob", domain, false), "nor by another network");
	passes_note_listed(p, &addr);
	passes_note_listed(p, &addr);
	ok(!spend(p, client, "bob", domain, false), "once used it ends");
	same_num(grant(p, client, domain), PASS_USED, "there is no other now");
	clock_advance(PASS_AGAIN_MS);
	same_num(grant(p, client, domain), PASS_GRANTED, "one was abused, once: another one");
	ok(spend(p, client, "bob", domain, false), "is good");
	passes_note_listed(p, &addr);
	clock_advance(PASS_AGAIN_MS);
	same_num(grant(p, client, domain), PASS_ABUSED, "after two there is none");
	clock_advance(PASS_ABUSED_MS - PASS_AGAIN_MS - 1);
	same_num(grant(p, client, domain), PASS_ABUSED, "for a year");
	clock_advance(1);
	same_num(grant(p, client, domain), PASS_GRANTED, "and no longer");
	passes_free(p);
}

static void
test_granted_full(void)
{
	struct passes *p = passes_new();
	char client[32];

	for (unsigned i = 0; i < PASSES_MAX; i++) {
		snprintf(client, sizeof(client), "10.%u.%u.1", i / 256, i % 256);
		if (grant(p, client, "b.example") != PASS_GRANTED)
			abort();
	}
	same_num(grant(p, "198.51.100.7", "b.example"), PASS_FULL, "no place is left");
	clock_advance(PASS_MS);
	same_num(
	    grant(p, "198.51.100.7", "b.example"), PASS_GRANTED, "one of those that are over");
	same_num(grant(p, "198.51.100.7", "b.example"), PASS_USED, "is what is known now");
	passes_free(p);
}

int
main(void)
{
	clock_freeze(1000000, 1800000000);
	test_networks();
	test_time();
	test_full();
	test_granted();
	test_spent();
	test_abused();
	test_granted_full();
	test_threads();
	return done();
}
