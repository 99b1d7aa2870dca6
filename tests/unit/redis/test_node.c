/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_node.c - addresses as servers write them, and where MOVED and ASK may send us:
 * whatever a server says, to figures and a port.
 */
#include "config.h"

#include "redis/node.h"

#include "tap.h"

#define A50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void
test_redirect(void)
{
	static const struct {
		const char *error;
		const char *node; /* NULL: refused */
		unsigned slot;
		bool asking;
	} rows[] = {
	    {"MOVED 3999 127.0.0.1:6381", "127.0.0.1:6381", 3999, false},
	    {"ASK 0 127.0.0.1:6381", "127.0.0.1:6381", 0, true},
	    {"MOVED 16383 2001:db8::1:6381", "[2001:db8::1]:6381", 16383, false},
	    {"MOVED 1 :6381", "198.51.100.7:6381", 1, false},
	    {"ASK 1 ?:6381", "198.51.100.7:6381", 1, true},
	    {"MOVED 1 ::ffff:198.51.100.8:1", "198.51.100.8:1", 1, false},
	    {"MOVED 16384 127.0.0.1:6381", NULL, 0, false},
	    {"MOVED 65536 127.0.0.1:6381", NULL, 0, false},
	    {"MOVED -1 127.0.0.1:6381", NULL, 0, false},
	    {"MOVED 99999999999999999999 127.0.0.1:6381", NULL, 0, false},
	    {"MOVED  127.0.0.1:6381", NULL, 0, false},
	    {"MOVED 3999", NULL, 0, false},
	    {"MOVED 3999 ", NULL, 0, false},
	    {"MOVED 3999 :", NULL, 0, false},
	    {"MOVED 3999 127.0.0.1", NULL, 0, false},
	    {"MOVED 3999 127.0.0.1:", NULL, 0, false},
	    {"MOVED 3999 127.0.0.1:0", NULL, 0, false},
	    {"MOVED 3999 127.0.0.1:65536", NULL, 0, false},
	    {"MOVED 3999 127.0.0.1:6381 ", NULL, 0, false},
	    {"MOVED 3999 127.0.0.1:6381 127.0.0.1:6382", NULL, 0, false},
	    {"MOVED 3999 redis.example:6381", NULL, 0, false},
	    {"MOVED 3999 localhost:6381", NULL, 0, false},
	    {"MOVED 3999 " A50 ":6381", NULL, 0, false},
	    {"MOVED 3999 127.0.0.1\n:6381", NULL, 0, false},
	    {"MOVED 39:99 127.0.0.1", NULL, 0, false},
	    {"MOVED", NULL, 0, false},
	    {"ASK", NULL, 0, false},
	    {"ASK ", NULL, 0, false},
	    {"moved 3999 127.0.0.1:6381", NULL, 0, false},
	    {"MOVEDX 3999 127.0.0.1:6381", NULL, 0, false},
	    {"TRYAGAIN Multiple keys request during rehashing of slot", NULL, 0, false},
	    {"", NULL, 0, false},
	};
	struct endpoint from;

	(void)endpoint_parse(&from, "198.51.100.7:6379", 1, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct redirect r = {0};
		char text[ENDPOINT_STRLEN], label[64];
		bool good = redirect_parse(&r, rows[i].error, &from);

		(void)snprintf(label, sizeof(label), "%zu: %.24s", i, rows[i].error);
		if (strchr(label, '\n') != NULL)
			*strchr(label, '\n') = '?';
		same_str(good ? endpoint_format(&r.node, text) : NULL, rows[i].node, label);
		same_num(r.asking, rows[i].asking, label);
		same_num(r.slot, rows[i].slot, label);
	}
}

static void
test_take(void)
{
	static const struct {
		const char *host;
		long long port;
		const char *node;
	} rows[] = {
	    {"127.0.0.1", 7000, "127.0.0.1:7000"},
	    {"", 7000, "198.51.100.7:7000"},
	    {"?", 7000, "198.51.100.7:7000"},
	    {"::1", 65535, "[::1]:65535"},
	    {"127.0.0.1", 0, NULL},
	    {"127.0.0.1", -1, NULL},
	    {"127.0.0.1", 65536, NULL},
	    {"127.0.0.1", 4294967297LL + 7000, NULL},
	    {"redis.example", 7000, NULL},
	    {"[::1]", 7000, NULL},
	    {"??", 7000, NULL},
	};
	struct endpoint from, nowhere = {.port = 1};

	(void)endpoint_parse(&from, "198.51.100.7:6379", 1, false);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct endpoint node;
		char text[ENDPOINT_STRLEN];
		bool good = redisnode_take(&node, rows[i].host, rows[i].port, &from);

		same_str(
		    good ? endpoint_format(&node, text) : NULL, rows[i].node, rows[i].host);
	}
	ok(!redisnode_take(&from, "", 7000, &nowhere), "one that has no address itself");
}

int
main(void)
{
	test_redirect();
	test_take();
	return done();
}
