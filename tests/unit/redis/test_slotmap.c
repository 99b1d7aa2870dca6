/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_slotmap.c - the slots of keys, by vectors of the specification, and maps
 * that are right, odd, or made to harm.
 */
#include "config.h"

#include "redis/slotmap.h"

#include <stdlib.h>

#include "tap.h"

static void
test_slots(void)
{
	static const struct {
		const char *key;
		unsigned slot;
	} rows[] = {
	    {"123456789", 0x31C3},
	    {"", 0},
	    {"foo", 12182},
	    {"bar", 5061},
	    {"{foo}", 12182},
	    {"x{foo}y", 12182},
	    {"{foo}{bar}", 12182},
	    {"foo{}", 5542}, /* an empty tag is none: the whole key counts */
	    {"foo{}{bar}", 8363},
	    {"foo{{bar}}zap", 4015}, /* the tag is "{bar" */
	    {"foo{bar", 15278},
	    {"foo}bar{", 11073},
	    {"{user1000}.following", 3443},
	    {"user1000", 3443},
	    {"rg1:{198.51.100.7}:a.00000001", 6869},
	    {"198.51.100.7", 6869},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_num(slotmap_slot(rows[i].key), rows[i].slot, rows[i].key);
}

/*
 * Make a reply from text: * and a number begin an array, : a number, $ a string
 * up to the next blank, - is nil.
 */
static struct redisreply *
make(const char **text)
{
	struct redisreply *r = NULL;
	char kind = **text;
	size_t len = strcspn(++*text, " ");

	if (kind == '*')
		r = redisreply_array((size_t)atoi(*text));
	else if (kind == ':')
		r = redisreply_number(atoll(*text));
	else if (kind == '$')
		r = redisreply_text(REDISREPLY_STRING, *text, len);
	else
		r = redisreply_text(
		    kind == '!' ? REDISREPLY_ERROR : REDISREPLY_NIL, *text, len);
	if (r == NULL)
		abort();
	*text += len + ((*text)[len] == ' ');
	for (size_t i = 0; kind == '*' && i < r->len; i++)
		r->element[i] = make(text);
	return r;
}

static const struct {
	const char *label, *reply;
	bool good;
	unsigned nodes;
	int first, last; /* the owners of the first and the last slot, -1: nobody */
} maps[] = {
    {"one master", "*1 *3 :0 :16383 *2 $127.0.0.1 :7000", true, 1, 0, 0},
    {"as of Redis 7", "*1 *4 :0 :16383 *4 $127.0.0.1 :7000 $id *0 *4 $127.0.0.2 :7001 $id *0",
	true, 1, 0, 0},
    {"two masters", "*2 *3 :8192 :16383 *2 $127.0.0.1 :7000 *3 :0 :8191 *2 $127.0.0.1 :7001",
	true, 2, 1, 0},
    {"a master twice", "*2 *3 :0 :9 *2 $127.0.0.1 :7000 *3 :16383 :16383 *2 $127.0.0.1 :7000",
	true, 1, 0, 0},
    {"a hole at the end", "*1 *3 :0 :0 *2 $127.0.0.1 :7000", true, 1, 0, -1},
    {"no slot at all", "*0", true, 0, -1, -1},
    {"an empty host", "*1 *3 :0 :16383 *2 $ :7000", true, 1, 0, 0},
    {"a nil host", "*1 *3 :0 :16383 *2 - :7000", true, 1, 0, 0},
    {"IPv6", "*1 *3 :0 :16383 *2 $::1 :7000", true, 1, 0, 0},
    {"a replica of any kind", "*1 *4 :0 :16383 *2 $127.0.0.1 :7000 $x", true, 1, 0, 0},
    {"not an array", ":1", false, 0, -1, -1},
    {"an error", "!ERR", false, 0, -1, -1},
    {"nil", "-", false, 0, -1, -1},
    {"a range that is none", "*1 :1", false, 0, -1, -1},
    {"a range of nothing", "*1 *0", false, 0, -1, -1},
    {"a range without a master", "*1 *2 :0 :16383", false, 0, -1, -1},
    {"a name", "*1 *3 :0 :16383 *2 $redis.example :7000", false, 0, -1, -1},
    {"no port", "*1 *3 :0 :16383 *1 $127.0.0.1", false, 0, -1, -1},
    {"port 0", "*1 *3 :0 :16383 *2 $127.0.0.1 :0", false, 0, -1, -1},
    {"port 65536", "*1 *3 :0 :16383 *2 $127.0.0.1 :65536", false, 0, -1, -1},
    {"a port as text", "*1 *3 :0 :16383 *2 $127.0.0.1 $7000", false, 0, -1, -1},
    {"a host as a number", "*1 *3 :0 :16383 *2 :127 :7000", false, 0, -1, -1},
    {"slot 16384", "*1 *3 :0 :16384 *2 $127.0.0.1 :7000", false, 0, -1, -1},
    {"slot -1", "*1 *3 :-1 :5 *2 $127.0.0.1 :7000", false, 0, -1, -1},
    {"backwards", "*1 *3 :5 :4 *2 $127.0.0.1 :7000", false, 0, -1, -1},
    {"far out", "*1 *3 :0 :9223372036854775807 *2 $127.0.0.1 :7000", false, 0, -1, -1},
    {"slots as text", "*1 *3 $0 $16383 *2 $127.0.0.1 :7000", false, 0, -1, -1},
    {"one bad range of two", "*2 *3 :0 :9 *2 $127.0.0.1 :7000 *3 :10 :9 *2 $::1 :1", false, 0,
	-1, -1},
};

static void
test_maps(void)
{
	static struct slotmap map;
	struct endpoint from;

	(void)endpoint_parse(&from, "198.51.100.7:7000", 1, false);
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		const char *text = maps[i].reply;
		struct redisreply *reply = make(&text);
		bool good = slotmap_read(&map, reply, &from);

		redisreply_free(reply);
		same_num(good, maps[i].good, maps[i].label);
		if (!good)
			continue;
		same_num(map.n, maps[i].nodes, maps[i].label);
		same_num(map.owner[0] == SLOTMAP_NOBODY ? -1 : map.owner[0], maps[i].first,
		    maps[i].label);
		same_num(map.owner[16383] == SLOTMAP_NOBODY ? -1 : map.owner[16383],
		    maps[i].last, maps[i].label);
	}
}

