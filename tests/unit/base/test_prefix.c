/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_prefix.c - networks: read, refused with a sentence, found with their reasons.
 */
#include "config.h"

#include "base/prefix.h"

#include "base/strbuf.h"
#include "tap.h"

#define WHY_MAX 512

static const struct {
	const char *label, *text;
	const char *why; /* NULL: good */
} networks[] = {
    {"empty", "", "\"\" is not a network"},
    {"slash", "/", "/ is not a network"},
    {"length alone", "/24", "/24 is not a network"},
    {"name", "bad.example/24", "bad.example/24 is not a network"},
    {"forged", "1.2.3.4\nevent=x", "\"1.2.3.4\\u000aevent=x\" is not a network"},
    {"three octets", "192.0.2/24", "192.0.2/24 is not a network"},
    {"range", "192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9 is not a network"},
    {"longer than any", "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1280",
	"2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1280 "
	"is not a network"},
    {"no length", "192.0.2.0/", "192.0.2.0/ has no length from 0 to 32"},
    {"length of 33", "192.0.2.0/33", "192.0.2.0/33 has no length from 0 to 32"},
    {"length of 129", "2001:db8::/129", "2001:db8::/129 has no length from 0 to 128"},
    {"length below 0", "192.0.2.0/-1", "192.0.2.0/-1 has no length from 0 to 32"},
    {"length past 64 bits", "192.0.2.0/18446744073709551640",
	"192.0.2.0/18446744073709551640 has no length from 0 to 32"},
    {"length with a 0 in front", "192.0.2.0/024", "192.0.2.0/024 has no length from 0 to 32"},
    {"length and a blank", "192.0.2.0/24 ", "\"192.0.2.0/24 \" has no length from 0 to 32"},
    {"two lengths", "192.0.2.0/24/24", "192.0.2.0/24/24 has no length from 0 to 32"},
    {"netmask", "192.0.2.0/255.255.255.0",
	"192.0.2.0/255.255.255.0 has no length from 0 to 32"},
    {"bits past the length", "192.0.2.1/24",
	"192.0.2.1/24 has bits set past its length; the network is 192.0.2.0/24"},
    {"bits past an odd length", "192.0.3.0/23",
	"192.0.3.0/23 has bits set past its length; the network is 192.0.2.0/23"},
    {"bits past 0", "0.0.0.1/0",
	"0.0.0.1/0 has bits set past its length; the network is 0.0.0.0/0"},
    {"bits past a v6 length", "2001:db8::1/64",
	"2001:db8::1/64 has bits set past its length; the network is 2001:db8::/64"},
    {"bits past a mapped length", "::ffff:192.0.2.1/120",
	"192.0.2.1/24 has bits set past its length; the network is 192.0.2.0/24"},
    {"mapped and more", "::ffff:0.0.0.0/95",
	"::ffff:0.0.0.0/95 is IPv4 in IPv6, whose length is 96 to 128"},
    {"behind NAT64", "64:ff9b::198.51.100.0/120",
	"64:ff9b::198.51.100.0/120 is IPv4 behind IPv6, whose clients are known by their "
	"IPv4 addresses"},
    {"all behind NAT64", "64:ff9b::/96",
	"64:ff9b::/96 is IPv4 behind IPv6, whose clients are known by their IPv4 addresses"},
    {"IPv4-compatible", "::198.51.100.7",
	"::198.51.100.7 is IPv4 behind IPv6, whose clients are known by their IPv4 "
	"addresses"},
    {"address", "192.0.2.1", NULL},
    {"all of v4", "0.0.0.0/0", NULL},
    {"all of v6", "::/0", NULL},
    {"loopback of v6", "::1", NULL},
    {"more than NAT64", "64:ff9b::/64", NULL},
    {"mapped", "::ffff:198.51.100.0/120", NULL},
    {"all of mapped", "::ffff:0.0.0.0/96", NULL},
    {"longest", "2001:0db8:ffff:ffff:ffff:ffff:255.255.255.255/128", NULL},
};

static void
test_networks(void)
{
	struct network net;
	char why[WHY_MAX];
	size_t i;

	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		struct prefix_set *set = prefix_new();
		bool good = networks[i].why == NULL;

		same_num(prefix_parse(&net, networks[i].text, why, sizeof(why)), good,
		    networks[i].label);
		same_str(why, good ? "" : networks[i].why, networks[i].label);
		if (good)
			ok(prefix_add(set, &net, NULL), "%s", networks[i].label);
		ok(prefix_seal(set) && prefix_count(set) == good, "%s", networks[i].label);
		prefix_free(set);
	}
}

/* One set, and what is found in it. */
static const struct {
	const char *network, *reason;
} members[] = {
    {"198.51.100.0/24", "wide"},
    {"198.51.100.0/25", NULL},
    {"198.51.100.0/32", "first"},
    {"198.51.100.7", "one"},
    {"198.51.100.0/24", "too late"},
    {"::ffff:203.0.113.0/120", "mapped"},
    {"203.0.113.0/24", "too late"},
    {"2001:db8::/32", "documentation"},
    {"2001:db8:0:1::/64", "subnet"},
    {"2001:db8::/128", "any"},
    {"255.255.255.255", "last"},
    {"::/90", "never v4"},
};

