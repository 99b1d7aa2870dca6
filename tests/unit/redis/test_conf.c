/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_redisconf.c - which URLs are taken, as what, and that nothing is shared
 * between a copy and what it was made of.
 */
#include "config.h"

#include "redis/conf.h"

#include <stdlib.h>

#include "tap.h"

/* 107 bytes, which a Linux socket just holds; FreeBSD's holds 103. */
#define P50 "/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw"
#define LONG_PATH P50 P50 "/a"

static void
test_good(void)
{
	static const struct {
		const char *url;
		const char *host, *path;
		unsigned port, db;
		const char *server;
	} rows[] = {
	    {"rediss://127.0.0.1:6390/1", "127.0.0.1", NULL, 6390, 1, "127.0.0.1:6390"},
	    {"rediss://[::1]", "::1", NULL, 6379, 0, "[::1]:6379"},
	    {"redis://127.0.0.1:6379/0", "127.0.0.1", NULL, 6379, 0, "127.0.0.1:6379"},
	    {"redis://127.0.0.1", "127.0.0.1", NULL, 6379, 0, "127.0.0.1:6379"},
	    {"redis://127.0.0.1/", "127.0.0.1", NULL, 6379, 0, "127.0.0.1:6379"},
	    {"redis://127.0.0.1/15", "127.0.0.1", NULL, 6379, 15, "127.0.0.1:6379"},
	    {"redis://198.51.100.7:1/1", "198.51.100.7", NULL, 1, 1, "198.51.100.7:1"},
	    {"redis://localhost:65535", "localhost", NULL, 65535, 0, "localhost:65535"},
	    {"redis://[::1]:6379", "::1", NULL, 6379, 0, "[::1]:6379"},
	    {"redis://[2001:db8::1]/2", "2001:db8::1", NULL, 6379, 2, "[2001:db8::1]:6379"},
	    {"redis://[::ffff:198.51.100.7]", "::ffff:198.51.100.7", NULL, 6379, 0,
		"[::ffff:198.51.100.7]:6379"},
	    {"unix:/run/redis.sock", NULL, "/run/redis.sock", 0, 0, "unix:/run/redis.sock"},
	    {"unix:/run/redis.sock?db=1", NULL, "/run/redis.sock", 0, 1,
		"unix:/run/redis.sock"},
	    {"unix:/run/a b:c@d", NULL, "/run/a b:c@d", 0, 0, "unix:/run/a b:c@d"},
	    {"unix:" LONG_PATH, NULL, LONG_PATH, 0, 0, "unix:" LONG_PATH},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* What was there before is replaced, what else is set stays. */
		struct redis_options o = {.host = strdup("before"), .user = strdup("u")};
		char why[100] = "", server[REDIS_SERVER_MAX];

		ok(redis_options_parse(&o, rows[i].url, why, sizeof(why)), "%s", rows[i].url);
		same_str(o.host, rows[i].host, rows[i].url);
		same_str(o.path, rows[i].path, rows[i].url);
		same_num(o.port, rows[i].port, rows[i].url);
		same_num(o.db, rows[i].db, rows[i].url);
		same_num(o.tls, strncmp(rows[i].url, "rediss", 6) == 0, rows[i].url);
		same_str(o.user, "u", rows[i].url);
		same_str(redis_options_server(&o, server), rows[i].server, rows[i].url);
		redis_options_clear(&o);
	}
}

static const struct {
	const char *url;
	const char *why;
} bad[] = {
    {"", "begins with neither"},
    {"redis:", "begins with neither"},
    {"redisss://127.0.0.1", "begins with neither"},
    {"rediss:/127.0.0.1", "begins with neither"},
    {"rediss://redis.example.net", "host"},
    {"REDIS://127.0.0.1", "begins with neither"},
    {"127.0.0.1:6379", "begins with neither"},
    {"/run/redis.sock", "begins with neither"},
    {" redis://127.0.0.1", "begins with neither"},
    {"redis://", "host"},
    {"redis:///0", "host"},
    {"redis://:6379", "host"},
    {"redis://redis.example.net", "host"},
    {"redis://LOCALHOST", "host"},
    {"redis://localhost.", "host"},
    {"redis://[localhost]", "host"},
    {"redis://[127.0.0.1]", "host"},
    {"redis://[::1", "host"},
    {"redis://[]", "host"},
    {"redis://[", "host"},
    {"redis://::1", "host"},
    {"redis://127.1", "host"},
    {"redis://127.0.0.1 ", "host"},
    {"redis://[2001:db8:0000:0000:0000:0000:0000:0000:0001:aaaa:bbbb:cccc]", "host"},
    {"redis://[::1]6379", "end"},
    {"redis://127.0.0.1:", "port"},
    {"redis://127.0.0.1:/0", "port"},
    {"redis://127.0.0.1:0", "port"},
    {"redis://127.0.0.1:65536", "port"},
    {"redis://127.0.0.1:-1", "port"},
    {"redis://127.0.0.1:+1", "port"},
    {"redis://127.0.0.1:006379", "port"},
    {"redis://127.0.0.1:99999999999999999999", "port"},
    {"redis://127.0.0.1:6379x", "end"},
    {"redis://127.0.0.1:6379/x", "database"},
    {"redis://127.0.0.1:6379/-1", "database"},
    {"redis://127.0.0.1:6379/65536", "database"},
    {"redis://127.0.0.1:6379/0/", "end"},
    {"redis://127.0.0.1:6379/0?a", "end"},
    {"redis://127.0.0.1\n", "host"},
    {"redis://:secret@127.0.0.1", "password"},
    {"redis://user:secret@127.0.0.1:6379/0", "password"},
    {"unix:", "begins with /"},
    {"unix:run/redis.sock", "begins with /"},
    {"unix:?db=1", "begins with /"},
    {"unix:/run/redis.sock?", "follow"},
    {"unix:/run/redis.sock?db", "follow"},
    {"unix:/run/redis.sock?DB=1", "follow"},
    {"unix:/run/redis.sock?db=1&x=2", "follow"},
    {"unix:/run/redis.sock?db=", "database"},
    {"unix:/run/redis.sock?db=-1", "database"},
    {"unix:" LONG_PATH LONG_PATH, "too long"},
};

