/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_nodereport.c - two nodes and one Redis, on the frozen clock: what one of them says
 * is heard by the other alone; nonsense is nothing.
 */
#include "config.h"

#include "health/nodereport.h"

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "loop/loop.h"
#include "upstream/upstream.h"

#include "tap.h"

#define KEY "rg1:standing:demo.0000002a"
#define NOW 1800000000
#define MAX_AGE 60

static char label[] = "demo", zone[] = "secret.example", host[] = "127.0.0.1";
static const struct listing demo = {.label = label, .zone = zone, .tag = 42};

static const struct {
	const char *label;
	const char *value;  /* in Redis; NULL: nothing */
	const char *reason; /* that is heard; NULL: nothing is */
} rows[] = {
    {"nothing", NULL, NULL},
    {"suspended", "2|lists-everything|7F3K2Q9M|1800000000", "lists-everything"},
    {"a minute ago", "2|empty|7F3K2Q9M|1799999940", "empty"},
    {"longer ago", "2|empty|7F3K2Q9M|1799999939", NULL},
    {"in a minute", "2|empty|7F3K2Q9M|1800000060", "empty"},
    {"later", "2|empty|7F3K2Q9M|1800000061", NULL},
    {"long before", "2|empty|7F3K2Q9M|0", NULL},
    {"at a time of many digits", "2|empty|7F3K2Q9M|1800000000000", NULL},
    {"empty", "", NULL},
    {"of the version before", "1|empty", NULL},
    {"of the version before, good", "1|good", NULL},
    {"another version", "3|empty|7F3K2Q9M|1800000000", NULL},
    {"no reason", "2||7F3K2Q9M|1800000000", NULL},
    {"capitals", "2|Empty|7F3K2Q9M|1800000000", NULL},
    {"a space", "2|empty |7F3K2Q9M|1800000000", NULL},
    {"a newline", "2|empty|7F3K2Q9M|1800000000\n", NULL},
    {"a sign", "2|empty|7F3K2Q9M|-1800000000", NULL},
    {"no node", "2|empty||1800000000", NULL},
    {"a short node", "2|empty|7F3K2Q9|1800000000", NULL},
    {"a long node", "2|empty|7F3K2Q9MM|1800000000", NULL},
    {"a small node", "2|empty|7f3k2q9m|1800000000", NULL},
    {"no time", "2|empty|7F3K2Q9M", NULL},
    {"an empty time", "2|empty|7F3K2Q9M|", NULL},
    {"more", "2|empty|7F3K2Q9M|1800000000|x", NULL},
    {"as long as may be", "2|abcdefghijabcdefghijabcdefghija|7F3K2Q9M|1800000000",
	"abcdefghijabcdefghijabcdefghija"},
    {"too long", "2|abcdefghijabcdefghijabcdefghijab|7F3K2Q9M|1800000000", NULL},
};

static struct loop *loop;
static struct nodereport word;
static unsigned calls, heard;

static void
on_heard(void *arg, const struct nodereport *w)
{
	(void)arg;
	calls++;
	heard += w != NULL;
	if (w != NULL)
		word = *w;
}

/* Whether something is heard. */
static bool
hear(struct nodereports *f)
{
	calls = heard = 0;
	word = (struct nodereport){.said = 0};
	nodereports_read(f, &demo, MAX_AGE, on_heard, NULL);
	fake_loop_pass(loop, 200);
	return heard > 0;
}

static void
test_words(struct nodereports *f)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		clock_freeze(1000000, NOW);
		fake_redis_reset();
		if (rows[i].value != NULL)
			fake_redis_put(KEY, rows[i].value, 60);
		same_num(hear(f), rows[i].reason != NULL, rows[i].label);
		same_num(calls, 1, rows[i].label);
		same_str(
		    word.reason, rows[i].reason != NULL ? rows[i].reason : "", rows[i].label);
		same_str(word.node, rows[i].reason != NULL ? "7F3K2Q9M" : "", rows[i].label);
	}
}

static void
test_saying(struct nodereports *one, struct nodereports *other)
{
	char node[sizeof(word.node)];

	clock_freeze(1000000, NOW);
	fake_redis_reset();
	nodereports_publish(one, &demo, "empty", 60);
	ok(hear(other), "a suspension is heard by the other node");
	same_str(word.reason, "empty", "with its reason");
	same_num(word.said, NOW, "and its time");
	memcpy(node, word.node, sizeof(node));
	ok(!hear(one), "nobody hears itself");
	nodereports_publish(other, &demo, "silent", 60);
	ok(hear(one) && strcmp(word.reason, "silent") == 0, "the last one is heard");
	ok(strcmp(word.node, node) != 0, "nodes have names of their own");
	ok(!hear(other), "and not the one before");
	clock_advance(61000);
	ok(!hear(one), "nothing is said for ever");
	ok(!fake_redis_saw(zone), "the zone is not in Redis");
}

static void
test_alone(struct nodereports *f)
{
	ok(!hear(f) && calls == 1, "no Redis: nothing is heard");
	nodereports_publish(f, &demo, "empty", 60);
}

int
main(void)
{
	const struct redis_options options = {.host = host, .port = 6379, .command_ms = 100};
	struct upstream *upstream;
	struct nodereports *one, *other;

	clock_freeze(1000000, NOW);
	loop = loop_new();
	upstream = upstream_new(loop);
	one = nodereports_new(upstream);
	other = nodereports_new(upstream);
	test_alone(one);
	upstream_configure(upstream, NULL, &options);
	fake_loop_pass(loop, 200);
	test_words(one);
	test_saying(one, other);
	fake_redis_set_mode(FAKE_REDIS_DOWN, 0);
	ok(!hear(one) && calls == 1, "Redis is down: nothing is heard");
	fake_redis_set_mode(FAKE_REDIS_GARBAGE, 1);
	ok(!hear(one) && calls == 1, "Redis says nonsense: nothing is heard");
	nodereports_free(one);
	nodereports_free(other);
	upstream_free(upstream);
	loop_free(loop);
	return done();
}
