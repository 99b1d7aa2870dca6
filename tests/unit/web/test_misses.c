/* SPDX-License-Identifier: BSD-2-Clause */
/* test_misses.c - limits of all readers and of a network, each reached. */
#include "config.h"

#include "web/misses.h"

#include "tap.h"

static struct misses *m;

static bool
take(const char *address, int64_t now)
{
	struct ipaddr reader = {0};

	(void)ipaddr_parse(&reader, address);
	return misses_take(m, &reader, now);
}

static void
give_back(const char *address, int64_t now)
{
	struct ipaddr reader = {0};

	(void)ipaddr_parse(&reader, address);
	misses_give_back(m, &reader, now);
}

/* How many of n questions are answered, one each step of ms, from that time on. */
static int
count(const char *address, int n, int64_t from, int64_t ms)
{
	int good = 0;

	for (int i = 0; i < n; i++)
		good += take(address, from + i * ms);
	return good;
}

int
main(void)
{
	m = misses_new();
	same_num(count("198.51.100.7", 8, 60000, 1), MISSES_A_SECOND, "of all, in a second");
	ok(!take("2001:db8::1", 60500), "whoever it is");
	ok(!take("", 60500), "or is not known");
	ok(take("2001:db8::1", 61000), "in the next second there is room");
	same_num(count("198.51.100.8", 20, 62000, 1000), MISSES_A_MINUTE - MISSES_A_SECOND,
	    "of a /24, in a minute");
	ok(take("198.51.101.8", 90000), "another /24 has room");
	same_num(count("2001:db8::ffff:1", 20, 91000, 1000), MISSES_A_MINUTE - 1, "of a /64");
	ok(take("2001:db8:0:1::1", 117000), "another /64 has room");
	ok(!take("198.51.100.9", 119999), "until the minute ends");
	ok(take("198.51.100.9", 120000), "then there is room again");
	for (int i = 0; i < 100; i++) {
		if (!take("203.0.113.5", 180000))
			return ok(false, "what is given back does not count"), done();
		give_back("203.0.113.5", 180000);
	}
	ok(true, "what is given back does not count");
	same_num(
	    count("", 100, 240000, 200), 100, "an unknown reader has the first limit alone");
	misses_free(m);
	misses_free(NULL);
	return done();
}
