/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_redis.c - redis/redis.h out of a table, for tests.  It is made of the loop's
 * timers alone, and so works on the real loop as well as on the fake one.
 */
#include "config.h"

#include "redis/redis.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "fakes/fake_redis.h"
#include "loop/loop.h"
#include "redis/stream.h"

#define ENTRIES_MAX 4096
#define RECORDS_MAX 1024
#define KEY_SIZE 320

struct entry {
	char key[KEY_SIZE];
	char value[REDIS_VALUE_MAX + 1];
	int64_t expires;
};

struct request {
	struct request *next;
	struct redis *redis;
	struct timer *timer;
	char key[KEY_SIZE];
	bool late;
	redis_done *done;
	void *arg;
};

struct redis {
	struct loop *loop;
	struct request *requests;
	int64_t patience;
};

/* A record of a stream. */
struct record {
	char key[KEY_SIZE];
	struct redisstream_id id;
	size_t len;
	char text[REDISSTREAM_RECORD_MAX + 1];
};

static struct record records[RECORDS_MAX];
static unsigned nrecords;
static int64_t slow;
static const char *broken; /* the key of a stream that is none; or NULL */
static bool answers_lost, refuses;
static struct entry entries[ENTRIES_MAX]; /* none is ever taken out: a test may ask later */
static size_t nentries;
static enum fake_redis_mode mode = FAKE_REDIS_UP;
static int64_t delay = 1;

void
fake_redis_set_mode(enum fake_redis_mode m, int64_t after_ms)
{
	mode = m;
	delay = after_ms;
}

bool
fake_redis_put(const char *key, const char *value, uint32_t ttl)
{
	struct entry *e = &entries[nentries];

	if (nentries == ENTRIES_MAX || !strbuf_copy(e->key, sizeof(e->key), key) ||
	    !strbuf_copy(e->value, sizeof(e->value), value))
		return false;
	e->expires = clock_ms() + (int64_t)ttl * 1000;
	nentries++;
	return true;
}

/* The last value put for a key is the one that counts. */
static const struct entry *
find(const char *key)
{
	for (size_t i = nentries; i-- > 0;)
		if (strcmp(entries[i].key, key) == 0)
			return entries[i].expires > clock_ms() ? &entries[i] : NULL;
	return NULL;
}

const char *
fake_redis_peek(const char *key, uint32_t *ttl)
{
	const struct entry *e = find(key);

	if (e == NULL)
		return NULL;
	*ttl = (uint32_t)((e->expires - clock_ms()) / 1000);
	return e->value;
}

bool
fake_redis_saw(const char *text)
{
	for (size_t i = 0; i < nentries; i++)
		if (strstr(entries[i].key, text) != NULL ||
		    strstr(entries[i].value, text) != NULL)
			return true;
	return false;
}

void
fake_redis_reset(void)
{
	nentries = nrecords = 0;
	slow = 0;
	broken = NULL;
	answers_lost = refuses = false;
	fake_redis_set_mode(FAKE_REDIS_UP, 1);
}

struct redis *
redis_new(struct loop *loop, const struct redis_options *options)
{
	struct redis *redis = calloc(1, sizeof(*redis));

	if (redis == NULL)
		return NULL;
	redis->loop = loop;
	redis->patience = options->command_ms;
	return redis;
}

static struct redis_value
answer(const char *key)
{
	static const char garbage[] = "\xff\x01|-1|$6\r\nfoo";
	const struct entry *e;

	if (mode == FAKE_REDIS_GARBAGE)
		return (struct redis_value){
		    REDIS_FOUND, garbage, sizeof(garbage), clock_ms() + 60000};
	if (mode == FAKE_REDIS_DOWN)
		return (struct redis_value){.state = REDIS_AWAY};
	if ((e = find(key)) == NULL)
		return (struct redis_value){.state = REDIS_NONE};
	return (struct redis_value){REDIS_FOUND, e->value, strlen(e->value), e->expires};
}

