/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_redis.c - the client of Redis against a server that misbehaves in every
 * way we know of.  Whatever it does, each question is answered once, and the
 * log has one line.
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
#include "tap.h"

#define PASSWORD "Sw0rdfish-PASS"
#define LONG 10000 /* milliseconds of patience, where an answer is to be had */
#define SHORT 100  /* where none is */

static const char *const two_keys[] = {"rg1:{198.51.100.7}:a", "rg1:{198.51.100.7}:b"};

static const struct {
	enum redisd_mode mode;
	bool always;
	unsigned hits; /* of two keys, one of which is there */
	const char *down, *error;
	bool garbage;
} modes[] = {
    {REDISD_WORK, false, 1, NULL, NULL, false},
    {REDISD_REFUSE, false, 0, "reason=", NULL, false},
    {REDISD_SILENT, false, 0, "reason=no-answer-in-time", NULL, false},
    {REDISD_SILENT, true, 0, "reason=no-answer-in-time", NULL, false},
    {REDISD_DRIP, false, 0, "reason=no-answer-in-time", NULL, false},
    {REDISD_DRIP, true, 0, "reason=no-answer-in-time", NULL, false},
    {REDISD_HUGE_BULK, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_HUGE_BULK, true, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_HUGE_ARRAY, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_HUGE_ARRAY, true, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_ENDLESS, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_ENDLESS, true, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_NESTED, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_NESTED, true, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_WRONG_TYPE, false, 0, "reason=GET-answered-nonsense", NULL, true},
    {REDISD_WRONG_TYPE, true, 0, "reason=AUTH-answered-nonsense", NULL, true},
    {REDISD_WRONG_INNER, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_WRONG_INNER, true, 0, "reason=AUTH-answered-nonsense", NULL, true},
    {REDISD_WRONG_COUNT, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_EMPTY_ARRAY, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_NIL_ARRAY, false, 0, "reason=SET-answered-nonsense", NULL, true},
    {REDISD_LONG_VALUE, false, 0, NULL, NULL, true},
    {REDISD_TWICE, false, 2, "answered-nonsense", NULL, true},
    {REDISD_NOAUTH, false, 0, NULL, "command=GET error=NOAUTH", false},
    {REDISD_NOAUTH, true, 0, "reason=AUTH-answered-NOAUTH", NULL, false},
    {REDISD_WRONGPASS, false, 0, NULL, "command=GET error=WRONGPASS", false},
    {REDISD_WRONGPASS, true, 0, "reason=AUTH-answered-WRONGPASS", NULL, false},
    {REDISD_NOPERM, false, 0, NULL, "command=GET error=NOPERM", false},
    {REDISD_LOADING, false, 0, NULL, "command=GET error=LOADING", false},
    {REDISD_LOADING, true, 0, "reason=AUTH-answered-LOADING", NULL, false},
    {REDISD_READONLY, false, 1, NULL, "command=SET error=READONLY", false},
    {REDISD_OOM, false, 1, NULL, "command=SET error=OOM", false},
    {REDISD_MOVED, false, 0, NULL, "command=GET error=MOVED", false},
    {REDISD_CLUSTERDOWN, false, 0, NULL, "command=GET error=CLUSTERDOWN", false},
    {REDISD_ECHO, false, 0, NULL, "command=GET error=ERR", false},
    {REDISD_ECHO, true, 0, "reason=AUTH-answered-ERR", NULL, false},
    {REDISD_GARBAGE, false, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_GARBAGE, true, 0, "reason=it-answered-nonsense", NULL, true},
    {REDISD_CLOSE, false, 0, "reason=", NULL, false},
    {REDISD_CLOSE, true, 0, "reason=", NULL, false},
    {REDISD_CUT, false, 0, "reason=", NULL, false},
    {REDISD_CUT, true, 0, "reason=", NULL, false},
};

