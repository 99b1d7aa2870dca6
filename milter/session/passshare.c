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
#include "redis/follower.h"
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
	unsigned ticks; /* until the next check */
	struct redisfollower follower;
	int64_t read_all; /* when all there was had been read, in clock_ms(); 0: never */
	bool sending;
	bool knows_all; /* what others had told by then: telling begins with that */
	unsigned budget;
	struct network sent; /* that is being told of */
	struct call call;
	atomic_bool wanted;
};

/* The Redis, if there is one and it is wanted. */
static struct redis *
redis_of(void *arg)
{
	const struct passshare *s = arg;

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
on_record(void *arg, const struct redisstream_record *record)
{
	struct passshare *s = arg;
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

/* It is read from the beginning: tell all that is known here.  So nothing is missed of a stream
 * that was deleted. */
static void
on_anew(void *arg)
{
	struct passshare *s = arg;

	s->knows_all = false;
	s->read_all = 0;
	passes_take_again(s->passes, PASS_KEEPER_FLEET, NULL);
}

static void
on_end(void *arg, int64_t asked)
{
	struct passshare *s = arg;

	s->read_all = asked;
	s->knows_all = true;
	send_next(s);
}

/* While one is used here, what others let through is of interest sooner. */
static void
on_call(void *arg)
{
	struct passshare *s = arg;

	send_next(s);
	redisfollower_hasten(&s->follower);
}

static void
on_changed(void *arg)
{
	struct passshare *s = arg;

	loop_post(s->loop, &s->call, on_call, s);
}

/* Redis answers, but not what was read. */
static void
on_tried(void *arg, bool good)
{
	struct passshare *s = arg;

	if (good)
		redisfollower_blame(&s->follower, 0);
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
	if (s->ticks-- == 0) {
		s->ticks = CHECK_TICKS;
		redisfollower_check(&s->follower);
	}
	if (redisfollower_doubts(&s->follower))
		redis_set(redis, TRIAL, "1", TRIAL_TTL, on_tried, s);
	redisfollower_read(&s->follower, PAGES_MAX);
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
	s->follower = (struct redisfollower){.key = STREAM,
	    .clear = STRIKES_MAX,
	    .owner = {redis_of, on_record, on_end, on_anew, s}};
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
