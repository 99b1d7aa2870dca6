/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_fleet.c - nodes and one Redis, on the frozen clock: what one tells the others hear
 * once, in order and soon; nonsense is nothing, and does not stay in the way.
 */
#include "config.h"

#include "own/fleet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "loop/loop.h"
#include "redis/stream.h"
#include "upstream/upstream.h"

#include "tap.h"

#define NOW 1800000000
#define STREAM "rg1:{own}:news"
#define KEY "rg1:{own}:key"
#define NODES 3
#define SOON_MS 3000
#define QUEUE 256    /* records that wait for Redis, ... */
#define EVIDENCE 192 /* ... and when evidence has no place any more */
#define A_TICK 128   /* that are told in a second */

static char host[] = "127.0.0.1";

struct node {
	struct fleet *fleet;
	unsigned n;
	int64_t said, ahead;
	char last[FLEET_RECORD_MAX + 1];
	bool disordered; /* numbers that did not grow */
	uint8_t key[FLEET_KEY_SIZE];
};

static struct loop *loop;
static struct upstream *upstream;
static struct node node[NODES];

static void
on_heard(void *arg, int64_t said, int64_t ahead, const char *record)
{
	struct node *n = arg;

	n->disordered |= n->n > 0 && strcmp(record, n->last) <= 0;
	n->n++;
	n->said = said;
	n->ahead = ahead;
	(void)snprintf(n->last, sizeof(n->last), "%s", record);
}

static void
on_key(void *arg, const uint8_t key[FLEET_KEY_SIZE])
{
	memcpy(((struct node *)arg)->key, key, FLEET_KEY_SIZE);
}

static void
forget(void)
{
	for (int i = 0; i < NODES; i++) {
		node[i].n = 0;
		node[i].disordered = false;
		node[i].last[0] = '\0';
	}
}

static void
begin(struct node *n)
{
	const struct fleet_ears ears = {on_heard, on_key, n};

	*n = (struct node){.n = 0};
	n->fleet = fleet_new(loop, upstream, &ears);
	fleet_use(n->fleet, true);
}

static void
test_telling(void)
{
	forget();
	fleet_tell(node[0].fleet, FLEET_DECISION, "one record");
	fake_loop_pass(loop, SOON_MS);
	same_num(node[0].n, 0, "nobody hears itself");
	same_num(node[1].n, 1, "the second hears it once");
	same_num(node[2].n, 1, "and so does the third");
	same_str(node[1].last, "one record", "as it was told");
	same_num(node[1].said, NOW, "and when");
	fake_loop_pass(loop, 60000);
	same_num(node[1].n, 1, "it does not come again");
}