static void
test_mode(struct redisd *d, const char *url, size_t row)
{
	static struct question q;
	bool slow = modes[row].mode == REDISD_SILENT || modes[row].mode == REDISD_DRIP;
	uint64_t garbage = counter_get(COUNTER_REDIS_GARBAGE);
	uint64_t failures = counter_get(COUNTER_REDIS_FAILURES);
	unsigned good = user_puts(true), bad = user_puts(false), hits;
	struct client c;
	char label[100];

	(void)snprintf(label, sizeof(label), "%.4s %s%s", url,
	    redisd_mode_name(modes[row].mode), modes[row].always ? " from the start" : "");
	user_new_log();
	redisd_behave(d, modes[row].mode, modes[row].always);
	c = user_open(url, NULL, PASSWORD, slow ? SHORT : LONG);
	ok(user_ask(&c, 2, two_keys, &q), "%s: answered once", label);
	hits = (q.len[0] >= 0) + (q.len[1] >= 0);
	same_num(hits, modes[row].hits, label);
	user_put(&c, "k", "v", 60);
	ok(user_ask(&c, 2, two_keys, &q), "%s: answered again", label);
	same_num(user_logged("event=redis-down"), modes[row].down != NULL, label);
	ok(modes[row].down == NULL || user_logged(modes[row].down) == 1, "%s: and why", label);
	same_num(user_logged("event=redis-error"), modes[row].error != NULL, label);
	ok(modes[row].error == NULL || user_logged(modes[row].error) == 1, "%s: the error",
	    label);
	same_num(counter_get(COUNTER_REDIS_GARBAGE) != garbage, modes[row].garbage, label);
	same_num(counter_get(COUNTER_REDIS_FAILURES) != failures,
	    modes[row].down != NULL || modes[row].error != NULL, label);
	ok(user_logged(PASSWORD) == 0, "%s: no password in the log", label);
	user_close(&c);
	good = user_puts(true) - good;
	bad = user_puts(false) - bad;
	ok(good + bad == 1, "%s: what became of a value is heard once", label);
	ok(modes[row].mode != REDISD_WORK || good == 1, "%s: it was put", label);
	ok((modes[row].error == NULL || strstr(modes[row].error, "=SET") == NULL) || bad == 1,
	    "%s: it was not", label);
}

static void
test_modes(struct redisd *d, const char *url)
{
	redisd_require(d, NULL, PASSWORD);
	redisd_put(d, 0, two_keys[0], "1||1766300000", 13);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		test_mode(d, url, i);
	ok(redisd_behave(d, REDISD_WORK, false), "works again");
	redisd_require(d, NULL, NULL);
}

static void
test_values(struct redisd *d, const char *url)
{
	static const char odd[] = "\0\r\n$5\r\n\377 \"%s";
	char longest[REDIS_VALUE_MAX + 2], text[64][16];
	const char *keys[] = {"empty", "odd", "longest", "too-long", "none"}, *many[64];
	struct client c = user_open(url, NULL, NULL, LONG);
	static struct question q;
	unsigned right = 0;

	memset(longest, 'v', sizeof(longest));
	redisd_put(d, 0, "empty", "", 0);
	redisd_put(d, 0, "odd", odd, sizeof(odd));
	redisd_put(d, 0, "longest", longest, REDIS_VALUE_MAX);
	redisd_put(d, 0, "too-long", longest, REDIS_VALUE_MAX + 1);
	ok(user_ask(&c, 5, keys, &q), "values of all kinds");
	same_num(q.len[0], 0, "an empty value is no miss");
	ok(q.len[1] == sizeof(odd) && memcmp(q.value[1], odd, sizeof(odd)) == 0, "any bytes");
	same_num(q.len[2], REDIS_VALUE_MAX, "the longest value");
	same_num(q.len[3], -1, "one byte more is a miss");
	same_num(q.len[4], -1, "no value");
	for (size_t i = 0; i < 64; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "many%zu", i);
		redisd_put(d, 0, text[i], text[i], strlen(text[i]));
		many[i] = text[i];
	}
	ok(user_ask(&c, USER_KEYS_MAX, many, &q), "64 keys");
	for (size_t i = 0; i < 64; i++)
		right += strcmp(q.value[i], many[i]) == 0;
	same_num(right, 64, "in their order");
	user_close(&c);
}

