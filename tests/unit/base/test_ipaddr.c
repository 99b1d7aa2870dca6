/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_ipaddr.c - addresses: read, folded, written, reversed, compared.
 */
#include "config.h"

#include "base/ipaddr.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "tap.h"

#define ZEROS "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

static const struct {
	const char *label, *text;
	const char *written; /* NULL: not an address */
	const char *reversed;
} addresses[] = {
    {"empty", "", NULL, ""},
    {"a blank in front", " 192.0.2.1", NULL, ""},
    {"a blank behind", "192.0.2.1 ", NULL, ""},
    {"three octets", "192.0.2", NULL, ""},
    {"five octets", "192.0.2.1.5", NULL, ""},
    {"octet of 256", "192.0.2.256", NULL, ""},
    {"hexadecimal", "0xc0.0.2.1", NULL, ""},
    {"one number", "3221225985", NULL, ""},
    {"a length", "192.0.2.0/24", NULL, ""},
    {"brackets", "[2001:db8::1]", NULL, ""},
    {"a zone", "fe80::1%lo", NULL, ""},
    {"nine groups", "1:2:3:4:5:6:7:8:9", NULL, ""},
    {"two gaps", "2001::db8::1", NULL, ""},
    {"8-bit", "\xc2\xb9.0.2.1", NULL, ""},
    {"a name", "localhost", NULL, ""},
    {"v4", "198.51.100.7", "198.51.100.7", "7.100.51.198"},
    {"v4, longest", "255.254.253.252", "255.254.253.252", "252.253.254.255"},
    {"v4, least", "0.0.0.0", "0.0.0.0", "0.0.0.0"},
    {"v6", "2001:db8::f1", "2001:db8::f1",
	"1.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"},
    {"v6, capitals", "2001:DB8:0:0::F1", "2001:db8::f1",
	"1.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"},
    {"v6, longest", "fedc:ba98:7654:3210:fedc:ba98:7654:3210",
	"fedc:ba98:7654:3210:fedc:ba98:7654:3210",
	"0.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.0.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f"},
    {"v6, any", "::", "::", ZEROS ".0.0.0.0.0.0.0.0"},
    {"v6, loopback", "::1", "::1", "1.0.0.0.0.0.0.0." ZEROS},
    {"mapped is v4", "::ffff:192.0.2.1", "192.0.2.1", "1.2.0.192"},
    {"mapped in hexadecimal", "::ffff:c000:201", "192.0.2.1", "1.2.0.192"},
    {"one bit off mapped", "::fffe:c000:201", "::fffe:c000:201",
	"1.0.2.0.0.0.0.c.e.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"},
};

static const struct {
	const char *label, *addr, *net;
	unsigned len;
	bool within;
} networks[] = {
    {"v4 /0 holds all of v4", "203.0.113.9", "0.0.0.0", 0, true},
    {"v6 /0 holds no v4", "203.0.113.9", "::", 0, false},
    {"v4 /0 holds no v6", "2001:db8::1", "0.0.0.0", 0, false},
    {"v4 /24, last", "192.0.2.255", "192.0.2.0", 24, true},
    {"v4 /24, next", "192.0.3.0", "192.0.2.0", 24, false},
    {"v4 /23, last", "192.0.3.255", "192.0.2.0", 23, true},
    {"v4 /23, next", "192.0.4.0", "192.0.2.0", 23, false},
    {"v4 /1", "127.255.255.255", "0.0.0.0", 1, true},
    {"v4 /32, itself", "192.0.2.1", "192.0.2.1", 32, true},
    {"v4 /32, last bit", "192.0.2.0", "192.0.2.1", 32, false},
    {"v4 /33 is no length", "192.0.2.1", "192.0.2.1", 33, false},
    {"v4 of mapped", "::ffff:192.0.2.1", "192.0.2.0", 24, true},
    {"v6 /32", "2001:db8:ffff::1", "2001:db8::", 32, true},
    {"v6 /33", "2001:db8:8000::1", "2001:db8::", 33, false},
    {"v6 /128, itself", "2001:db8::1", "2001:db8::1", 128, true},
    {"v6 /129 is no length", "2001:db8::1", "2001:db8::1", 129, false},
    {"no address is nowhere", "", "0.0.0.0", 0, false},
    {"no network holds nothing", "192.0.2.1", "", 0, false},
    {"none and none", "", "", 0, false},
};

static const char *const ascending[] = {"", "0.0.0.0", "1.2.3.4", "1.2.3.5", "255.255.255.255",
    "::", "::1", "2001:db8::", "ffff::"};

static void
test_text(void)
{
	char text[IPADDR_STRLEN], labels[IPADDR_LABELS];
	struct ipaddr addr;
	size_t i;

	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const char *written = addresses[i].written;

		memset(&addr, 0xff, sizeof(addr));
		same_num(ipaddr_parse(&addr, addresses[i].text), written != NULL,
		    addresses[i].label);
		same_str(ipaddr_format(&addr, text), written != NULL ? written : "unknown",
		    addresses[i].label);
		ipaddr_reverse(&addr, labels);
		same_str(labels, addresses[i].reversed, addresses[i].label);
	}
}

