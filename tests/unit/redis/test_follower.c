/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_follower.c - a stream that is read to its end, lost, another one, or none at all, on the
 * frozen clock.
 */
#include "config.h"

#include "redis/follower.h"

#include <stdio.h>

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "loop/loop.h"
#include "redis/conf.h"
#include "redis/redis.h"

#include "tap.h"

#define STREAM "rg1:{test}:news"
#define WALL 1800000000
#define PAGES 16
#define SKIP 3
#define CLEAR 6
#define TURN_MS 10
#define SKIP_S 2

static char host[] = "127.0.0.1";
static struct loop *loop;
static struct redis *redis;
static bool away;
static struct {
	unsigned records, ends, beginnings;
	int64_t asked;
	char last[32];
} seen;

static struct redis *
on_redis(void *arg)
{
	(void)arg;
	return away ? NULL : redis;
}

static void
on_record(void *arg, const struct redisstream_record *record)
{
	(void)arg;
	seen.records++;
	(void)snprintf(seen.last, sizeof(seen.last), "%.*s", (int)record->len,
	    record->data != NULL ? record->data : "");
}

static void
on_end(void *arg, int64_t asked)
{
	(void)arg;
	seen.ends++;
	seen.asked = asked;
}

static void
on_anew(void *arg)
{
	(void)arg;
	seen.beginnings++;
}

static struct redisfollower follower = {.key = STREAM,
    .skip = SKIP,
    .clear = CLEAR,
    .owner = {on_redis, on_record, on_end, on_anew, NULL}};

static void
turn(unsigned pages)
{
	redisfollower_read(&follower, pages);
	fake_loop_pass(loop, TURN_MS);
}

/* Another turn of an owner that has seen Redis answer. */
static void
doubtful_turn(void)
{
	redisfollower_blame(&follower, (clock_wall() - SKIP_S) * INT64_C(1000));
	turn(PAGES);
}

static void
append(unsigned n)
{
	char text[32];

	for (unsigned i = 1; i <= n; i++) {
		(void)snprintf(text, sizeof(text), "record %u", i);
		(void)fake_redis_append(STREAM, text);
	}
}

static void
test_reading(void)
{
	int64_t began = clock_ms();

	turn(PAGES);
	same_num(seen.ends, 1, "nothing is there: that is all");
	append(3);
	turn(PAGES);
	same_num(seen.records, 3, "three are read");
	same_str(seen.last, "record 3", "in their order");
	same_num(seen.ends, 2, "to the end");
	ok(seen.asked > began, "as it was when that was asked for");
	turn(PAGES);
	same_num(seen.records, 3, "each once");
	append(2 * REDISSTREAM_READ_MAX + 1);
	turn(2);
	same_num(
	    seen.records, 3 + 2 * REDISSTREAM_READ_MAX, "no more pages in a turn than that");
	same_num(seen.ends, 3, "which is not the end");
	redisfollower_hasten(&follower);
	fake_loop_pass(loop, TURN_MS);
	same_num(seen.ends, 3, "nor is more asked for before the next turn");
	away = true;
	turn(PAGES);
	same_num(seen.ends, 3, "while nobody can be asked");
	away = false;
	redisfollower_hasten(&follower);
	fake_loop_pass(loop, TURN_MS);
	same_num(seen.records, 4 + 2 * REDISSTREAM_READ_MAX, "one that has pages may go on");
	same_num(seen.ends, 4, "to the end");
}

static void
test_lost(void)
{
	redisfollower_check(&follower);
	fake_loop_pass(loop, TURN_MS);
	same_num(seen.beginnings, 0, "it is the same stream");
	fake_redis_lose_stream(STREAM, 3600000);
	append(1);
	turn(PAGES);
	seen.records = 0;
	redisfollower_check(&follower);
	fake_loop_pass(loop, TURN_MS);
	same_num(seen.beginnings, 1, "it is one that ends earlier");
	turn(PAGES);
	same_num(seen.records, 1, "and is read from its beginning");
	fake_redis_lose_stream(STREAM, 0);
	redisfollower_check(&follower);
	fake_loop_pass(loop, TURN_MS);
	same_num(seen.beginnings, 2, "it is gone");
	redisfollower_check(&follower);
	fake_loop_pass(loop, TURN_MS);
	same_num(seen.beginnings, 2, "which is told once");
}

/* What is no stream. */
static void
test_broken(void)
{
	fake_redis_set_mode(FAKE_REDIS_DOWN, 0);
	for (unsigned i = 0; i < 2 * CLEAR; i++)
		turn(PAGES);
	ok(redisfollower_doubts(&follower), "Redis is down");
	fake_redis_set_mode(FAKE_REDIS_UP, 1);
	fake_redis_break_stream(STREAM);
	for (unsigned i = 0; i < CLEAR; i++) {
		same_num(seen.beginnings, 2, "it is not deleted at once");
		doubtful_turn();
	}
	same_num(seen.beginnings, 3, "it is, after so many readings");
	append(2);
	seen.records = 0;
	turn(PAGES);
	ok(!redisfollower_doubts(&follower), "it can be read again");
	same_num(seen.records, 2, "what has come since is heard");
	redisfollower_blame(&follower, (clock_wall() - SKIP_S) * INT64_C(1000));
	same_num(follower.strikes, 0, "nobody is blamed for what can be read");
}

int
main(void)
{
	const struct redis_options options = {.host = host, .port = 6379, .command_ms = 100};

	clock_freeze(WALL * INT64_C(1000), WALL);
	loop = loop_new();
	redis = redis_new(loop, &options);
	test_reading();
	test_lost();
	test_broken();
	redis_free(redis);
	loop_free(loop);
	return done();
}
