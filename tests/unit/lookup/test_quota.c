/* SPDX-License-Identifier: BSD-2-Clause */
/* test_quota.c - what a network may have asked, and that it comes back in time. */
#include "config.h"

#include "lookup/quota.h"

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "tap.h"

#define MINUTE_MS 60000

static bool
take(const char *address, enum quota quota, unsigned per_minute)
{
	struct ipaddr client;

	ipaddr_parse(&client, address);
	return quota_take(&client, quota, per_minute);
}

/* How many of so many tries succeed. */
static int
take_many(const char *address, enum quota quota, unsigned per_minute, int tries)
{
	int got = 0;

	for (int i = 0; i < tries; i++)
		got += take(address, quota, per_minute);
	return got;
}

static const struct {
	const char *label, *address;
	enum quota quota;
	unsigned per_minute;
	int after_ms, want; /* of 1000 tries */
} rows[] = {
    {"all of a minute at once", "2001:db8:0:1::1", QUOTA_ADDRESS, 30, 0, 30},
    {"another address of it", "2001:db8:0:1:ffff::2", QUOTA_ADDRESS, 30, 0, 0},
    {"another /64", "2001:db8:0:2::1", QUOTA_ADDRESS, 30, 0, 30},
    {"names are ten times as many", "2001:db8:0:1::1", QUOTA_NAME, 30, 0, 300},
    {"one is back", "2001:db8:0:1::1", QUOTA_ADDRESS, 30, 2000, 1},
    {"a tenth of a minute", "2001:db8:0:1::3", QUOTA_ADDRESS, 30, 6000, 3},
    {"and names", "2001:db8:0:1::3", QUOTA_NAME, 30, 0, 40},
    {"a minute", "2001:db8:0:1::3", QUOTA_ADDRESS, 30, MINUTE_MS, 30},
    {"days", "2001:db8:0:1::3", QUOTA_ADDRESS, 30, 300000000, 30},
    {"a /24", "198.51.100.1", QUOTA_ADDRESS, 300, 0, 300},
    {"another address of that", "198.51.100.255", QUOTA_ADDRESS, 300, 0, 0},
    {"the next /24", "198.51.101.0", QUOTA_ADDRESS, 300, 0, 300},
    {"no limit", "198.51.100.255", QUOTA_ADDRESS, 0, 0, 1000},
    {"a limit that has been raised", "198.51.100.255", QUOTA_ADDRESS, 400, 0, 100},
    {"one that has been lowered", "198.51.100.255", QUOTA_ADDRESS, 10, 1000, 0},
};

/* Networks that nobody has room for push out those that have spent least. */
static void
test_crowd(void)
{
	char address[64];
	int got = 0;

	same_num(take_many("192.0.2.1", QUOTA_ADDRESS, 50, 50), 50, "crowd: one has all");
	for (int i = 0; i < 40000; i++) {
		snprintf(address, sizeof(address), "2001:db8:%x:%x::1", i / 256 + 16, i % 256);
		got += take(address, QUOTA_ADDRESS, 50);
	}
	same_num(got, 40000, "crowd: every other network has a question");
	same_num(
	    take_many("192.0.2.1", QUOTA_ADDRESS, 50, 50), 0, "crowd: nobody is forgotten");
}

static void
test_forget(void)
{
	struct ipaddr client, other, nobody = {0};

	ipaddr_parse(&client, "203.0.113.7");
	ipaddr_parse(&other, "203.0.112.7");
	ok(!quota_forget(&client) && !quota_forget(&nobody), "forget: nothing is known");
	same_num(take_many("203.0.113.9", QUOTA_ADDRESS, 20, 50), 20, "forget: one has all");
	same_num(take_many("203.0.112.9", QUOTA_ADDRESS, 20, 50), 20, "forget: so has another");
	ok(quota_forget(&client) && !quota_forget(&client), "forget: it is, once");
	same_num(take_many("203.0.113.9", QUOTA_ADDRESS, 20, 50), 20, "forget: it begins anew");
	same_num(take_many("203.0.112.9", QUOTA_ADDRESS, 20, 50), 0, "forget: not the other");
}

int
main(void)
{
	FILE *stream = tmpfile();
	struct ipaddr nobody = {0};
	char text[2000];

	log_to_stream(stream);
	clock_freeze(1000000, 1700000000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clock_advance(rows[i].after_ms);
		same_num(take_many(rows[i].address, rows[i].quota, rows[i].per_minute, 1000),
		    rows[i].want, rows[i].label);
	}
	test_crowd();
	test_forget();
	ok(quota_take(&nobody, QUOTA_NAME, 1) && quota_take(&nobody, QUOTA_NAME, 1),
	    "without an address there is no network");
	ok(counter_get(COUNTER_OVERLOADS) > 5000, "all are counted");
	rewind(stream);
	text[fread(text, 1, sizeof(text) - 1, stream)] = '\0';
	ok(strstr(text,
	       "event=network-busy network=2001:db8:0:1::/64 asks=address max=30 "
	       "turned-away=1\n") != NULL,
	    "the first is logged: %s", text);
	ok(strstr(text, "asks=name") == NULL && strstr(text, "db8:0:2") == NULL,
	    "then there is a minute of silence");
	log_to_stream(stderr);
	return done();
}