static void
test_mask(void)
{
	static const struct {
		const char *address;
		unsigned len;
		const char *want;
	} masks[] = {
	    {"198.51.100.255", 0, "0.0.0.0"},
	    {"198.51.100.255", 24, "198.51.100.0"},
	    {"198.51.100.255", 25, "198.51.100.128"},
	    {"198.51.100.255", 32, "198.51.100.255"},
	    {"2001:db8:ffff::1", 33, "2001:db8:8000::"},
	    {"2001:db8:ffff::1", 128, "2001:db8:ffff::1"},
	};
	char text[IPADDR_STRLEN];
	struct ipaddr addr;

	for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
		ok(ipaddr_parse(&addr, masks[i].address), "mask: %s/%u", masks[i].address,
		    masks[i].len);
		ipaddr_mask(&addr, masks[i].len);
		same_str(ipaddr_format(&addr, text), masks[i].want, masks[i].address);
	}
	(void)ipaddr_parse(&addr, "198.51.100.255");
	addr = ipaddr_network(&addr, 24, 64);
	same_str(ipaddr_format(&addr, text), "198.51.100.0", "a network of IPv4");
	(void)ipaddr_parse(&addr, "2001:db8:1:2:3::4");
	addr = ipaddr_network(&addr, 24, 64);
	same_str(ipaddr_format(&addr, text), "2001:db8:1:2::", "a network of IPv6");
	addr = (struct ipaddr){0};
	same_num(ipaddr_network(&addr, 24, 64).bits, 0, "of no address there is none");
}

static void
test_within(void)
{
	struct ipaddr addr, net;
	size_t i;

	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		(void)ipaddr_parse(&addr, networks[i].addr);
		(void)ipaddr_parse(&net, networks[i].net);
		same_num(ipaddr_within(&addr, &net, networks[i].len), networks[i].within,
		    networks[i].label);
	}
}

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

static void
test_order(void)
{
	size_t n = sizeof(ascending) / sizeof(ascending[0]), i, j;
	struct ipaddr a, b;
	bool good = true;

	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++) {
			(void)ipaddr_parse(&a, ascending[i]);
			(void)ipaddr_parse(&b, ascending[j]);
			good &= sign(ipaddr_compare(&a, &b)) == sign((int)i - (int)j);
		}
	}
	ok(good, "none, v4, v6, and each family by value");
}

static void
check_socket(const void *sa, const char *want, const char *label)
{
	char text[IPADDR_STRLEN];
	struct ipaddr addr;

	memset(&addr, 0xff, sizeof(addr));
	same_num(ipaddr_from_sockaddr(&addr, sa), strcmp(want, "unknown") != 0, label);
	same_str(ipaddr_format(&addr, text), want, label);
}

static void
test_sockaddr(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	struct sockaddr unspecified = {.sa_family = AF_UNSPEC};
	uint16_t halves[1 + sizeof(in6) / sizeof(uint16_t)];

	in.sin_addr.s_addr = htonl(0xc6336407);
	check_socket(NULL, "unknown", "no socket address");
	check_socket(&un, "unknown", "unix socket");
	check_socket(&unspecified, "unknown", "no family");
	check_socket(&in, "198.51.100.7", "v4 socket");
	inet_pton(AF_INET6, "2001:db8::7", &in6.sin6_addr);
	check_socket(&in6, "2001:db8::7", "v6 socket");
	inet_pton(AF_INET6, "::ffff:198.51.100.7", &in6.sin6_addr);
	check_socket(&in6, "198.51.100.7", "mapped socket");
	memcpy(halves + 1, &in6, sizeof(in6));
	check_socket(halves + 1, "198.51.100.7", "socket address aligned for no family");
}

static void
test_parse_part(void)
{
	static const char text[] = "198.51.100.7:53";
	struct ipaddr whole, part;

	ipaddr_parse(&whole, "198.51.100.7");
	ok(ipaddr_parse_part(&part, text, 12) && ipaddr_compare(&part, &whole) == 0,
	    "a part of a text");
	ok(!ipaddr_parse_part(&part, text, sizeof(text) - 1) && part.bits == 0,
	    "more than the address");
	ok(!ipaddr_parse_part(&part, text, 0), "nothing of it");
	ok(!ipaddr_parse_part(
	       &part, "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000", 50),
	    "more than any address has");
}

static void
test_global(void)
{
	static const char *const global[] = {"1.0.0.0", "9.255.255.255", "11.0.0.0",
	    "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
	    "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0",
	    "192.167.255.255", "192.169.0.0", "223.255.255.255", "192.0.2.1", "198.18.0.1",
	    "198.51.100.1", "203.0.113.1", "2000::", "2001:db8::1", "2a00::1", "3fff::1",
	    "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
	static const char *const special[] = {"0.0.0.0", "0.255.255.255", "10.0.0.0",
	    "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
	    "169.254.0.0", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.8",
	    "192.168.0.0", "192.168.255.255", "224.0.0.1", "239.255.255.255", "240.0.0.0",
	    "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1",
	    "100::1", "1fff:ffff::", "4000::", "5f00::1", "fc00::1", "fdff:ffff::", "fe80::1",
	    "fec0::1", "ff02::1"};
	struct ipaddr addr;
	unsigned same = 0;

	for (size_t i = 0; i < sizeof(global) / sizeof(global[0]); i++)
		ok(ipaddr_parse(&addr, global[i]) && ipaddr_is_global(&addr), "%s: global",
		    global[i]);
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		ok(ipaddr_parse(&addr, special[i]) && !ipaddr_is_global(&addr),
		    "%s: not global", special[i]);
	addr = (struct ipaddr){0};
	ok(!ipaddr_is_global(&addr), "no address is not global");
	for (unsigned i = 0; i < 65536; i++) {
		addr = (struct ipaddr){32, {(uint8_t)(i >> 8), (uint8_t)i}};
		same += ipaddr_is_global(&addr) == (ipaddr_kind(&addr, 32) == IPADDR_GLOBAL);
	}
	same_num(same, 65536, "the kind of each /16 says the same");
}

int
main(void)
{
	test_global();
	test_text();
	test_mask();
	test_within();
	test_order();
	test_sockaddr();
	test_parse_part();
	return done();
}
