/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_redis_cluster.c - the client of a Redis Cluster against two servers that
 * say of each other what a row of a table has them say.  Each question is
 * answered once, whatever that is.
 */
#include "config.h"

#include "redis/redis.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "fakes/redis_user.h"
#include "fakes/redisd.h"
#include "redis/slotmap.h"
#include "tap.h"

#define LONG 10000 /* milliseconds of patience, where an answer is to be had */
#define SHORT 150  /* where none is */

/* Of the first half of the slots, and of the second. */
static const char low[] = "rg1:{198.51.100.7}:a", low2[] = "rg1:{198.51.100.7}:b";
static const char high[] = "rg1:{foo}:a";

static struct redisd *a, *b;

/* Write a text of a server; %a and %b stand for the ports of the two. */
static const char *
fill(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n + 8 < size; text++) {
		if (text[0] == '%' && (text[1] == 'a' || text[1] == 'b'))
			n += (size_t)snprintf(
			    out + n, size - n, "%u", redisd_port(*++text == 'a' ? a : b));
		else
			out[n++] = *text;
	}
	out[n] = '\0';
	return out;
}

#define HOST "$9\r\n127.0.0.1\r\n"
#define MAP                                                \
	"*2\r\n*3\r\n:0\r\n:8191\r\n*2\r\n" HOST ":%a\r\n" \
	"*3\r\n:8192\r\n:16383\r\n*2\r\n" HOST ":%b\r\n"
#define MAP_A "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n" HOST ":%a\r\n"
#define MAP_B "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n" HOST ":%b\r\n"

static struct client
open_cluster(int64_t patience)
{
	struct redis_options options = {.kind = REDIS_CLUSTER};
	char text[32], why[64];

	(void)snprintf(text, sizeof(text), "127.0.0.1:%u", redisd_port(a));
	if (!redis_options_seed(&options, text, why, sizeof(why)))
		abort();
	return user_open_at(&options, patience);
}

static void
test_split(void)
{
	const char *keys[] = {high, low, "rg1:{bar}:a", low2, "rg1:{foo}:b"};
	char map[300];
	struct client c;
	static struct question q;
	unsigned at_a, at_b;

	user_new_log();
	fill(map, sizeof(map), MAP);
	redisd_say(a, "CLUSTER", map);
	redisd_put(b, 0, high, "high", 4);
	redisd_put(a, 0, low, "low", 3);
	redisd_put(a, 0, "rg1:{bar}:a", "", 0);
	redisd_put(b, 0, low2, "not here", 8);
	c = open_cluster(LONG);
	ok(user_wait_logged("event=redis-map masters=2 slots=16384", 1), "split: the map");
	at_a = redisd_count(a, "GET");
	at_b = redisd_count(b, "GET");
	ok(user_ask(&c, 5, keys, &q), "split: answered once");
	same_str(q.value[0], "high", "split: from one node");
	same_str(q.value[1], "low", "split: from the other");
	same_num(q.len[2], 0, "split: an empty value is no miss");
	same_num(q.len[3], -1, "split: what is not there");
	same_num(q.len[4], -1, "split: nor on the other");
	same_num(redisd_count(a, "GET") - at_a, 3, "split: each of the node that has it");
	same_num(redisd_count(b, "GET") - at_b, 2, "split: and of no other");
	user_put(&c, "rg1:{foo}:c", "put", 60);
	ok(user_holds(&c, "rg1:{foo}:c", "put"), "split: put where it belongs");
	user_close(&c);
	redisd_say(a, "CLUSTER", NULL);
}

static const struct {
	const char *label;
	const char *map;         /* of a */
	const char *at_a, *at_b; /* what they say to GET */
	unsigned asked_a, asked_b, asking;
	const char *value; /* of low */
	const char *log;   /* a word, or NULL */
} redirections[] = {
    {"MOVED", MAP_A, "-MOVED 6869 127.0.0.1:%b\r\n", NULL, 1, 1, 0, "b", NULL},
    {"MOVED by an empty host", MAP_A, "-MOVED 6869 :%b\r\n", NULL, 1, 1, 0, "b", NULL},
    {"MOVED, without a map", "-ERR unknown command\r\n", "-MOVED 6869 127.0.0.1:%b\r\n", NULL,
	1, 1, 0, "b", "command=CLUSTER error=ERR"},
    {"ASK", MAP_A, "-ASK 6869 127.0.0.1:%b\r\n", NULL, 1, 1, 1, "b", NULL},
    {"MOVED to itself for ever", MAP_A, "-MOVED 6869 127.0.0.1:%a\r\n", NULL, 3, 0, 0, NULL,
	"error=MOVED"},
    {"MOVED to and fro for ever", MAP_A, "-MOVED 6869 127.0.0.1:%b\r\n",
	"-MOVED 6869 127.0.0.1:%a\r\n", 2, 1, 0, NULL, "error=MOVED"},
    {"ASK for ever", MAP_A, "-ASK 6869 127.0.0.1:%a\r\n", NULL, 3, 0, 0, NULL, "error=ASK"},
    {"MOVED of another slot", MAP_A, "-MOVED 6868 127.0.0.1:%b\r\n", NULL, 1, 0, 0, NULL,
	"error=MOVED"},
    {"MOVED to a name", MAP_A, "-MOVED 6869 redis.example:%b\r\n", NULL, 1, 0, 0, NULL,
	"error=MOVED"},
    {"MOVED to nowhere", MAP_A, "-MOVED\r\n", NULL, 1, 0, 0, NULL, "error=MOVED"},
    {"CLUSTERDOWN", MAP_A, "-CLUSTERDOWN The cluster is down\r\n", NULL, 1, 0, 0, NULL,
	"error=CLUSTERDOWN"},
    {"TRYAGAIN", MAP_A, "-TRYAGAIN\r\n", NULL, 1, 0, 0, NULL, "error=TRYAGAIN"},
};

