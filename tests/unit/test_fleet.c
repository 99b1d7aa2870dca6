/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_fleet.c - two nodes and one Redis, on the frozen clock: one of them
 * tests, both hear what it found; nonsense is nothing.
 */
#include "config.h"

#include "fleet.h"

#include "clock.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "loop.h"
#include "upstream.h"

#include "tap.h"

#define KEY "rg1:standing:demo.0000002a"

static char label[] = "demo", zone[] = "secret.example", host[] = "127.0.0.1";
static const struct listing demo = {.label = label, .zone = zone, .tag = 42};

static const struct {
	const char *label;
	const char *value; /* in Redis; NULL: nothing */
	enum fleet_word word;
	const char *reason;
} rows[] = {
    {"nothing", NULL, FLEET_NOTHING, ""},
    {"good", "1|good", FLEET_GOOD, ""},
    {"suspended", "1|lists-everything", FLEET_SUSPENDED, "lists-everything"},
    {"empty", "", FLEET_NOTHING, ""},
    {"no reason", "1|", FLEET_NOTHING, ""},
    {"another version", "2|good", FLEET_NOTHING, ""},
    {"capitals", "1|Good", FLEET_NOTHING, ""},
    {"a space", "1|good ", FLEET_NOTHING, ""},
    {"a newline", "1|good\n", FLEET_NOTHING, ""},
    {"as long as may be", "1|abcdefghijabcdefghijabcdefghija", FLEET_SUSPENDED,
	"abcdefghijabcdefghijabcdefghija"},
    {"too long", "1|abcdefghijabcdefghijabcdefghijab", FLEET_NOTHING, ""},
};

static struct loop *loop;
static enum fleet_word word;
static char reason[FLEET_REASON_MAX];
static unsigned calls;
static bool mine;

static void
on_heard(void *arg, enum fleet_word w, const char *why)
{
	(void)arg;
	calls++;
	word = w;
	snprintf(reason, sizeof(reason), "%s", why);
}

static void
on_claimed(void *arg, bool ours)
{
	(void)arg;
	calls++;
	mine = ours;
}

/* Some time for what is under way. */
static void
turn(void)
{
	struct latch latch;

	latch_init(&latch);
	latch_wait(loop, &latch, clock_ms() + 200);
	latch_destroy(&latch);
}

static void
hear(struct fleet *f)
{
	calls = 0;
	fleet_hear(f, &demo, on_heard, NULL);
	turn();
}

static bool
claim(struct fleet *f)
{
	calls = 0;
	fleet_claim(f, &demo, 60, on_claimed, NULL);
	turn();
	return mine;
}

static void
test_words(struct fleet *f)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_redis_reset();
		if (rows[i].value != NULL)
			fake_redis_put(KEY, rows[i].value, 60);
		hear(f);
		same_num(calls, 1, rows[i].label);
		same_num(word, rows[i].word, rows[i].label);
		same_str(reason, rows[i].reason, rows[i].label);
	}
}

static void
test_claims(struct fleet *one, struct fleet *other)
{
	fake_redis_reset();
	ok(claim(one), "the first who asks tests");
	ok(!claim(other), "the other does not");
	ok(claim(one), "who tests goes on testing");
	clock_advance(61000);
	ok(claim(other), "after its time another may");
	ok(!claim(one), "and then the first does not");
	fake_redis_set_mode(FAKE_REDIS_DOWN, 0);
	ok(claim(one), "without Redis each tests for itself");
	same_num(calls, 1, "and is told once");
}

static void
test_saying(struct fleet *one, struct fleet *other)
{
	fake_redis_reset();
	fleet_say(one, &demo, "empty", 60);
	hear(other);
	same_num(word, FLEET_SUSPENDED, "a suspension is heard");
	same_str(reason, "empty", "with its reason");
	fleet_say(one, &demo, NULL, 60);
	hear(other);
	same_num(word, FLEET_GOOD, "its end is heard");
	clock_advance(61000);
	hear(other);
	same_num(word, FLEET_NOTHING, "nothing is said for ever");
	ok(!fake_redis_saw(zone), "the zone is not in Redis");
}

static void
test_alone(struct fleet *f)
{
	ok(claim(f), "no Redis: ours to test");
	hear(f);
	same_num(word, FLEET_NOTHING, "no Redis: nothing is heard");
	fleet_say(f, &demo, NULL, 60);
}

int
main(void)
{
	const struct redis_options options = {.host = host, .port = 6379, .command_ms = 100};
	struct upstream *upstream;
	struct fleet *one, *other;

	clock_freeze(1000000, 1800000000);
	loop = loop_new();
	upstream = upstream_new(loop);
	one = fleet_new(upstream);
	other = fleet_new(upstream);
	test_alone(one);
	upstream_configure(upstream, NULL, &options);
	turn();
	test_words(one);
	test_claims(one, other);
	test_saying(one, other);
	fleet_free(one);
	fleet_free(other);
	upstream_free(upstream);
	loop_free(loop);
	return done();
}
