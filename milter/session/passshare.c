/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passshare.c - one stream of Redis, "1 NOTE" each (session/passnote.h): a pass as a
 * whole, so that the last word on each is enough, and none comes too often.  How old a note
 * is Redis says, by the time at which it has put it.  And a key for each network that has one.
 */
#include "config.h"

#include "session/passshare.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/random.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "redis/redis.h"
#include "redis/stream.h"
#include "session/passes.h"
#include "session/passnote.h"
#include "upstream/upstream.h"

#define STREAM "rg1:{pass}:news"
#define TRIAL "rg1:{pass}:trial" /* whether Redis takes anything */
#define CLAIM "rg1:pass:"        /* and the network */
#define STREAM_KEEP 16384        /* notes: of each pass there are 16 at most */
#define STREAM_TTL (366 * 86400) /* seconds, the longest that one is known */
#define TRIAL_TTL 60
#define FORMAT "1 "

#define TICK_MS 1000   /* between two readings */
#define TICK_JITTER 10 /* percent */
#define CHECK_TICKS 60 /* ... between two looks at where the stream ends */
#define NOTES_MAX 64   /* that are told in a tick, ... */
#define PAGES_MAX 32   /* ... and questions for those of others */
#define STRIKES_MAX 6  /* readings that fail while Redis answers, until the stream is deleted */

#define KEY_SIZE (sizeof(CLAIM) + IPADDR_STRLEN + 4)

struct passshare {
	struct loop *loop;
	struct upstream *upstream;
	struct promises *promises;
	struct passes *passes;
	struct timer *tick;
	unsigned ticks;             /* until the next check */
	struct redisstream_id last; /* that was read */
	int64_t asked;              /* for what comes after that, and ... */
	int64_t read_all; /* ... when all there was had been read, in clock_ms(); 0: never */
	bool reading, sending;
	bool knows_all; /* what others had told by then: telling begins with that */
	unsigned pages, budget;
	bool doubted; /* the last reading failed */
	unsigned strikes;
	struct network sent; /* that is being told of */
	struct call call;
	atomic_bool wanted;
};

/* The Redis, if there is one and it is wanted. */
static struct redis *
redis_of(const struct passshare *s)
{
	return atomic_load(&s->wanted) ? upstream_redis(s->upstream) : NULL;
}

/* --- Telling --- */

static void send_next(struct passshare *);

static void
on_told(void *arg, const struct redisstream_id *id)
{
	struct passshare *s = arg;

	s->sending = false;
	if (id != NULL)
		send_next(s);
	else /* with the next tick */
		passes_take_again(s->passes, PASS_KEEPER_FLEET, &s->sent);
}

static void
send_next(struct passshare *s)
{
	struct redis *redis = redis_of(s);
	char record[sizeof(FORMAT) + PASSNOTE_SIZE];
	struct pass pass;

	if (redis == NULL || s->sending || !s->knows_all || s->budget == 0 ||
	    !passes_take(s->passes, PASS_KEEPER_FLEET, &pass))
		return;
	s->budget--;
	s->sending = true;
	s->sent = pass.network;
	memcpy(record, FORMAT, sizeof(FORMAT));
	passnote_write(&pass, clock_ms(), record + strlen(FORMAT));
	redisstream_add(redis, STREAM, record, STREAM_KEEP, STREAM_TTL, on_told, s);
}

/* --- Hearing --- */

/* How many seconds ago a record was put: by Redis's clock and ours, but what was not there when
 * all was read is no older than that. */
static int64_t
age_of(const struct passshare *s, const struct redisstream_record *record)
{
	int64_t age = clock_wall() - (int64_t)(record->id.ms / 1000);
	int64_t most = s->read_all != 0 ? (clock_ms() - s->read_all) / 1000 : age;

	age = age < most ? age : most;
	return age > 0 ? age : 0;
}