static void
test_redirection(size_t row)
{
	const char *label = redirections[row].label, *keys[] = {low};
	char map[300], at_a[80], at_b[80];
	struct client c;
	static struct question q;
	unsigned asked_a, asked_b, asking;

	user_new_log();
	redisd_put(b, 0, low, "b", 1);
	redisd_say(a, "CLUSTER", fill(map, sizeof(map), redirections[row].map));
	redisd_say(b, "CLUSTER", map);
	redisd_say(a, "GET", fill(at_a, sizeof(at_a), redirections[row].at_a));
	redisd_say(b, "GET",
	    redirections[row].at_b == NULL ? NULL
					   : fill(at_b, sizeof(at_b), redirections[row].at_b));
	asked_a = redisd_count(a, "GET");
	asked_b = redisd_count(b, "GET");
	asking = redisd_count(b, "ASKING");
	c = open_cluster(LONG);
	ok(user_wait_logged(redirections[row].map[0] == '*' ? "redis-map" : "redis-error", 1),
	    "%s: a map, or none", label);
	ok(user_ask(&c, 1, keys, &q), "%s: answered once", label);
	same_str(q.len[0] >= 0 ? q.value[0] : NULL, redirections[row].value, label);
	same_num(redisd_count(a, "GET") - asked_a, redirections[row].asked_a, label);
	same_num(redisd_count(b, "GET") - asked_b, redirections[row].asked_b, label);
	same_num(redisd_count(b, "ASKING") - asking, redirections[row].asking, label);
	same_num(user_logged("redis-down"), 0, label);
	ok(redirections[row].log == NULL ? user_logged("redis-error") == 0
					 : user_logged(redirections[row].log) == 1,
	    "%s: the log", label);
	user_close(&c);
	redisd_say(a, "GET", NULL);
	redisd_say(b, "GET", NULL);
}

/* Where the end of a key was known later than its value, that may be of another time. */
static void
test_end_moved(void)
{
	const char *keys[] = {low};
	char map[300], moved[80];
	struct client c;
	static struct question q;

	user_new_log();
	redisd_put(a, 0, low, "a", 1);
	redisd_say(a, "CLUSTER", fill(map, sizeof(map), MAP_A));
	redisd_say(a, "PTTL", ":90000\r\n");
	redisd_say(b, "PTTL", ":90000\r\n");
	c = open_cluster(LONG);
	(void)user_wait_logged("redis-map", 1);
	ok(user_ask_with_end(&c, keys, &q) && q.state[0] == REDIS_FOUND, "end: from one node");
	redisd_say(a, "PTTL", fill(moved, sizeof(moved), "-MOVED 6869 127.0.0.1:%b\r\n"));
	ok(user_ask_with_end(&c, keys, &q) && q.state[0] == REDIS_AWAY,
	    "end: not from two, after the value");
	user_close(&c);
	redisd_say(a, "PTTL", NULL);
	redisd_say(b, "PTTL", NULL);
}

/* What comes too late is a miss, and the link it was sent to still does its work. */
static void
test_late(void)
{
	const char *keys[] = {low};
	char map[300], moved[80];
	struct client c;
	static struct question q;

	user_new_log();
	redisd_say(a, "CLUSTER", fill(map, sizeof(map), MAP_A));
	redisd_say(a, "GET", fill(moved, sizeof(moved), "-MOVED 6869 127.0.0.1:%b\r\n"));
	redisd_behave(b, REDISD_SILENT, false);
	c = open_cluster(SHORT);
	(void)user_wait_logged("redis-map", 1);
	ok(user_ask(&c, 1, keys, &q) && q.len[0] < 0, "late: a miss");
	ok(user_wait_logged("reason=no-answer-in-time", 1), "late: one line says who is down");
	user_close(&c);
	redisd_say(a, "GET", NULL);
	redisd_behave(b, REDISD_WORK, false);
}

static const struct {
	const char *label, *map, *why;
} maps[] = {
    {"a status", "+OK\r\n", "CLUSTER-answered-nonsense"},
    {"a number", ":1\r\n", "CLUSTER-answered-nonsense"},
    {"nil", "*-1\r\n", "CLUSTER-answered-nonsense"},
    {"a name", "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$13\r\nredis.example\r\n:%a\r\n",
	"CLUSTER-answered-nonsense"},
    {"too deep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", "it-answered-nonsense"},
    {"too many", "*100000\r\n", "it-answered-nonsense"},
    {"far too many", "*2147483647\r\n", "it-answered-nonsense"},
    {"slots past the last", "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n" HOST ":%a\r\n",
	"CLUSTER-answered-nonsense"},
};