/* Records of other nodes and of nobody. */
static void
test_records(void)
{
	static const struct {
		const char *label, *record;
		bool heard;
	} rows[] = {
	    {"at the beginning of time", "1 N3K2Q9M7 0 0 text", false},
	    {"now", "1 N3K2Q9M7 1800000000 0 text", true},
	    {"a week ago", "1 N3K2Q9M7 1799395210 0 text", true},
	    {"longer ago", "1 N3K2Q9M7 1799395199 0 text", false},
	    {"soon", "1 N3K2Q9M7 1800003600 0 text", true},
	    {"later", "1 N3K2Q9M7 1800003700 0 text", false},
	    {"never", "1 N3K2Q9M7 999999999999 0 text", false},
	    {"a time of many digits", "1 N3K2Q9M7 18000000000000 0 text", false},
	    {"empty", "", false},
	    {"blank", " ", false},
	    {"another version", "2 N3K2Q9M7 1800000000 0 text", false},
	    {"no node", "1  1800000000 0 text", false},
	    {"a short node", "1 N3K2Q9M 1800000000 0 text", false},
	    {"a long node", "1 N3K2Q9M77 1800000000 0 text", false},
	    {"an odd node", "1 N3K2Q9M- 1800000000 0 text", false},
	    {"no time", "1 N3K2Q9M7 text", false},
	    {"a sign", "1 N3K2Q9M7 -1800000000 0 text", false},
	    {"a clock ahead", "1 N3K2Q9M7 1800001200 1200 text", true},
	    {"far ahead", "1 N3K2Q9M7 1900000000 100000000 text", true},
	    {"behind", "1 N3K2Q9M7 1799998800 -1200 text", true},
	    {"soon by a clock ahead", "1 N3K2Q9M7 1800004900 1200 text", false},
	    {"no clock", "1 N3K2Q9M7 1800000000 text", false},
	    {"half a clock", "1 N3K2Q9M7 1800000000 - text", false},
	    {"two signs", "1 N3K2Q9M7 1800000000 --1 text", false},
	    {"no text", "1 N3K2Q9M7 1800000000 0", false},
	    {"an empty text", "1 N3K2Q9M7 1800000000 0 ", false},
	    {"a line end", "1 N3K2Q9M7 1800000000 0 te\nxt", false},
	    {"beyond ASCII", "1 N3K2Q9M7 1800000000 0 te\303\251xt", false},
	    {"DEL", "1 N3K2Q9M7 1800000000 0 te\177xt", false},
	    {"text alone", "N3K2Q9M7", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clock_freeze(clock_ms(), NOW);
		forget();
		fake_redis_append(STREAM, rows[i].record);
		fake_loop_pass(loop, SOON_MS);
		same_num(node[1].n, rows[i].heard, rows[i].label);
		ok(!rows[i].heard || node[1].said <= clock_wall(), "%s: no time to come",
		    rows[i].label);
	}
}

/* A node hears by its own clock what the other has by another one, and says which it has. */
static void
test_clocks(void)
{
	static const int64_t slow_ms[] = {3000000, -1200000, 0};
	char text[64];

	for (size_t i = 0; i < sizeof(slow_ms) / sizeof(slow_ms[0]); i++) {
		long long ahead = slow_ms[i] / 1000, then;

		fake_redis_lose_stream(STREAM, slow_ms[i]);
		fake_loop_pass(loop, 130000);
		forget();
		then = clock_wall() - 10;
		(void)snprintf(text, sizeof(text), "1 N3K2Q9M7 %lld 0 of Redis", then - ahead);
		fake_redis_append(STREAM, text);
		fake_loop_pass(loop, SOON_MS);
		ok(node[1].n == 1 && llabs(node[1].said - then) <= 1,
		    "what a node with the clock of Redis has said is known by ours");
		ok(llabs(node[1].ahead + ahead) <= 1, "which is %lld s ahead: %lld", ahead,
		    (long long)-node[1].ahead);
		(void)snprintf(text, sizeof(text), "1 N3K2Q9M7 %lld %lld of ours", then, ahead);
		forget();
		fake_redis_append(STREAM, text);
		fake_loop_pass(loop, SOON_MS);
		ok(node[1].n == 1 && llabs(node[1].said - then) <= 1 &&
			llabs(node[1].ahead) <= 1,
		    "and that of a node with ours");
	}
}

/* The clock of the nodes is put elsewhere, that of Redis goes on: what is told then is known soon,
 * and what has waited is as old as it is. */
static void
test_step(void)
{
	static const int64_t steps[] = {86400, -86400};
	int64_t slow_ms = 0;
	char text[64];

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		long long then;

		fleet_tell(node[0].fleet, FLEET_EVIDENCE, "has waited");
		clock_freeze(clock_ms(), clock_wall() + steps[i]);
		slow_ms += steps[i] * 1000;
		fake_redis_lose_stream(STREAM, slow_ms);
		forget();
		fake_loop_pass(loop, SOON_MS);
		ok(node[1].n == 1 && llabs(node[1].said - clock_wall()) <= SOON_MS / 1000 + 1,
		    "a step of %lld s: what waited is not older: %lld", (long long)steps[i],
		    (long long)(clock_wall() - node[1].said));
		forget();
		then = clock_wall() - slow_ms / 1000;
		(void)snprintf(text, sizeof(text), "1 N3K2Q9M7 %lld 0 of Redis", then);
		fake_redis_append(STREAM, text);
		fake_loop_pass(loop, SOON_MS);
		ok(node[1].n == 1 && llabs(node[1].said - clock_wall()) <= SOON_MS / 1000 + 1,
		    "and others are understood soon: %u", node[1].n);
	}
}