static const struct {
	const char *label, *addr;
	int len; /* -1: not found */
	const char *reason;
} finds[] = {
    {"no address", "", -1, NULL},
    {"before the first", "198.51.99.255", -1, NULL},
    {"least of v4, which ::/90 does not hold", "0.0.0.0", -1, NULL},
    {"first of three networks", "198.51.100.0", 32, "first"},
    {"second of three networks", "198.51.100.1", 25, NULL},
    {"before the one", "198.51.100.6", 25, NULL},
    {"the one", "198.51.100.7", 32, "one"},
    {"after the one", "198.51.100.8", 25, NULL},
    {"last of the half", "198.51.100.127", 25, NULL},
    {"after the half", "198.51.100.128", 24, "wide"},
    {"last of the whole", "198.51.100.255", 24, "wide"},
    {"after the whole", "198.51.101.0", -1, NULL},
    {"mapped network", "203.0.113.9", 24, "mapped"},
    {"mapped address", "::ffff:203.0.113.9", 24, "mapped"},
    {"last of v4", "255.255.255.255", 32, "last"},
    {"last but one of v4", "255.255.255.254", -1, NULL},
    {"v6, widest", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 32, "documentation"},
    {"v6, after the widest", "2001:db9::", -1, NULL},
    {"v6, first", "2001:db8::", 128, "any"},
    {"v6, second", "2001:db8::1", 32, "documentation"},
    {"v6, subnet", "2001:db8:0:1:8000::", 64, "subnet"},
    {"v6, after the subnet", "2001:db8:0:2::", 32, "documentation"},
    {"v6, least", "::", 90, "never v4"},
    {"v6, last", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", -1, NULL},
};

static void
test_finds(void)
{
	struct prefix_set *set = prefix_new();
	struct prefix_match match;
	struct ipaddr addr;
	struct network net;
	char why[WHY_MAX];
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		ok(prefix_parse(&net, members[i].network, why, sizeof(why)) &&
			prefix_add(set, &net, members[i].reason),
		    "%s", members[i].network);
	ok(prefix_seal(set), "sealed");
	same_num((long long)prefix_count(set), 10, "equal networks are dropped");
	ok(prefix_bytes(set) > 0, "bytes are counted");
	for (i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		match = (struct prefix_match){.len = 999};
		(void)ipaddr_parse(&addr, finds[i].addr);
		same_num(prefix_find(set, &addr, &match) ? (int)match.len : -1, finds[i].len,
		    finds[i].label);
		same_str(match.reason, finds[i].reason, finds[i].label);
	}
	prefix_free(set);
}

static void
test_empty(void)
{
	struct prefix_set *set = prefix_new();
	struct prefix_match match;
	struct ipaddr addr;

	ok(prefix_seal(set), "an empty set is sealed");
	(void)ipaddr_parse(&addr, "192.0.2.1");
	ok(!prefix_find(set, &addr, &match), "it holds no v4");
	(void)ipaddr_parse(&addr, "::1");
	ok(!prefix_find(set, &addr, &match), "it holds no v6");
	same_num((long long)prefix_count(set), 0, "it counts nothing");
	prefix_free(set);
	prefix_free(NULL);
}

/* Networks as text, one after the other. */
static bool
note(void *arg, const struct network *net, const char *reason)
{
	struct strbuf *sb = arg;
	char text[IPADDR_STRLEN];

	strbuf_addf(sb, "%s/%u %s ", ipaddr_format(&net->addr, text), net->len,
	    reason != NULL ? reason : "-");
	return strstr(sb->data, "stop") == NULL;
}

static void
test_each(void)
{
	static const char *const kept[][2] = {{"2001:db8::/32", "six"}, {"192.0.2.64/26", "in"},
	    {"192.0.2.0/25", "out"}, {"192.0.2.200", "one"}};
	static const struct {
		const char *network, *want;
	} rows[] = {
	    {"198.51.100.0/24", "198.51.100.0/24 - "},
	    {"192.0.2.0/24",
		"192.0.2.128/26 - 192.0.2.192/29 - 192.0.2.201/32 - 192.0.2.202/31 "
		"- 192.0.2.204/30 - 192.0.2.208/28 - 192.0.2.224/27 - "},
	    {"192.0.2.0/25", ""},
	    {"192.0.2.70", ""},
	    {"192.0.2.200", ""},
	    {"2001:db8::/31", "2001:db9::/32 - "},
	    {"2001:db8:1::/48", ""},
	};
	struct prefix_set *set = prefix_new();
	char text[500], why[WHY_MAX];
	struct network net;
	struct strbuf sb;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		ok(prefix_parse(&net, kept[i][0], why, sizeof(why)) &&
			prefix_add(set, &net, kept[i][1]),
		    "%s", kept[i][0]);
	ok(prefix_seal(set), "sealed");
	strbuf_init(&sb, text, sizeof(text));
	ok(prefix_each(set, note, &sb), "all are told");
	same_str(text,
	    "192.0.2.0/25 out 192.0.2.64/26 in 192.0.2.200/32 one 2001:db8::/32 six ",
	    "in order");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		strbuf_init(&sb, text, sizeof(text));
		ok(prefix_parse(&net, rows[i].network, why, sizeof(why)) &&
			prefix_subtract(set, &net, note, &sb),
		    "%s less what is kept", rows[i].network);
		same_str(text, rows[i].want, rows[i].network);
	}
	strbuf_init(&sb, text, sizeof(text));
	strbuf_add(&sb, "stop ");
	ok(!prefix_each(set, note, &sb), "who wants no more");
	same_str(text, "stop 192.0.2.0/25 out ", "is told no more");
	prefix_free(set);
}

/* A small why is cut, and nothing else is. */
static void
test_small_why(void)
{
	struct network net;
	char why[8];

	ok(!prefix_parse(&net, "nonsense", why, sizeof(why)), "a sentence that does not fit");
	same_str(why, "nonsens", "is cut");
	ok(!prefix_parse(&net, "nonsense", why, 1), "a sentence without room");
	same_str(why, "", "is empty");
}

int
main(void)
{
	test_networks();
	test_finds();
	test_empty();
	test_each();
	test_small_why();
	return done();
}