static void
test_put(struct redisd *d, const char *url)
{
	struct client c = user_open(url, NULL, NULL, LONG);
	char value[32] = "";
	long ttl = 0;

	user_holds(&c, "none", "");
	user_put(&c, "new", "1|127.0.0.2|1", 3600);
	ok(user_holds(&c, "new", "1|127.0.0.2|1"), "what was put is there");
	ok(redisd_get(d, 0, "new", value, sizeof(value), &ttl), "in the server too");
	same_num(ttl, 3600, "and expires");
	user_put(&c, "new", "1||2", 1);
	ok(user_holds(&c, "new", "1||2"), "the newer value");
	user_close(&c);
}

/* What of a value and its end, which are asked together, is believed. */
static void
test_end(struct redisd *d, const char *url)
{
	static const struct {
		const char *label;
		const char *pttl, *get; /* what it says */
		enum redis_value_state state;
		int64_t left;
		const char *logged;
	} rows[] = {
	    {"both", ":90000\r\n", "$1\r\nv\r\n", REDIS_FOUND, 90000, NULL},
	    {"over now", ":0\r\n", "$1\r\nv\r\n", REDIS_FOUND, 0, NULL},
	    {"in 300 million years", ":9223372036854775807\r\n", "$1\r\nv\r\n", REDIS_FOUND,
		366LL * 86400000, NULL},
	    {"no end", ":-1\r\n", "$1\r\nv\r\n", REDIS_ODD, 0, NULL},
	    {"another type", ":90000\r\n", "-WRONGTYPE Operation\r\n", REDIS_ODD, 0,
		"command=GET error=WRONGTYPE"},
	    {"neither", ":-2\r\n", "$-1\r\n", REDIS_NONE, 0, NULL},
	    {"gone in between", ":3\r\n", "$-1\r\n", REDIS_NONE, 0, NULL},
	    {"come in between", ":-2\r\n", "$1\r\nv\r\n", REDIS_AWAY, 0, NULL},
	    {"less than none", ":-7\r\n", "$1\r\nv\r\n", REDIS_AWAY, 0, NULL},
	    {"no right to the end", "-NOPERM no\r\n", "$1\r\nv\r\n", REDIS_AWAY, 0,
		"command=PTTL error=NOPERM"},
	    {"an end that is none", "+OK\r\n", "$1\r\nv\r\n", REDIS_AWAY, 0,
		"PTTL-answered-nonsense"},
	    {"a value that is none", ":90000\r\n", ":1\r\n", REDIS_AWAY, 0,
		"GET-answered-nonsense"},
	};
	const char *key = "rg1:{198.51.100.7}";
	static struct question q;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c = user_open(url, NULL, NULL, LONG);
		int64_t before, most;

		user_new_log();
		user_holds(&c, "who", "zero");
		redisd_say(d, "PTTL", rows[i].pttl);
		redisd_say(d, "GET", rows[i].get);
		before = clock_ms();
		ok(user_ask_with_end(&c, &key, &q), "end, %s: answered once", rows[i].label);
		most = clock_ms() + rows[i].left;
		same_num(q.state[0], rows[i].state, rows[i].label);
		ok(rows[i].state == REDIS_FOUND
			? q.ends[0] >= before + rows[i].left && q.ends[0] <= most
			: q.ends[0] == 0 && q.len[0] < 0,
		    "end, %s: counted from the question", rows[i].label);
		ok(rows[i].logged == NULL || user_wait_logged(rows[i].logged, 1),
		    "end, %s: logged", rows[i].label);
		user_close(&c);
		redisd_say(d, "PTTL", NULL);
		redisd_say(d, "GET", NULL);
	}
}

/* Many questions under way at once, on one connection. */
static void
test_pipeline(struct redisd *d, const char *url)
{
	enum { N = 300 };
	struct question *q = calloc(N, sizeof(*q));
	unsigned before = redisd_count(d, NULL), right = 0;
	struct client c = user_open(url, NULL, NULL, LONG);
	const char *key[2] = {"many1", "many2"};

	if (q == NULL)
		abort();
	for (unsigned i = 0; i < N; i++)
		user_post(&c, 1, &key[i % 2], &q[i]);
	for (unsigned i = 0; i < N; i++)
		right += user_wait(&q[i]) && strcmp(q[i].value[0], key[i % 2]) == 0;
	same_num(right, N, "each question has its own answer");
	same_num(redisd_count(d, NULL) - before, 1, "over one connection");
	user_close(&c);
	free(q);
}