static void
test_bad(void)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct redis_options o = {.path = strdup("/before"), .db = 7};
		char why[100] = "";

		ok(!redis_options_parse(&o, bad[i].url, why, sizeof(why)), "bad %zu: %.40s", i,
		    strchr(bad[i].url, '\n') != NULL ? "newline" : bad[i].url);
		if (!ok(strstr(why, bad[i].why) != NULL, "and it says why"))
			printf("# %s\n", why);
		ok(strstr(why, "secret") == NULL, "without the password");
		ok(o.host == NULL && o.db == 7 && strcmp(o.path, "/before") == 0,
		    "and changes nothing");
		redis_options_clear(&o);
	}
}

static void
test_equal(void)
{
	static char a[] = "a", b[] = "b", path[] = "/a", other[] = "/b";
	static const struct {
		const char *label;
		struct redis_options left, right;
		bool equal;
	} rows[] = {
	    {"nothing", {0}, {0}, true},
	    {"host", {.host = a}, {.host = a}, true},
	    {"another host", {.host = a}, {.host = b}, false},
	    {"host and path", {.host = path}, {.path = path}, false},
	    {"port", {.port = 1}, {.port = 2}, false},
	    {"path", {.path = path}, {.path = other}, false},
	    {"db", {.db = 1}, {.db = 2}, false},
	    {"user", {.user = a}, {.user = NULL}, false},
	    {"password", {.password = a}, {.password = b}, false},
	    {"same password", {.password = a}, {.password = a}, true},
	    {"connect_ms", {.connect_ms = 1}, {.connect_ms = 2}, false},
	    {"kind", {.kind = REDIS_SENTINEL}, {.kind = REDIS_CLUSTER}, false},
	    {"seeds", {.nseeds = 1}, {.nseeds = 2}, false},
	    {"another seed", {.nseeds = 1, .seed = {{.port = 1}}},
		{.nseeds = 1, .seed = {{.port = 2}}}, false},
	    {"the same seed", {.nseeds = 1, .seed = {{.port = 1}}},
		{.nseeds = 1, .seed = {{.port = 1}}}, true},
	    {"service", {.service = a}, {.service = b}, false},
	    {"sentinel_password", {.sentinel_password = a}, {.sentinel_password = b}, false},
	    {"tls", {.tls = true}, {.tls = false}, false},
	    {"tls_ca", {.tls_ca = a}, {.tls_ca = b}, false},
	    {"tls_cert", {.tls_cert = a}, {.tls_cert = NULL}, false},
	    {"tls_key", {.tls_key = NULL}, {.tls_key = b}, false},
	    {"tls_sum", {.tls_sum = 1}, {.tls_sum = 2}, false},
	    {"command_ms", {.command_ms = 1}, {.command_ms = 2}, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct redis_options copy;

		same_num(redis_options_equal(&rows[i].left, &rows[i].right), rows[i].equal,
		    rows[i].label);
		same_num(redis_options_equal(&rows[i].right, &rows[i].left), rows[i].equal,
		    rows[i].label);
		ok(redis_options_copy(&copy, &rows[i].left), "%s: copied", rows[i].label);
		ok(redis_options_equal(&copy, &rows[i].left), "%s: the copy is equal",
		    rows[i].label);
		ok(copy.host == NULL || copy.host != rows[i].left.host, "%s: and its own",
		    rows[i].label);
		redis_options_clear(&copy);
		ok(copy.host == NULL && copy.password == NULL, "%s: cleared", rows[i].label);
	}
}

static void
test_seeds(void)
{
	struct redis_options o = {.kind = REDIS_SENTINEL, .service = strdup("mymaster")};
	char why[100] = "", server[REDIS_SERVER_MAX], text[32];

	same_str(redis_options_server(&o, server), "mymaster", "a service has its name");
	ok(redis_options_seed(&o, "127.0.0.1", why, sizeof(why)), "a sentinel");
	same_num(o.seed[0].port, 26379, "at its usual port");
	o.kind = REDIS_CLUSTER;
	ok(redis_options_seed(&o, "[::1]", why, sizeof(why)), "a node");
	same_num(o.seed[1].port, 6379, "at its usual port");
	same_str(
	    redis_options_server(&o, server), "127.0.0.1:26379", "a cluster, its first node");
	ok(!redis_options_seed(&o, "redis.example:7000", why, sizeof(why)), "no names");
	ok(strstr(why, "must be like") != NULL, "and it says why");
	for (unsigned i = o.nseeds; i < REDIS_SEEDS_MAX; i++) {
		(void)snprintf(text, sizeof(text), "127.0.0.1:%u", 7000 + i);
		ok(redis_options_seed(&o, text, why, sizeof(why)), "seed %u", i);
	}
	ok(!redis_options_seed(&o, "127.0.0.1", why, sizeof(why)), "and no more");
	ok(strstr(why, "too many") != NULL, "and it says why");
	redis_options_clear(&o);
}

int
main(void)
{
	test_seeds();
	test_good();
	test_bad();
	test_equal();
	return done();
}