static void
hear(struct passshare *s, const struct redisstream_record *record)
{
	char text[REDISSTREAM_RECORD_MAX + 1] = "";
	struct pass pass;

	if (record->data != NULL) {
		memcpy(text, record->data, record->len);
		text[record->len] = '\0';
	}
	if (record->data == NULL || strlen(text) != record->len ||
	    strncmp(text, FORMAT, strlen(FORMAT)) != 0 ||
	    !passnote_read(&pass, text + strlen(FORMAT), age_of(s, record), clock_ms())) {
		counter_add(COUNTER_REDIS_GARBAGE);
		return;
	}
	(void)passes_join(s->passes, PASS_KEEPER_FLEET, &pass);
}

/* Read from the beginning, and tell all that is known here. */
static void
begin_anew(struct passshare *s)
{
	s->last = (struct redisstream_id){0, 0};
	s->knows_all = false;
	s->read_all = 0;
	passes_take_again(s->passes, PASS_KEEPER_FLEET, NULL);
}

static void
on_deleted(void *arg, int64_t n)
{
	if (n > 0)
		log_event(LOG_LEVEL_WARNING, "fleet-cleared", "key", STREAM);
	if (n >= 0)
		begin_anew(arg);
}

/* Delete what nobody can read, or add to.  Nothing of it is missed, for each node tells all that it
 * knows. */
static void
clear(struct passshare *s)
{
	struct redis *redis = redis_of(s);

	if (redis != NULL)
		redis_delete(redis, STREAM, on_deleted, s);
}

static void read_on(struct passshare *);

static void
on_news(void *arg, int n, const struct redisstream_record *records)
{
	struct passshare *s = arg;

	s->reading = false;
	s->doubted = n < 0;
	/* At once: another node may have done so, and told something since. */
	if (s->doubted && s->strikes >= STRIKES_MAX) {
		s->strikes = 0;
		clear(s);
	}
	if (s->doubted)
		return;
	s->strikes = 0;
	for (int i = 0; i < n; i++) {
		if (redisstream_is_after(&records[i].id, &s->last))
			s->last = records[i].id;
		hear(s, &records[i]);
	}
	if (redisstream_is_end(&s->last)) {
		clear(s);
		return;
	}
	if (n == REDISSTREAM_READ_MAX) {
		read_on(s);
		return;
	}
	s->read_all = s->asked;
	s->knows_all = true;
	send_next(s);
}

static void
read_on(struct passshare *s)
{
	struct redis *redis = redis_of(s);

	if (redis == NULL || s->reading || s->pages == 0)
		return;
	s->pages--;
	s->reading = true;
	s->asked = clock_ms();
	redisstream_read(redis, STREAM, &s->last, on_news, s);
}

/* While one is used here, what others let through is of interest sooner. */
static void
on_call(void *arg)
{
	send_next(arg);
	read_on(arg);
}

static void
on_changed(void *arg)
{
	struct passshare *s = arg;

	loop_post(s->loop, &s->call, on_call, s);
}

/* It may have been lost, or be that of another Redis. */
static void
on_end(void *arg, int n, const struct redisstream_record *records)
{
	struct passshare *s = arg;

	if ((n == 0 && s->last.ms != 0) ||
	    (n > 0 && redisstream_is_after(&s->last, &records[0].id)))
		begin_anew(s);
}

/* --- What is no stream --- */

/* Redis answers, but not that question: what is there is no stream, or not ours. */
static void
on_tried(void *arg, bool good)
{
	struct passshare *s = arg;

	s->strikes += good;
}

/* --- Claims --- */

struct claim {
	struct call call;
	struct passshare *share;
	struct promise *kept;
	char key[KEY_SIZE];
	char mine[REF_LEN + 1]; /* what stands there if this one has it */
};

static void
answer(struct claim *c, enum pass_claim what)
{
	promise_keep(&c->kept, (int)what);
	free(c);
}

/* Whose it is, once it was put; Redis may have gone after it had done so. */
static void
on_put(void *arg, const struct redis_value *value)
{
	struct claim *c = arg;
	bool found = value->state == REDIS_FOUND;

	if (found && value->len == REF_LEN && memcmp(value->data, c->mine, REF_LEN) == 0)
		answer(c, PASS_CLAIM_GOOD);
	else
		answer(c, found ? PASS_CLAIM_TAKEN : PASS_CLAIM_UNKNOWN);
}