static void
test_greeting(struct redisd *d, const char *base)
{
	static const struct {
		const char *label;
		const char *want_user, *want_password; /* of the server */
		const char *user, *password;
		unsigned db;
		const char *value; /* of the key "who" */
		const char *reason;
	} rows[] = {
	    {"no password", NULL, NULL, NULL, NULL, 0, "zero", NULL},
	    {"database 3", NULL, NULL, NULL, NULL, 3, "three", NULL},
	    {"no such database", NULL, NULL, NULL, NULL, 16, NULL, "SELECT-answered-ERR"},
	    {"password", NULL, PASSWORD, NULL, PASSWORD, 3, "three", NULL},
	    {"user", "relayguard", PASSWORD, "relayguard", PASSWORD, 3, "three", NULL},
	    {"user's password without the user", "relayguard", PASSWORD, NULL, PASSWORD, 0,
		NULL, "AUTH-answered-WRONGPASS"},
	    {"wrong user", "relayguard", PASSWORD, "root", PASSWORD, 0, NULL,
		"AUTH-answered-WRONGPASS"},
	    {"wrong password", NULL, "other", NULL, PASSWORD, 0, NULL,
		"AUTH-answered-WRONGPASS"},
	    {"user without password", "u", PASSWORD, "u", NULL, 0, NULL,
		"AUTH-answered-WRONGPASS"},
	    {"password not given", NULL, PASSWORD, NULL, NULL, 0, NULL, "PING-answered-NOAUTH"},
	    {"password not wanted", NULL, NULL, NULL, PASSWORD, 0, NULL, "AUTH-answered-ERR"},
	};
	const char *key = "who";
	static struct question q;
	char url[200];

	redisd_put(d, 0, key, "zero", 4);
	redisd_put(d, 3, key, "three", 5);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c;

		(void)snprintf(
		    url, sizeof(url), "%s%s%u", base, *base == 'u' ? "?db=" : "/", rows[i].db);
		user_new_log();
		redisd_require(d, rows[i].want_user, rows[i].want_password);
		c = user_open(url, rows[i].user, rows[i].password, LONG);
		ok(user_ask(&c, 1, &key, &q), "%s: answered", rows[i].label);
		same_str(q.len[0] >= 0 ? q.value[0] : NULL, rows[i].value, rows[i].label);
		same_num(user_logged("redis-down"), rows[i].reason != NULL, rows[i].label);
		ok(rows[i].reason == NULL || user_logged(rows[i].reason) == 1, "%s: says why",
		    rows[i].label);
		ok(user_logged(PASSWORD) == 0, "%s: no password in the log", rows[i].label);
		user_close(&c);
	}
	redisd_require(d, NULL, NULL);
}

/* It goes, is missed, comes back, and each is said once. */
static void
test_recovery(struct redisd *d, const char *url)
{
	struct client c;
	static struct question q;
	unsigned tries;

	user_new_log();
	c = user_open(url, NULL, NULL, LONG);
	ok(user_holds(&c, "who", "zero"), "there before");
	tries = redisd_count(d, NULL);
	redisd_hang_up(d);
	ok(user_holds(&c, "who", "zero") || user_logged("redis-down") == 1,
	    "an idle connection closed by the server");
	redisd_behave(d, REDISD_REFUSE, false);
	for (unsigned i = 0; i < 5; i++)
		ok(user_ask(&c, 2, two_keys, &q) && q.len[0] < 0, "away: a miss");
	ok(user_wait_logged("redis-down", 1), "away: said");
	ok(redisd_behave(d, REDISD_WORK, false), "back");
	ok(user_wait_logged("redis-up", 1), "back: said");
	ok(user_holds(&c, "who", "zero"), "back: used again");
	ok(user_logged("redis-down") == user_logged("redis-up"), "one line for each");
	ok(redisd_count(d, NULL) > tries, "by a new connection");
	user_close(&c);
}