static void
test_lengths(void)
{
	char text[REDISSTREAM_RECORD_MAX];

	forget();
	(void)snprintf(text, sizeof(text), "1 N3K2Q9M7 %d 0 %0*d", NOW, FLEET_RECORD_MAX, 7);
	fake_redis_append(STREAM, text);
	fake_loop_pass(loop, SOON_MS);
	same_num(node[1].n, 1, "the longest");
	(void)snprintf(
	    text, sizeof(text), "1 N3K2Q9M7 %d 0 %0*d", NOW, FLEET_RECORD_MAX + 1, 7);
	fake_redis_append(STREAM, text);
	fake_loop_pass(loop, SOON_MS);
	same_num(node[1].n, 1, "one more is nothing");
}

/* While Redis is down what is told waits, as far as there is room. */
static void
test_down(void)
{
	uint64_t dropped = counter_get(COUNTER_FLEET_DROPPED);
	char text[32];

	forget();
	fake_redis_set_mode(FAKE_REDIS_DOWN, 0);
	for (unsigned i = 0; i < EVIDENCE + 10; i++) {
		(void)snprintf(text, sizeof(text), "%06u", i);
		fleet_tell(node[0].fleet, FLEET_EVIDENCE, text);
	}
	for (unsigned i = 500; i < 500 + QUEUE - EVIDENCE + 5; i++) {
		(void)snprintf(text, sizeof(text), "%06u", i);
		fleet_tell(node[0].fleet, FLEET_DECISION, text);
	}
	same_num(counter_get(COUNTER_FLEET_DROPPED) - dropped, 15, "what has no room is lost");
	fake_loop_pass(loop, 20000);
	same_num(node[1].n, 0, "nothing comes through");
	fake_redis_set_mode(FAKE_REDIS_UP, 1);
	fake_loop_pass(loop, 1200);
	ok(node[1].n <= 2 * A_TICK, "not all at once: %u", node[1].n);
	fake_loop_pass(loop, 5000);
	same_num(node[1].n, QUEUE, "up again, all that waited is told");
	ok(!node[1].disordered, "in order");
	same_num(node[2].n, QUEUE, "to all");
}

/* A node that starts hears what was told before; another Redis is read from its start. */
static void
test_starting(void)
{
	struct node late;
	unsigned records = fake_redis_records();

	begin(&late);
	fake_loop_pass(loop, SOON_MS);
	ok(late.n > QUEUE && late.n < records, "one that starts hears of the past: %u", late.n);
	fleet_tell(node[0].fleet, FLEET_DECISION, "before the loss");
	fake_loop_pass(loop, SOON_MS);
	fake_redis_lose_stream(STREAM, 20000);
	forget();
	fleet_tell(node[0].fleet, FLEET_DECISION, "after the loss");
	fake_loop_pass(loop, 70000);
	same_num(node[1].n, 1, "a stream that was lost is read again within a minute");
	fleet_tell(node[0].fleet, FLEET_DECISION, "more");
	fake_loop_pass(loop, SOON_MS);
	same_num(node[1].n, 2, "and soon from then on");
	fleet_free(late.fleet);
}

/* Whoever is not to, tells and hears nothing. */
static void
test_unwanted(void)
{
	forget();
	fleet_use(node[0].fleet, false);
	fleet_use(node[1].fleet, false);
	fleet_tell(node[0].fleet, FLEET_DECISION, "unwanted");
	fake_redis_append(STREAM, "1 N3K2Q9M7 1800000000 0 text");
	fake_loop_pass(loop, SOON_MS);
	same_num(node[2].n, 1, "nothing is told");
	same_num(node[1].n, 0, "nor heard");
	fleet_use(node[0].fleet, true);
	fleet_use(node[1].fleet, true);
	fake_loop_pass(loop, SOON_MS);
	same_num(node[1].n, 1, "what was said meanwhile is heard later");
}