static void
test_map(size_t row)
{
	const char *keys[] = {low};
	static struct question q;
	uint64_t garbage = counter_get(COUNTER_REDIS_GARBAGE);
	char map[300];
	struct client c;

	user_new_log();
	redisd_say(a, "CLUSTER", fill(map, sizeof(map), maps[row].map));
	c = open_cluster(LONG);
	ok(user_wait_logged(maps[row].why, 1), "%s: refused", maps[row].label);
	ok(user_ask(&c, 1, keys, &q), "%s: answered once", maps[row].label);
	ok(counter_get(COUNTER_REDIS_GARBAGE) > garbage, "%s: counted", maps[row].label);
	same_num(user_logged("redis-map"), 0, maps[row].label);
	user_close(&c);
}

/* A node goes, the other says who has its slots now. */
static void
test_loss(void)
{
	char map[300], map_a[200];
	struct client c;
	static struct question q;
	const char *keys[] = {high, low};

	user_new_log();
	redisd_put(a, 0, low, "low", 3);
	redisd_put(a, 0, high, "taken over", 10);
	redisd_say(a, "CLUSTER", fill(map, sizeof(map), MAP));
	c = open_cluster(LONG);
	ok(user_wait_logged("redis-map masters=2", 1), "loss: two masters");
	redisd_behave(b, REDISD_REFUSE, false);
	ok(user_wait_logged("redis-down", 1), "loss: one goes");
	ok(user_ask(&c, 2, keys, &q), "loss: answered once");
	ok(q.len[0] < 0, "loss: a miss");
	same_str(q.value[1], "low", "loss: what the other has is not");
	redisd_say(a, "CLUSTER", fill(map_a, sizeof(map_a), MAP_A));
	for (unsigned i = 0; i < 500 && !user_holds(&c, high, "taken over"); i++)
		usleep(20000);
	ok(user_holds(&c, high, "taken over"), "loss: the other has taken over");
	same_num(user_logged("redis-down"), 1, "loss: one line");
	user_close(&c);
	redisd_behave(b, REDISD_WORK, false);
}

/* A map of 60 nodes that are not there, one for each port from first on. */
static const char *
write_map(char *map, size_t size, unsigned first)
{
	size_t n = (size_t)snprintf(map, size, "*60\r\n");

	for (unsigned i = 0; i < 60; i++)
		n += (size_t)snprintf(map + n, size - n,
		    "*3\r\n:%u\r\n:%u\r\n*2\r\n" HOST ":%u\r\n", i, i, first + i);
	return map;
}

/* Nodes without end are believed in up to a bound. */
static void
test_strangers(void)
{
	static char maps_of[2][4000];
	unsigned asked;
	struct client c;

	user_new_log();
	redisd_say(a, "CLUSTER", write_map(maps_of[0], sizeof(maps_of[0]), 1));
	c = open_cluster(LONG);
	ok(user_wait_logged("redis-map masters=60 slots=60", 1), "strangers: a map of them");
	ok(user_wait_logged("redis-down", 59), "strangers: none is there");
	asked = redisd_count(a, "CLUSTER");
	redisd_say(a, "CLUSTER", write_map(maps_of[1], sizeof(maps_of[1]), 101));
	for (unsigned i = 0; i < 500 && redisd_count(a, "CLUSTER") < asked + 2; i++)
		usleep(20000);
	ok(user_wait_logged("redis-down", 62), "strangers: others are not either");
	ok(user_logged("redis-down") <= 64, "strangers: no more than a bound");
	user_close(&c);
}

/* What is open at the end is answered before the end. */
static void
test_free(void)
{
	static struct question q[3];
	const char *keys[] = {low, high};
	char map[300];
	struct client c;
	unsigned right = 0;

	user_new_log();
	redisd_say(a, "CLUSTER", fill(map, sizeof(map), MAP));
	c = open_cluster(LONG);
	(void)user_wait_logged("redis-map", 1);
	redisd_behave(a, REDISD_SILENT, false);
	redisd_behave(b, REDISD_SILENT, false);
	for (unsigned i = 0; i < 3; i++)
		user_post(&c, 2, keys, &q[i]);
	user_close(&c);
	for (unsigned i = 0; i < 3; i++)
		right += q[i].answers == 2 && user_wait(&q[i]) && q[i].len[0] < 0;
	same_num(right, 3, "at the end all are answered");
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	user_start();
	a = redisd_start(NULL);
	b = redisd_start(NULL);
	if (ok(a != NULL && b != NULL, "two servers")) {
		test_split();
		for (size_t i = 0; i < sizeof(redirections) / sizeof(redirections[0]); i++)
			test_redirection(i);
		test_end_moved();
		test_late();
		for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
			test_map(i);
		test_loss();
		test_strangers();
		test_free();
	}
	redisd_stop(a);
	redisd_stop(b);
	user_stop();
	return done();
}
