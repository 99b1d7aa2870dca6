/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_fake_resolver.c - the cache that scenarios trust: what it keeps and for how
 * long, what it gives when that has expired, and how many questions reach the list.
 */
#include "config.h"

#include "fakes/fake_resolver.h"

#include "base/clock.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"
#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LISTED "2.0.0.127.bl.example"
#define CLEAR "1.0.0.127.bl.example"
#define OTHER "9.0.0.10.bl.example"
#define BARE "1.0.0.127.bare.example" /* has no SOA */

enum what { ASK, LIST, CLEAR_ALL, GO };

/* A step, some seconds after the one before. */
struct step {
	unsigned wait;
	enum what what;
	const char *name; /* to ask for */
	enum dns_status want;
	unsigned ttl, reached; /* in all, by then */
};

static const struct step plain[] = {
    {0, ASK, LISTED, DNS_FOUND, 10, 1},
    {4, ASK, LISTED, DNS_FOUND, 6, 1},
    {0, CLEAR_ALL, NULL, 0, 0, 0},
    {5, ASK, LISTED, DNS_FOUND, 1, 1},
    {1, ASK, LISTED, DNS_ABSENT, 20, 2},
    {0, LIST, NULL, 0, 0, 0},
    {19, ASK, LISTED, DNS_ABSENT, 1, 2},
    {1, ASK, LISTED, DNS_FOUND, 10, 3},
    {0, ASK, BARE, DNS_ABSENT, 0, 1},
    {4, ASK, BARE, DNS_ABSENT, 0, 1},
    {1, ASK, BARE, DNS_ABSENT, 0, 2},
    {0, GO, NULL, 0, 0, 0},
    {1, ASK, LISTED, DNS_FOUND, 4, 3},
    {4, ASK, LISTED, DNS_FAILED, 0, 4},
    {4, ASK, LISTED, DNS_FAILED, 0, 4},
    {1, ASK, LISTED, DNS_FAILED, 0, 5},
};

static const struct step negative[] = {
    {0, ASK, CLEAR, DNS_ABSENT, 100, 1},
    {0, LIST, NULL, 0, 0, 0},
    {99, ASK, CLEAR, DNS_ABSENT, 1, 1},
};

static const struct step first[] = {
    {0, ASK, LISTED, DNS_FOUND, 10, 1},
    {0, CLEAR_ALL, NULL, 0, 0, 0},
    {30, ASK, LISTED, DNS_FOUND, 7, 2},
    {1, ASK, LISTED, DNS_ABSENT, 19, 2},
    {0, LIST, NULL, 0, 0, 0},
    {40, ASK, LISTED, DNS_ABSENT, 7, 3},
    {1, ASK, LISTED, DNS_FOUND, 9, 3},
    {0, CLEAR_ALL, NULL, 0, 0, 0},
    {9 + 100, ASK, LISTED, DNS_ABSENT, 20, 4},
};

static const struct step gone[] = {
    {0, ASK, LISTED, DNS_FOUND, 10, 1},
    {0, CLEAR_ALL, NULL, 0, 0, 0},
    {10, ASK, LISTED, DNS_ABSENT, 20, 2},
    {0, LIST, NULL, 0, 0, 0},
    {20, ASK, LISTED, DNS_FOUND, 10, 3},
    {0, GO, NULL, 0, 0, 0},
    {20, ASK, LISTED, DNS_FOUND, 7, 4},
    {89, ASK, LISTED, DNS_FOUND, 7, 5},
    {1, ASK, LISTED, DNS_FAILED, 0, 6},
};

/* The absences of a list end together; an expired one has the TTL of a fresh SOA. */
static const struct step shared[] = {
    {0, ASK, CLEAR, DNS_ABSENT, 20, 1},
    {5, ASK, OTHER, DNS_ABSENT, 15, 1},
    {14, ASK, OTHER, DNS_ABSENT, 1, 1},
    {1, ASK, OTHER, DNS_ABSENT, 7, 2},
    {5, ASK, CLEAR, DNS_ABSENT, 15, 2},
};

static const struct step records[] = {
    {0, ASK, LISTED, DNS_FOUND, 10, 1},
    {0, CLEAR_ALL, NULL, 0, 0, 0},
    {10, ASK, LISTED, DNS_FOUND, 7, 2},
    {0, LIST, NULL, 0, 0, 0},
    {20, ASK, LISTED, DNS_FOUND, 10, 3},
};

static const struct step minimised[] = {
    {0, ASK, LISTED, DNS_FOUND, 10, 1},
    {1, ASK, LISTED, DNS_FOUND, 9, 1},
};

static const struct script {
	const char *label;
	struct fake_resolver manner;
	const struct step *step;
	size_t n;
	unsigned below; /* questions that reached the zone, in all */
} scripts[] = {
    {"a cache", {.caches = true, .no_soa_ttl = 5}, plain, COUNT(plain), 5},
    {"a negative TTL of its own", {.caches = true, .negative_ttl = 100}, negative,
	COUNT(negative), 1},
    {"expired first",
	{.caches = true, .stale = FAKE_STALE_FIRST, .stale_ttl = 7, .stale_ms = 100000}, first,
	COUNT(first), 4},
    {"expired where it is gone",
	{.caches = true, .stale = FAKE_STALE_GONE, .stale_ttl = 7, .stale_ms = 100000}, gone,
	COUNT(gone), 6},
    {"a SOA for all",
	{.caches = true, .shares_soa = true, .stale = FAKE_STALE_FIRST, .stale_ttl = 7}, shared,
	COUNT(shared), 4},
    {"expired records alone",
	{.caches = true, .stale = FAKE_STALE_FIRST, .stale_records = true, .stale_ttl = 7},
	records, COUNT(records), 3},
    {"minimised", {.caches = true, .minimises = true}, minimised, COUNT(minimised), 2},
};

