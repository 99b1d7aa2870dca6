/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dnsserver.c - which texts are a DNS server's address, and which only
 * look like one.
 */
#include "config.h"

#include "dns/server.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdlib.h>

#include "base/strbuf.h"
#include "tap.h"

static const struct {
	const char *text;
	const char *address; /* NULL: it cannot be read */
	int port;
} rows[] = {
    {"127.0.0.1", "127.0.0.1", 53},
    {"127.0.0.1:5353", "127.0.0.1", 5353},
    {"192.0.2.53:1", "192.0.2.53", 1},
    {"192.0.2.53:65535", "192.0.2.53", 65535},
    {"192.0.2.53:00053", "192.0.2.53", 53},
    {"::1", "::1", 53},
    {"2001:db8::53", "2001:db8::53", 53},
    {"[2001:db8::53]", "2001:db8::53", 53},
    {"[2001:db8::53]:5353", "2001:db8::53", 5353},
    {"[::ffff:192.0.2.53]:5353", "192.0.2.53", 5353},
    {"[2001:db8:1111:2222:3333:4444:5555:6666]:65535", "2001:db8:1111:2222:3333:4444:5555:6666",
	65535},
    {"", NULL, 0},
    {":", NULL, 0},
    {":53", NULL, 0},
    {"[", NULL, 0},
    {"[]", NULL, 0},
    {"[]:53", NULL, 0},
    {"[::1", NULL, 0},
    {"[::1]:", NULL, 0},
    {"[::1]x", NULL, 0},
    {"[::1]53", NULL, 0},
    {"[127.0.0.1]:53", NULL, 0},
    {"localhost", NULL, 0},
    {"127.0.0.1:", NULL, 0},
    {"127.0.0.1:0", NULL, 0},
    {"127.0.0.1:65536", NULL, 0},
    {"127.0.0.1:4294967349", NULL, 0},
    {"127.0.0.1:99999999999999999999", NULL, 0},
    {"127.0.0.1:+53", NULL, 0},
    {"127.0.0.1: 53", NULL, 0},
    {"127.0.0.1:53 ", NULL, 0},
    {" 127.0.0.1", NULL, 0},
    {"127.0.0.1,127.0.0.2", NULL, 0},
    {"127.0.0", NULL, 0},
    {"127.0.0.256", NULL, 0},
    {"fe80::1%lo", NULL, 0},
    {"\xff\xfe", NULL, 0},
    {"111111111111111111111111111111111111111111111111111111111111:53", NULL, 0},
};

static void
test_join(void)
{
	static char longest[] = "[2001:db8:1111:2222:3333:4444:5555:6666]:65535",
		    v4[] = "192.0.2.53", bad[] = "127.0.0.1:x";
	char *good[] = {longest, v4, longest, longest, NULL}, *one[] = {v4, NULL},
	     *wrong[] = {v4, bad, NULL};
	char storage[100], *text;
	struct strbuf why;
	size_t n;

	strbuf_init(&why, storage, sizeof(storage));
	text = dnsserver_join(good, &n, &why);
	same_str(text,
	    "[2001:db8:1111:2222:3333:4444:5555:6666]:65535,192.0.2.53:53,"
	    "[2001:db8:1111:2222:3333:4444:5555:6666]:65535,"
	    "[2001:db8:1111:2222:3333:4444:5555:6666]:65535",
	    "the longest, joined");
	same_num((long long)n, 4, "and counted");
	free(text);
	text = dnsserver_join(one, &n, &why);
	same_str(text, "192.0.2.53:53", "one alone");
	free(text);
	same_str(why.data, "", "nothing to say against them");
	same_str(dnsserver_join(wrong, &n, &why), NULL, "a wrong one");
	same_str(why.data, "not the address of a DNS server: 127.0.0.1:x", "is named");
}

/* As resolv.conf may have them, with the interface of a link-local one. */
static void
test_sockets(void)
{
	static const char *const bad[] = {"", "localhost:53", "[fe80::1]:53%no-such-interface",
	    "[2001:db8:1111:2222:3333:4444:5555:6666:7777:8888]:65535"};
	char name[IF_NAMESIZE], text[64] = "[fe80::1]:53%";
	struct sockaddr_storage address;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	same_num((long long)dnsserver_socket(&address, "192.0.2.53:5353"), sizeof(in), "IPv4");
	memcpy(&in, &address, sizeof(in));
	ok(in.sin_family == AF_INET && ntohs(in.sin_port) == 5353 &&
		ntohl(in.sin_addr.s_addr) == 0xc0000235,
	    "address and port");
	same_num(
	    (long long)dnsserver_socket(&address, "[2001:db8::1]:53"), sizeof(in6), "IPv6");
	memcpy(&in6, &address, sizeof(in6));
	ok(in6.sin6_family == AF_INET6 && ntohs(in6.sin6_port) == 53 &&
		in6.sin6_addr.s6_addr[15] == 1 && in6.sin6_scope_id == 0,
	    "address and port");
	if (if_indextoname(1, name) != NULL) {
		same_num((long long)dnsserver_socket(&address, strcat(text, name)), sizeof(in6),
		    "link-local");
		memcpy(&in6, &address, sizeof(in6));
		same_num(in6.sin6_scope_id, 1, "its interface");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		same_num((long long)dnsserver_socket(&address, bad[i]), 0, bad[i]);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char address[IPADDR_STRLEN];
		struct endpoint s;
		bool read = dnsserver_parse(&s, rows[i].text);

		if (!ok(read == (rows[i].address != NULL), "\"%s\"", rows[i].text) || !read)
			continue;
		same_str(ipaddr_format(&s.address, address), rows[i].address, rows[i].text);
		same_num(s.port, rows[i].port, rows[i].text);
	}
	test_join();
	test_sockets();
	return done();
}
