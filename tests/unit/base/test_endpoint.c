/* SPDX-License-Identifier: BSD-2-Clause */
/* test_endpoint.c - addresses with ports, with brackets where they belong, and sockets'. */
#include "config.h"

#include "base/endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <string.h>

#include "tap.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *text, *written; /* NULL: refused */
	bool bare;                  /* only where an address may stand without brackets */
} rows[] = {
    {"127.0.0.1", "127.0.0.1:7", false},
    {"127.0.0.1:1", "127.0.0.1:1", false},
    {"198.51.100.7:65535", "198.51.100.7:65535", false},
    {"198.51.100.7:00053", "198.51.100.7:53", false},
    {"[::1]", "[::1]:7", false},
    {"[2001:db8::1]:7000", "[2001:db8::1]:7000", false},
    {"[::ffff:198.51.100.7]:7000", "198.51.100.7:7000", false},
    {"::1", "[::1]:7", true},
    {"2001:db8::1:7000", "[2001:db8::1:7000]:7", true},
    {"::ffff:198.51.100.7", "198.51.100.7:7", true},
    {"", NULL, false},
    {":", NULL, false},
    {":7000", NULL, false},
    {"localhost:7000", NULL, false},
    {"redis.example", NULL, false},
    {"127.0.0.1:", NULL, false},
    {"127.0.0.1:0", NULL, false},
    {"127.0.0.1:65536", NULL, false},
    {"127.0.0.1:-1", NULL, false},
    {"127.0.0.1:+1", NULL, false},
    {"127.0.0.1:7000x", NULL, false},
    {"127.0.0.1:007000", NULL, false},
    {"127.0.0.1 :7000", NULL, false},
    {"127.0.0.1/0", NULL, false},
    {"127.0.0.256", NULL, false},
    {"[::1", NULL, false},
    {"[::1]7000", NULL, false},
    {"[::1]:", NULL, false},
    {"[]", NULL, false},
    {"[", NULL, false},
    {"[127.0.0.1]:7000", NULL, false},
    {"fe80::1%lo", NULL, false},
    {A50 ":7000", NULL, false},
    {"[" A50 "]:7000", NULL, false},
};

static void
test_parse(const char *text, const char *written, bool bare)
{
	struct endpoint e, again;
	char out[ENDPOINT_STRLEN];
	bool good = endpoint_parse(&e, text, 7, bare);

	same_str(good ? endpoint_format(&e, out) : NULL, written, text);
	if (good)
		ok(endpoint_parse(&again, out, 1, false) && endpoint_equal(&e, &again),
		    "%s: read again", out);
}

/* What follows an address or its port is left to the caller. */
static void
test_rest(void)
{
	const char *at = "[::1]:7/2";
	struct endpoint e = {.port = 1};

	ok(endpoint_host(&at, &e.address), "an address");
	same_str(at, ":7/2", "a port follows");
	ok(endpoint_port(&at, &e.port) && e.port == 7, "a port");
	same_str(at, "/2", "something else follows");
	ok(endpoint_port(&at, &e.port) && e.port == 7, "no port");
}

static void
test_sockaddr(void)
{
	struct sockaddr_storage sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct ipaddr address;
	struct endpoint e;

	(void)endpoint_parse(&e, "192.0.2.53:5353", 1, false);
	same_num(endpoint_sockaddr(&e, &sa), sizeof(in), "IPv4");
	memcpy(&in, &sa, sizeof(in));
	ok(ipaddr_from_sockaddr(&address, (struct sockaddr *)&sa) &&
		ipaddr_compare(&address, &e.address) == 0 && in.sin_port == htons(5353),
	    "its address and port");
	(void)endpoint_parse(&e, "[2001:db8::1]:53", 1, false);
	same_num(endpoint_sockaddr(&e, &sa), sizeof(in6), "IPv6");
	memcpy(&in6, &sa, sizeof(in6));
	ok(ipaddr_from_sockaddr(&address, (struct sockaddr *)&sa) &&
		ipaddr_compare(&address, &e.address) == 0 && in6.sin6_port == htons(53),
	    "its address and port");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		test_parse(rows[i].text, rows[i].bare ? NULL : rows[i].written, false);
		test_parse(rows[i].text, rows[i].written, true);
	}
	test_rest();
	test_sockaddr();
	return done();
}