/* Every request ends here, once. */
static void
finish(struct request *request)
{
	struct request **r = &request->redis->requests;
	struct redis_value value = {.state = REDIS_AWAY};

	while (*r != request)
		r = &(*r)->next;
	*r = request->next;
	timer_free(request->timer);
	if (!request->late)
		value = answer(request->key);
	request->done(request->arg, &value);
	free(request);
}

static void
on_time(void *arg)
{
	finish(arg);
}

void
redis_get_with_end(struct redis *redis, const char *key, redis_done *done, void *arg)
{
	struct request *request = calloc(1, sizeof(*request));
	bool late = delay > redis->patience;

	if (request == NULL ||
	    (request->timer = timer_new(redis->loop, on_time, request)) == NULL)
		abort();
	strbuf_copy(request->key, KEY_SIZE, key);
	request->redis = redis;
	request->late = late;
	request->done = done;
	request->arg = arg;
	request->next = redis->requests;
	redis->requests = request;
	timer_start(request->timer, late ? redis->patience : delay);
}

void
redis_get(struct redis *redis, const char *key, redis_done *done, void *arg)
{
	redis_get_with_end(redis, key, done, arg);
}

bool
redis_is_up(const struct redis *redis)
{
	(void)redis;
	return mode == FAKE_REDIS_UP;
}

void
redis_set(struct redis *redis, const char *key, const char *value, uint32_t ttl,
    redis_set_done *done, void *arg)
{
	bool takes = mode != FAKE_REDIS_DOWN && !refuses;

	(void)redis;
	if (takes && !fake_redis_put(key, value, ttl))
		abort();
	if (done != NULL)
		done(arg, takes && !answers_lost);
}

void
redis_set_new(struct redis *redis, const char *key, const char *value, uint32_t ttl,
    redis_set_done *done, void *arg)
{
	if (mode != FAKE_REDIS_UP || find(key) == NULL)
		redis_set(redis, key, value, ttl, done, arg);
	else if (done != NULL)
		done(arg, false);
}

/* The last record of a stream, or NULL. */
static const struct record *
last_of(const char *key)
{
	for (unsigned i = nrecords; i-- > 0;)
		if (strcmp(records[i].key, key) == 0)
			return &records[i];
	return NULL;
}

/* Take all records out of a stream but so many of the last. */
static void
cut_stream(const char *key, unsigned keep)
{
	unsigned n = 0, kept = 0;

	for (unsigned i = 0; i < nrecords; i++)
		n += strcmp(records[i].key, key) == 0;
	for (unsigned i = 0; i < nrecords; i++) {
		if (strcmp(records[i].key, key) == 0 && n-- > keep)
			continue;
		if (kept != i)
			records[kept] = records[i];
		kept++;
	}
	nrecords = kept;
}

static bool
is_broken(const char *key)
{
	return broken != NULL && strcmp(broken, key) == 0;
}

void
redis_delete(struct redis *redis, const char *key, redis_deleted_done *done, void *arg)
{
	int64_t found = find(key) != NULL || is_broken(key) || last_of(key) != NULL;

	(void)redis;
	if (mode == FAKE_REDIS_UP) {
		if (is_broken(key))
			broken = NULL;
		cut_stream(key, 0);
		if (!fake_redis_put(key, "", 0))
			abort();
	}
	done(arg, mode == FAKE_REDIS_UP ? found : -1);
}

/* What the script of redis/sharedcache.c does, for facts that end in so many seconds. */
static void
merge(const char *key, const char *facts, int64_t seconds)
{
	const struct entry *e = find(key);
	int64_t left = e != NULL ? e->expires - clock_ms() : -1, want = seconds * 1000;
	char value[REDIS_VALUE_MAX + 1];
	struct strbuf sb;

	strbuf_init(&sb, value, sizeof(value));
	if (e == NULL || strlen(e->value) + strlen(facts) > 768) {
		strbuf_add(&sb, "2");
		left = want;
	} else {
		strbuf_add(&sb, e->value);
		strbuf_addf(&sb, "%c%03x", want > left ? '>' : '<',
		    (unsigned)((llabs(want - left) + 999) / 1000));
		left = want > left ? want : left;
	}
	strbuf_add(&sb, facts);
	if (sb.cut || !fake_redis_put(key, value, 0))
		abort();
	entries[nentries - 1].expires = clock_ms() + left;
}

