/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_stream.c - records of a stream, and what Redis may answer instead; and values that
 * are put only where there is none.
 */
#include "config.h"

#include "redis/stream.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fakes/redis_user.h"
#include "fakes/redisd.h"

#include "tap.h"

#define LONG 10000 /* milliseconds of patience */
#define KEY "rg1:{own}:news"
#define KEEP 100
#define TTL 60

/* One question, and what came of it. */
struct asking {
	struct redis *redis;
	struct event_flag done;
	const char *key, *record; /* NULL: it is read */
	bool last;
	struct redisstream_id after;
	unsigned answers;
	bool good;
	int n;
	struct redisstream_id id[REDISSTREAM_READ_MAX];
	char text[REDISSTREAM_READ_MAX][REDISSTREAM_RECORD_MAX + 1]; /* "-": none of ours */
};

static void
on_put(void *arg, bool good)
{
	struct asking *a = arg;

	a->good = good;
	a->answers++;
	event_flag_set(&a->done);
}

static void
on_added(void *arg, const struct redisstream_id *id)
{
	on_put(arg, id != NULL && id->ms > 0);
}

static void
on_read(void *arg, int n, const struct redisstream_record *record)
{
	struct asking *a = arg;

	a->n = n;
	for (int i = 0; i < n; i++) {
		a->id[i] = record[i].id;
		(void)snprintf(a->text[i], sizeof(a->text[i]), "%.*s",
		    record[i].data != NULL ? (int)record[i].len : 1,
		    record[i].data != NULL ? record[i].data : "-");
	}
	a->answers++;
	event_flag_set(&a->done);
}

static void
ask(void *arg)
{
	struct asking *a = arg;

	if (a->record != NULL && a->last)
		redis_set_new(a->redis, a->key, a->record, TTL, on_put, a);
	else if (a->record != NULL)
		redisstream_add(a->redis, a->key, a->record, KEEP, TTL, on_added, a);
	else if (a->last)
		redisstream_last(a->redis, a->key, on_read, a);
	else
		redisstream_read(a->redis, a->key, &a->after, on_read, a);
}

/* Whether it was answered, once. */
static bool
answered(struct client *c, struct asking *a)
{
	bool good;

	a->redis = c->redis;
	a->answers = 0;
	event_flag_init(&a->done);
	user_on_loop(ask, a);
	good = event_flag_wait(user_loop, &a->done, clock_ms() + LONG);
	event_flag_destroy(&a->done);
	return good && a->answers == 1;
}

static bool
add(struct client *c, const char *key, const char *record)
{
	struct asking a = {.key = key, .record = record};

	return answered(c, &a) && a.good;
}

static bool
set_new(struct client *c, const char *key, const char *value)
{
	struct asking a = {.key = key, .record = value, .last = true};

	return answered(c, &a) && a.good;
}

static struct asking
read_after(struct client *c, struct redisstream_id after, bool last)
{
	struct asking a = {.key = KEY, .after = after, .last = last};

	ok(answered(c, &a), "a reading is answered once");
	return a;
}

static void
test_records(struct client *c)
{
	char longest[REDISSTREAM_RECORD_MAX + 1], text[16];
	struct asking a;
	unsigned good = 0;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	same_num(read_after(c, (struct redisstream_id){0}, false).n, 0, "a stream that is not");
	ok(add(c, KEY, "one") && add(c, KEY, "two") && add(c, KEY, longest), "three are added");
	a = read_after(c, (struct redisstream_id){0}, false);
	same_num(a.n, 3, "all of them");
	same_str(a.text[0], "one", "the oldest first");
	same_str(a.text[2], longest, "whole");
	ok(redisstream_is_after(&a.id[1], &a.id[0]), "in their order");
	a = read_after(c, a.id[1], false);
	same_num(a.n, 1, "what comes after the second");
	same_num(read_after(c, a.id[0], false).n, 0, "nothing after the last");
	a = read_after(c, (struct redisstream_id){0}, true);
	same_num(a.n, 1, "the last alone");
	same_str(a.text[0], longest, "it is that");
	for (int i = 0; i < REDISSTREAM_READ_MAX; i++) {
		(void)snprintf(text, sizeof(text), "n%d", i);
		good += add(c, KEY, text);
	}
	same_num(good, REDISSTREAM_READ_MAX, "many more");
	a = read_after(c, (struct redisstream_id){0}, false);
	same_num(a.n, REDISSTREAM_READ_MAX, "as many as one question is for");
	a = read_after(c, a.id[a.n - 1], false);
	same_num(a.n, 3, "and the rest");
	ok(set_new(c, "once", "first") && !set_new(c, "once", "second"),
	    "put where there is none");
	ok(user_holds(c, "once", "first"), "what was there stays");
	ok(!add(c, "once", "x"), "a value is no stream");
}