static void
take(void *arg, const struct dns_reply *reply)
{
	*(struct dns_reply *)arg = *reply;
}

static void
teach(enum what what)
{
	static const struct dns_reply listed = {
	    .status = DNS_FOUND, .ttl = 10, .n = 1, .address = {0x7f000002}};
	static const struct dns_reply absent = {
	    .status = DNS_ABSENT, .rcode = DNS_NXDOMAIN, .soa = true, .ttl = 20};
	static const struct dns_reply bare = {.status = DNS_ABSENT, .rcode = DNS_NXDOMAIN};
	static const struct dns_reply failed = {.status = DNS_FAILED, .rcode = DNS_REFUSED};

	fake_dns_teach("*.bl.example", NULL, what == GO ? &failed : &absent, 0);
	fake_dns_teach("*.bare.example", NULL, &bare, 0);
	if (what == LIST)
		fake_dns_teach("*.0.0.127.bl.example", NULL, &listed, 0);
	else if (what == GO)
		fake_dns_teach("*.0.0.127.bl.example", NULL, &failed, 0);
	else
		fake_dns_teach("*.0.0.127.bl.example", NULL, &absent, 0);
}

static void
ask(struct loop *loop, struct dns *dns, const struct script *s, const struct step *step)
{
	struct dns_reply got = {.status = DNS_TIMEOUT};

	dns_ask(dns, step->name, take, &got);
	fake_loop_turn(loop);
	ok(got.status == step->want && got.ttl == step->ttl && got.rcode != DNS_REFUSED &&
		fake_resolver_reached(step->name) == step->reached,
	    "%s, step %u: %d, ttl %u, reached %u", s->label, (unsigned)(step - s->step),
	    (int)got.status, got.ttl, fake_resolver_reached(step->name));
}

static void
run(struct loop *loop, struct dns *dns, const struct script *s)
{
	teach(s->step == negative || s->step == shared ? CLEAR_ALL : LIST);
	fake_resolver_use(&s->manner);
	for (const struct step *step = s->step; step < s->step + s->n; step++) {
		fake_loop_pass(loop, step->wait * (int64_t)1000);
		if (step->what == ASK)
			ask(loop, dns, s, step);
		else
			teach(step->what);
	}
	same_num(fake_resolver_reached("*.bl.example"), s->below, s->label);
	fake_resolver_reset();
	fake_dns_reset();
}

/* Two who ask at a time wait for one answer; who asks later has it at once. */
static void
test_flight(struct loop *loop, struct dns *dns)
{
	static const struct dns_reply listed = {
	    .status = DNS_FOUND, .ttl = 10, .n = 1, .address = {0x7f000002}};
	struct dns_reply one = {.status = DNS_TIMEOUT}, two = one;

	fake_dns_teach(LISTED, NULL, &listed, 50);
	fake_resolver_use(&(struct fake_resolver){.caches = true});
	dns_ask(dns, LISTED, take, &one);
	fake_loop_pass(loop, 20);
	dns_ask(dns, LISTED, take, &two);
	fake_loop_pass(loop, 29);
	same_num(two.status, DNS_TIMEOUT, "not yet");
	fake_loop_pass(loop, 1);
	same_num(one.status, DNS_FOUND, "the first one");
	same_num(two.status, DNS_FOUND, "the second one");
	same_num(fake_resolver_reached(LISTED), 1, "asked for once");
	fake_resolver_reset();
	fake_dns_reset();
}

/* Down it has nothing to say, though it knows; what is rewritten is not kept so. */
static void
test_moods(struct loop *loop, struct dns *dns)
{
	struct fake_resolver manner = {.caches = true};
	struct dns_reply got;

	fake_resolver_use(&manner);
	dns_ask(dns, CLEAR, take, &got);
	fake_loop_pass(loop, 10);
	same_num(got.status, DNS_ABSENT, "it is not there");
	manner.rewrite = 0x7f000002;
	fake_resolver_use(&manner);
	dns_ask(dns, CLEAR, take, &got);
	fake_loop_pass(loop, 10);
	same_num(got.status, DNS_FOUND, "rewritten");
	manner = (struct fake_resolver){.status = DNS_FAILED, .caches = true};
	fake_resolver_use(&manner);
	dns_ask(dns, CLEAR, take, &got);
	fake_loop_pass(loop, 10);
	same_num(got.status, DNS_FAILED, "down");
	manner.status = DNS_FOUND;
	fake_resolver_use(&manner);
	dns_ask(dns, CLEAR, take, &got);
	fake_loop_pass(loop, 10);
	same_num(got.status, DNS_ABSENT, "as it was");
	same_num(fake_resolver_reached(CLEAR), 1, "asked for once");
	fake_resolver_reset();
	fake_dns_reset();
}

int
main(void)
{
	struct loop *loop;
	struct dns *dns;
	char why[64];

	clock_freeze(1000000, 1766300000);
	loop = loop_new();
	dns = dns_new(loop, NULL, why, sizeof(why));
	for (size_t i = 0; i < COUNT(scripts); i++)
		run(loop, dns, &scripts[i]);
	test_flight(loop, dns);
	test_moods(loop, dns);
	dns_free(dns);
	loop_free(loop);
	return done();
}