/* "SET KEY VALUE EX N [NX]", or "EVAL SCRIPT 1 KEY FACTS N". */
void
redis_command(
    struct redis *redis, const struct redis_command *what, redis_command_done *done, void *arg)
{
	bool set = strcmp(what->argv[0], "SET") == 0, is_new = set && what->argc == 6;
	const char *key = set ? what->argv[1] : what->argv[3];
	struct redisreply *reply = NULL;

	(void)redis;
	if (mode != FAKE_REDIS_DOWN && is_new && find(key) != NULL) {
		reply = redisreply_text(REDISREPLY_NIL, "", 0);
	} else if (mode != FAKE_REDIS_DOWN) {
		if (!set)
			merge(key, what->argv[4], atoi(what->argv[5]));
		else if (!fake_redis_put(key, what->argv[2], (uint32_t)atoi(what->argv[4])))
			abort();
		reply = redisreply_text(REDISREPLY_STATUS, "OK", 2);
	}
	if (done(arg, reply) != NULL)
		abort();
	redisreply_free(reply);
}

/* --- Streams: all is done within the call --- */

/* Ids never go back, though clocks do. */
bool
fake_redis_append(const char *key, const char *text)
{
	struct redisstream_id id = {(uint64_t)(clock_wall() * 1000 - slow), 0};
	const struct record *last = last_of(key);
	struct record *r = &records[nrecords];

	if (nrecords == RECORDS_MAX)
		return false;
	if (last != NULL && last->id.ms >= id.ms)
		id = (struct redisstream_id){last->id.ms, last->id.seq + 1};
	nrecords++;
	r->id = id;
	r->len = strlen(text);
	return strbuf_copy(r->key, sizeof(r->key), key) &&
	    strbuf_copy(r->text, sizeof(r->text), text);
}

unsigned
fake_redis_records(void)
{
	return nrecords;
}

void
fake_redis_lose_stream(const char *key, int64_t slow_ms)
{
	cut_stream(key, 0);
	slow = slow_ms;
}

void
fake_redis_break_stream(const char *key)
{
	broken = key;
}

void
fake_redis_lose_answers(bool lose)
{
	answers_lost = lose;
}

void
fake_redis_refuse(bool refuse)
{
	refuses = refuse;
}

void
redisstream_add(struct redis *redis, const char *key, const char *record, uint32_t keep,
    uint32_t ttl, redisstream_added *done, void *arg)
{
	(void)redis;
	(void)ttl;
	if (mode != FAKE_REDIS_UP || is_broken(key)) {
		done(arg, NULL);
		return;
	}
	if (!fake_redis_append(key, record)) {
		done(arg, NULL);
		return;
	}
	if (keep == 1)
		cut_stream(key, 1);
	done(arg, &records[nrecords - 1].id);
}

static void
tell_records(const char *key, const struct redisstream_id *after, bool last,
    redisstream_read_done *done, void *arg)
{
	struct redisstream_record found[REDISSTREAM_READ_MAX];
	int n = 0;

	for (unsigned i = 0; i < nrecords && n < REDISSTREAM_READ_MAX; i++) {
		const struct record *r = &records[i];

		if (strcmp(r->key, key) != 0 || !redisstream_is_after(&r->id, after))
			continue;
		n = last ? 0 : n;
		found[n++] = (struct redisstream_record){r->id, r->text, r->len};
	}
	done(arg, mode == FAKE_REDIS_UP && !is_broken(key) ? n : -1, found);
}

void
redisstream_read(struct redis *redis, const char *key, const struct redisstream_id *after,
    redisstream_read_done *done, void *arg)
{
	(void)redis;
	tell_records(key, after, false, done, arg);
}

void
redisstream_last(struct redis *redis, const char *key, redisstream_read_done *done, void *arg)
{
	(void)redis;
	tell_records(key, &(struct redisstream_id){0, 0}, true, done, arg);
}

void
redis_free(struct redis *redis)
{
	if (redis == NULL)
		return;
	while (redis->requests != NULL) {
		redis->requests->late = true;
		finish(redis->requests);
	}
	free(redis);
}