#define ENTRY "*1\r\n*2\r\n$3\r\n5-1\r\n"
#define R "$1\r\nr\r\n"

/* What may come instead of records. */
static void
test_odd(struct redisd *d, const char *url)
{
	static const struct {
		const char *label, *says;
		int n;
		const char *text; /* of the first */
	} rows[] = {
	    {"one", ENTRY "*2\r\n" R "$3\r\nabc\r\n", 1, "abc"},
	    {"another field", ENTRY "*2\r\n$1\r\nq\r\n$3\r\nabc\r\n", 1, "-"},
	    {"two fields", ENTRY "*4\r\n" R "$1\r\na\r\n" R "$1\r\nb\r\n", 1, "-"},
	    {"no fields", ENTRY "*0\r\n", 1, "-"},
	    {"fields that are nil", ENTRY "*-1\r\n", 1, "-"},
	    {"a field that is a number", ENTRY "*2\r\n" R ":7\r\n", 1, "-"},
	    {"an empty value", ENTRY "*2\r\n" R "$0\r\n\r\n", 1, ""},
	    {"the largest id", "*1\r\n*2\r\n$22\r\n18446744073709551615-0\r\n*0\r\n", 1, "-"},
	    {"a larger one", "*1\r\n*2\r\n$22\r\n18446744073709551616-0\r\n*0\r\n", -1, NULL},
	    {"no id", "*1\r\n*2\r\n$1\r\nx\r\n*0\r\n", -1, NULL},
	    {"half an id", "*1\r\n*2\r\n$2\r\n5-\r\n*0\r\n", -1, NULL},
	    {"an id with a sign", "*1\r\n*2\r\n$4\r\n-5-1\r\n*0\r\n", -1, NULL},
	    {"more than an id", "*1\r\n*2\r\n$4\r\n5-1x\r\n*0\r\n", -1, NULL},
	    {"no entry", "*1\r\n:5\r\n", -1, NULL},
	    {"an empty entry", "*1\r\n*0\r\n", -1, NULL},
	    {"a status", "+OK\r\n", -1, NULL},
	    {"nil", "*-1\r\n", -1, NULL},
	    {"many", "*2147483647\r\n", -1, NULL},
	    {"deep", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n", -1, NULL},
	    {"another type", "-WRONGTYPE Operation against a key\r\n", -1, NULL},
	    {"unknown", "-ERR unknown command 'XRANGE'\r\n", -1, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct client c = user_open(url, NULL, NULL, LONG);
		struct asking a = {.key = KEY};

		redisd_say(d, "XRANGE", rows[i].says);
		ok(answered(&c, &a), "%s: answered once", rows[i].label);
		same_num(a.n, rows[i].n, rows[i].label);
		if (rows[i].text != NULL)
			same_str(a.text[0], rows[i].text, rows[i].label);
		user_close(&c);
	}
	redisd_say(d, "XRANGE", NULL);
}

/* What may come instead of an id. */
static void
test_refused(struct redisd *d, const char *url)
{
	static const char *const says[] = {"-OOM command not allowed\r\n", "+OK\r\n", ":1\r\n",
	    "*0\r\n", "-ERR The ID specified in XADD is equal or smaller\r\n"};

	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
		struct client c = user_open(url, NULL, NULL, LONG);

		redisd_say(d, "XADD", says[i]);
		ok(!add(&c, KEY, "x"), "not added: %.6s", says[i]);
		user_close(&c);
	}
	redisd_say(d, "XADD", NULL);
}

/* With nobody there each is answered, as is what is open at the end. */
static void
test_nobody(struct redisd *d, const char *url)
{
	struct client c;
	struct asking a = {.key = KEY};

	redisd_behave(d, REDISD_REFUSE, false);
	c = user_open(url, NULL, NULL, 100);
	ok(!add(&c, KEY, "x"), "nobody to add it");
	ok(answered(&c, &a), "nobody to read it");
	same_num(a.n, -1, "nobody can say");
	user_close(&c);
	redisd_behave(d, REDISD_WORK, false);
}

int
main(void)
{
	struct redisd *d;
	struct client c;
	char url[80];

	signal(SIGPIPE, SIG_IGN);
	user_start();
	d = redisd_start(NULL);
	if (ok(d != NULL, "a server")) {
		(void)snprintf(url, sizeof(url), "redis://127.0.0.1:%u", redisd_port(d));
		c = user_open(url, NULL, NULL, LONG);
		ok(!user_holds(&c, "no", "value"), "it is there");
		test_records(&c);
		user_close(&c);
		test_odd(d, url);
		test_refused(d, url);
		test_nobody(d, url);
		redisd_stop(d);
	}
	user_stop();
	return done();
}