/* Another node was faster, or there was no answer. */
static void
on_claimed(void *arg, bool good)
{
	struct claim *c = arg;
	struct redis *redis = redis_of(c->share);

	if (good || redis == NULL)
		answer(c, good ? PASS_CLAIM_GOOD : PASS_CLAIM_UNKNOWN);
	else
		redis_get(redis, c->key, on_put, c);
}

/* What is nothing of ours is in the way. */
static void
on_value(void *arg, const struct redis_value *value)
{
	struct claim *c = arg;
	struct redis *redis = redis_of(c->share);

	if (value->state == REDIS_FOUND)
		answer(c, PASS_CLAIM_TAKEN);
	else if (value->state == REDIS_AWAY || redis == NULL)
		answer(c, PASS_CLAIM_UNKNOWN);
	else if (value->state == REDIS_ODD)
		redis_set(redis, c->key, c->mine, PASS_AGAIN_MS / 1000, on_claimed, c);
	else
		redis_set_new(redis, c->key, c->mine, PASS_AGAIN_MS / 1000, on_claimed, c);
}

static void
on_claim(void *arg)
{
	struct claim *c = arg;
	struct redis *redis = redis_of(c->share);

	if (redis != NULL)
		redis_get(redis, c->key, on_value, c);
	else
		answer(c, PASS_CLAIM_UNKNOWN);
}

enum pass_claim
passshare_claim(struct passshare *s, const struct network *network, int64_t deadline)
{
	struct claim *c = malloc(sizeof(*c));
	struct promise *promise = promise_new(s->promises);
	char address[IPADDR_STRLEN];
	enum pass_claim got;

	if (c == NULL || promise == NULL) {
		struct promise *kept = promise;

		promise_keep(&kept, PASS_CLAIM_UNKNOWN);
		promise_release(&promise);
		free(c);
		return PASS_CLAIM_UNKNOWN;
	}
	*c = (struct claim){.share = s, .kept = promise};
	ref_make(c->mine);
	(void)snprintf(c->key, sizeof(c->key), CLAIM "%s/%u",
	    ipaddr_format(&network->addr, address), network->len);
	loop_post(s->loop, &c->call, on_claim, c);
	got = (enum pass_claim)promise_wait(promise, deadline, PASS_CLAIM_UNKNOWN);
	promise_release(&promise);
	return got;
}

/* --- Its life --- */

static void
on_tick(void *arg)
{
	struct passshare *s = arg;
	struct redis *redis = redis_of(s);

	timer_start(s->tick, jittered(TICK_MS, TICK_JITTER));
	if (redis == NULL) {
		s->ticks = 0;
		return;
	}
	s->budget = NOTES_MAX;
	s->pages = PAGES_MAX;
	if (s->ticks-- == 0) {
		s->ticks = CHECK_TICKS;
		redisstream_last(redis, STREAM, on_end, s);
	}
	/* After a reading that failed, whether Redis answers at all. */
	if (s->doubted)
		redis_set(redis, TRIAL, "1", TRIAL_TTL, on_tried, s);
	read_on(s);
	send_next(s);
}

struct passshare *
passshare_new(struct loop *loop, struct upstream *upstream, struct promises *promises,
    struct passes *passes)
{
	struct passshare *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->tick = timer_new(loop, on_tick, s)) == NULL) {
		free(s);
		return NULL;
	}
	s->loop = loop;
	s->upstream = upstream;
	s->promises = promises;
	s->passes = passes;
	atomic_init(&s->wanted, false);
	passes_watch(passes, PASS_KEEPER_FLEET, on_changed, s);
	timer_start(s->tick, TICK_MS / 10);
	return s;
}

void
passshare_use(struct passshare *s, bool wanted)
{
	atomic_store(&s->wanted, wanted);
}

void
passshare_free(struct passshare *s)
{
	if (s == NULL)
		return;
	timer_free(s->tick);
	free(s);
}