static void
test_hosts(void)
{
	static struct slotmap map;
	const char *text = "*1 *3 :0 :16383 *2 $ :7000";
	struct redisreply *reply = make(&text);
	char node[ENDPOINT_STRLEN];
	struct endpoint from;

	(void)endpoint_parse(&from, "198.51.100.7:6379", 1, false);
	ok(slotmap_read(&map, reply, &from), "an empty host");
	same_str(endpoint_format(&map.node[0], node), "198.51.100.7:7000",
	    "is that of whoever says so");
	free(reply->element[0]->element[2]->element[0]);
	reply->element[0]->element[2]->element[0] =
	    redisreply_text(REDISREPLY_STRING, "127.0.0.1\0x", 11);
	ok(!slotmap_read(&map, reply, &from), "a NUL in a host");
	redisreply_free(reply);
}

static void
test_many(unsigned masters, bool good)
{
	static struct slotmap map;
	struct redisreply *reply = redisreply_array(masters);
	struct endpoint from = {.port = 1};

	for (unsigned i = 0; i < masters; i++) {
		char range[64];
		const char *text = range;

		(void)snprintf(
		    range, sizeof(range), "*3 :%u :%u *2 $127.0.0.1 :%u", i, i, 1 + i);
		reply->element[i] = make(&text);
	}
	same_num(slotmap_read(&map, reply, &from), good, "many masters");
	ok(map.n <= SLOTMAP_NODES_MAX, "no more than there is room for: %u", map.n);
	redisreply_free(reply);
}

static void
test_reply(void)
{
	static char text[REDISREPLY_TEXT_MAX + 100];
	struct redisreply *r;

	memset(text, 'x', sizeof(text));
	r = redisreply_text(REDISREPLY_STRING, text, sizeof(text));
	same_num((long long)r->len, sizeof(text), "a long text: its length");
	same_num((long long)strlen(r->text), REDISREPLY_TEXT_MAX, "a long text: what is kept");
	redisreply_free(r);
	r = redisreply_text(REDISREPLY_ERROR, "TRYAGAIN x", 10);
	ok(redisreply_is_error(r, "TRYAGAIN") && !redisreply_is_error(r, "TRY"),
	    "its first word");
	ok(!redisreply_is(r, "TRYAGAIN x"), "an error is no status");
	redisreply_free(r);
	r = redisreply_array(2);
	r->element[1] = redisreply_number(1);
	redisreply_free(r);
	ok(true, "an array that was not read to its end can be freed");
	redisreply_free(NULL);
}

int
main(void)
{
	test_slots();
	test_maps();
	test_hosts();
	test_many(SLOTMAP_NODES_MAX, true);
	test_many(SLOTMAP_NODES_MAX + 1, false);
	test_many(1000, false);
	test_reply();
	return done();
}