/* What cannot be read is cleared away, but not because Redis is down. */
static void
test_clearing(void)
{
	fake_loop_pass(loop, 200000); /* until the clock that was set back is that of Redis */
	forget();
	fake_redis_set_mode(FAKE_REDIS_DOWN, 0);
	fake_redis_break_stream(STREAM);
	fake_loop_pass(loop, 20000);
	fake_redis_set_mode(FAKE_REDIS_UP, 1);
	fleet_tell(node[0].fleet, FLEET_DECISION, "in the way");
	fake_loop_pass(loop, 1500);
	same_num(node[1].n, 0, "not at once");
	fake_loop_pass(loop, 20000);
	same_num(node[1].n, 1, "cleared away, it is heard");
}

static bool
have_one_key(void)
{
	return memcmp(node[0].key, node[1].key, FLEET_KEY_SIZE) == 0 &&
	    memcmp(node[0].key, node[2].key, FLEET_KEY_SIZE) == 0;
}

static void
test_key(void)
{
	static const char *const bad[] = {"", "0",
	    "x123456789abcdef0123456789abcdef0123456789abcdef"
	    "0123456789abcdef",
	    "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"};
	const uint8_t *now = node[0].key;
	uint8_t before[FLEET_KEY_SIZE];
	uint32_t ttl;

	ok(have_one_key(), "all have one key");
	memcpy(before, now, sizeof(before));
	ok(fake_redis_peek(KEY, &ttl) != NULL && ttl > 0, "which ends some day");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_redis_put(KEY, bad[i], 60);
		fake_loop_pass(loop, 130000);
		ok(have_one_key() && memcmp(before, now, sizeof(before)) == 0,
		    "no key is no other key: %s", bad[i]);
		ok(strlen(fake_redis_peek(KEY, &ttl)) == 2 * FLEET_KEY_SIZE, "and is replaced");
	}
	fake_redis_put(KEY, "", 0);
	fake_loop_pass(loop, 130000);
	ok(memcmp(before, now, sizeof(before)) == 0, "one that is gone is put again");
	fake_redis_put(
	    KEY, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 600);
	fake_loop_pass(loop, 70000);
	ok(have_one_key() && now[0] == 0x01 && now[31] == 0xef, "another one is taken by all");
}

/* Without a Redis nothing is told, nor kept for later. */
static void
test_alone(void)
{
	const uint8_t none[FLEET_KEY_SIZE] = {0};
	uint64_t dropped = counter_get(COUNTER_FLEET_DROPPED);

	fake_loop_pass(loop, 2000);
	for (int i = 0; i < 2 * QUEUE; i++)
		fleet_tell(node[0].fleet, FLEET_DECISION, "x");
	same_num(counter_get(COUNTER_FLEET_DROPPED), dropped, "nothing is lost to nobody");
	ok(memcmp(node[0].key, none, sizeof(none)) != 0, "there is a key");
	ok(!have_one_key(), "of one's own");
}

int
main(void)
{
	const struct redis_options options = {.host = host, .port = 6379, .command_ms = 100};

	clock_freeze(1000000, NOW - 2);
	loop = loop_new();
	upstream = upstream_new(loop);
	for (int i = 0; i < NODES; i++)
		begin(&node[i]);
	test_alone();
	upstream_configure(upstream, NULL, &options);
	fake_loop_pass(loop, 2000);
	clock_freeze(clock_ms(), NOW);
	test_telling();
	test_records();
	test_clocks();
	test_step();
	test_lengths();
	test_down();
	test_starting();
	test_clearing();
	fake_loop_pass(loop, 60000);
	test_unwanted();
	test_key();
	upstream_free(upstream);
	for (int i = 0; i < NODES; i++)
		fleet_free(node[i].fleet);
	loop_free(loop);
	return done();
}