/* A server that closes idle connections is not called down for it. */
static void
test_idle(struct redisd *d, const char *url)
{
	struct client c;
	unsigned before;

	user_new_log();
	c = user_open(url, NULL, NULL, LONG);
	ok(user_holds(&c, "who", "zero"), "idle: used");
	before = redisd_count(d, NULL);
	redisd_hang_up(d);
	for (unsigned i = 0; i < 500 && redisd_count(d, NULL) == before; i++)
		usleep(10000);
	same_num(redisd_count(d, NULL) - before, 1, "idle: connects again");
	ok(user_holds(&c, "who", "zero"), "idle: used again");
	same_num(user_logged("redis-down"), 0, "idle: no word about it");
	user_close(&c);
}

/* A deletion on its way to the I/O thread and back. */
struct deletion {
	struct redis *redis;
	struct event_flag done;
	unsigned answers;
	int64_t said;
};

static void
on_deleted(void *arg, int64_t n)
{
	struct deletion *del = arg;

	del->said = n;
	del->answers++;
	event_flag_set(&del->done);
}

static void
delete_keys(void *arg)
{
	struct deletion *del = arg;

	redis_delete(del->redis, two_keys[0], on_deleted, del);
}

/* What it is told of a deletion: whether there was one, or that nobody can say. */
static void
test_delete(struct redisd *d, const char *url)
{
	static const struct {
		const char *label, *says;
		int64_t want;
		const char *logged;
	} rows[] = {
	    {"one", ":1\r\n", 1, NULL},
	    {"none", ":0\r\n", 0, NULL},
	    {"less than none", ":-7\r\n", -1, NULL},
	    {"no number", "+OK\r\n", -1, "DEL-answered-nonsense"},
	    {"not allowed", "-NOPERM no permissions\r\n", -1, "command=DEL error=NOPERM"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c = user_open(url, NULL, NULL, LONG);
		struct deletion del = {.redis = c.redis};

		user_new_log();
		user_holds(&c, "who", "zero");
		redisd_say(d, "DEL", rows[i].says);
		event_flag_init(&del.done);
		user_on_loop(delete_keys, &del);
		ok(event_flag_wait(user_loop, &del.done, clock_ms() + LONG),
		    "delete %s: answered", rows[i].label);
		event_flag_destroy(&del.done);
		same_num(del.answers, 1, rows[i].label);
		same_num(del.said, rows[i].want, rows[i].label);
		ok(rows[i].logged == NULL || user_wait_logged(rows[i].logged, 1),
		    "%.4s: logged", rows[i].label);
		user_close(&c);
	}
	redisd_say(d, "DEL", NULL);
}

/* What is open at the end is answered before the end. */
static void
test_free(struct redisd *d, const char *url)
{
	static const enum redisd_mode rows[] = {REDISD_SILENT, REDISD_REFUSE};
	static struct question q[3];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c;
		unsigned right = 0;

		redisd_behave(d, rows[i], false);
		c = user_open(url, NULL, NULL, LONG);
		for (unsigned k = 0; k < 3; k++)
			user_post(&c, 2, two_keys, &q[k]);
		user_close(&c);
		for (unsigned k = 0; k < 3; k++)
			right += q[k].answers == 2 && user_wait(&q[k]) && q[k].len[1] < 0;
		same_num(right, 3, redisd_mode_name(rows[i]));
	}
	redisd_behave(d, REDISD_WORK, false);
}

static void
test_server(struct redisd *d, const char *url)
{
	if (!ok(d != NULL, "%s: a server", url))
		return;
	test_modes(d, url);
	test_values(d, url);
	test_put(d, url);
	test_delete(d, url);
	test_end(d, url);
	test_pipeline(d, url);
	test_greeting(d, url);
	test_idle(d, url);
	test_recovery(d, url);
	test_free(d, url);
	redisd_stop(d);
}

int
main(void)
{
	char dir[] = "/tmp/test_redis.XXXXXX", path[64], url[80];
	struct redisd *d;

	signal(SIGPIPE, SIG_IGN);
	user_start();
	d = redisd_start(NULL);
	(void)snprintf(
	    url, sizeof(url), "redis://127.0.0.1:%u", d != NULL ? redisd_port(d) : 0);
	test_server(d, url);
	if (ok(mkdtemp(dir) != NULL, "a directory for the socket")) {
		(void)snprintf(path, sizeof(path), "%s/s", dir);
		(void)snprintf(url, sizeof(url), "unix:%s", path);
		test_server(redisd_start(path), url);
		rmdir(dir);
	}
	user_stop();
	return done();
}
