/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/fleet.c - one stream, "1 NODE TIME AHEAD RECORD" each, and one key, both in the same slot.
 * Times are those of the node's clock, which is so many seconds ahead of that of Redis.  A node
 * writes one record at a time, so that they stay in order, and so many a second; it reads twice
 * a second, and leaves out its own.
 */
#include "config.h"

#include "own/fleet.h"

#include <assert.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/number.h"
#include "base/random.h"
#include "base/strbuf.h"
#include "loop/loop.h"
#include "own/fleetclock.h"
#include "redis/follower.h"
#include "redis/redis.h"
#include "redis/stream.h"
#include "upstream/upstream.h"

#define STREAM "rg1:{own}:news"
#define KEY "rg1:{own}:key"
#define STREAM_KEEP 16384          /* records, of about 100 bytes each */
#define STREAM_TTL (7 * 24 * 3600) /* seconds, the longest that anybody is listed */
#define KEY_TTL (30 * 24 * 3600)
#define SAID_MAX 999999999999 /* a time; enough for 30,000 years */
#define AHEAD_MAX 3600        /* seconds that another node's clock may be fast */

#define FIRST_MS 100     /* until Redis is known */
#define TICK_MS 500      /* between two readings */
#define TICK_JITTER 10   /* percent */
#define CHECK_TICKS 120  /* ... between two looks at key, clock, and where the stream ends */
#define TOLD_MAX 64      /* records that are told in a tick, ... */
#define PAGES_MAX 16     /* ... and questions for those of others */
#define STRIKES_SKIP 12  /* readings that fail while Redis answers, until what is there is */
#define STRIKES_CLEAR 24 /* passed over, and until it is deleted */

#define SKIP_S 2 /* what is passed over is older, by the clock of Redis */

#define QUEUE_MAX 256    /* records that wait, ... */
#define EVIDENCE_MAX 192 /* ... and when evidence has no place any more */

#define ENVELOPE_MAX 48 /* "1 NODE TIME AHEAD " */
_Static_assert(ENVELOPE_MAX + FLEET_RECORD_MAX <= REDISSTREAM_RECORD_MAX, "records fit");

struct waiting {
	int64_t said; /* in clock_ms(): it holds whatever the other clock says meanwhile */
	char text[FLEET_RECORD_MAX + 1];
};

struct fleet {
	struct loop *loop;
	struct upstream *upstream;
	struct fleet_ears ears;
	char node[REF_LEN + 1];
	struct fleetclock clock;
	int64_t offset; /* from clock_ms() to clock_wall(), in seconds */
	struct timer *tick;
	unsigned ticks; /* until the next check */
	struct redisfollower follower;
	bool sending;
	unsigned budget; /* what is left of this tick's */
	uint8_t key[FLEET_KEY_SIZE];
	struct call call;
	atomic_bool wanted;
	atomic_bool used; /* there is a Redis, or that is not known yet */

	pthread_mutex_t lock; /* guards the rest; never held for long */
	struct waiting queue[QUEUE_MAX];
	unsigned first, n;
};

/* --- What waits --- */

/* The first one that waits, as it is put; false: there is none. */
static bool
first_waiting(struct fleet *f, char out[REDISSTREAM_RECORD_MAX + 1])
{
	const struct waiting *w = &f->queue[f->first];
	struct strbuf sb;
	bool any;

	strbuf_init(&sb, out, REDISSTREAM_RECORD_MAX + 1);
	pthread_mutex_lock(&f->lock);
	any = f->n > 0;
	if (any)
		strbuf_addf(&sb, "1 %s %" PRId64 " %" PRId64 " %s", f->node,
		    clock_wall() - (clock_ms() - w->said) / 1000, f->clock.ahead, w->text);
	pthread_mutex_unlock(&f->lock);
	return any;
}

/* Take the first n out. */
static void
take_out(struct fleet *f, unsigned n)
{
	pthread_mutex_lock(&f->lock);
	if (n > f->n)
		n = f->n;
	f->first = (f->first + n) % QUEUE_MAX;
	f->n -= n;
	pthread_mutex_unlock(&f->lock);
}

static bool
put_in(struct fleet *f, enum fleet_kind kind, const char *record)
{
	bool room;

	pthread_mutex_lock(&f->lock);
	room = f->n < (kind == FLEET_EVIDENCE ? EVIDENCE_MAX : QUEUE_MAX);
	if (room) {
		struct waiting *w = &f->queue[(f->first + f->n++) % QUEUE_MAX];

		w->said = clock_ms();
		strbuf_copy(w->text, sizeof(w->text), record);
	}
	pthread_mutex_unlock(&f->lock);
	return room;
}

/* Whether it is known what this node's clock is ahead: not where somebody has put it elsewhere. */
static bool
knows_clock(struct fleet *f)
{
	int64_t offset = clock_wall() - clock_ms() / 1000, moved = offset - f->offset;

	f->offset = offset;
	if (moved < -1 || moved > 1)
		f->clock.known = false;
	return f->clock.known;
}

/* Whom to tell, and hear from: nobody until what is told has a time. */
static struct redis *
redis_of(void *arg)
{
	struct fleet *f = arg;

	return knows_clock(f) ? upstream_redis(f->upstream) : NULL;
}

/* --- Telling --- */

static void send_first(struct fleet *);

/* One that was not put stays the first; with the next tick it is tried again. */
static void
on_told(void *arg, const struct redisstream_id *id)
{
	struct fleet *f = arg;

	f->sending = false;
	if (id == NULL)
		return;
	counter_add(COUNTER_FLEET_TOLD);
	take_out(f, 1);
	send_first(f);
}

static void
send_first(struct fleet *f)
{
	struct redis *redis = redis_of(f);
	char record[REDISSTREAM_RECORD_MAX + 1];

	if (redis == NULL || f->sending || f->budget == 0 || !first_waiting(f, record))
		return;
	f->budget--;
	f->sending = true;
	redisstream_add(redis, STREAM, record, STREAM_KEEP, STREAM_TTL, on_told, f);
}

static void
on_call(void *arg)
{
	send_first(arg);
}

static bool
is_printable(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return len > 0;
}

void
fleet_tell(struct fleet *f, enum fleet_kind kind, const char *record)
{
	size_t len = strlen(record);

	assert(len <= FLEET_RECORD_MAX && is_printable(record, len));
	if (!atomic_load(&f->wanted) || !atomic_load(&f->used))
		return;
	if (put_in(f, kind, record))
		loop_post(f->loop, &f->call, on_call, f);
	else
		counter_add(COUNTER_FLEET_DROPPED);
}

/* --- Hearing --- */

/* What stands around a record. */
struct envelope {
	char node[REF_LEN + 1];
	int64_t said, ahead;
	const char *text; /* where the record begins */
};

/* Seconds that a clock is ahead; false: it is no number. */
static bool
read_ahead(const char **at, int64_t *out)
{
	bool behind = **at == '-';

	*at += behind;
	*out = number_read(at, SAID_MAX);
	if (*out < 0)
		return false;
	*out = behind ? -*out : *out;
	return true;
}

static bool
read_envelope(const char *at, struct envelope *e)
{
	uint64_t bits;

	if (strncmp(at, "1 ", 2) != 0 || strlen(at + 2) <= REF_LEN)
		return false;
	memcpy(e->node, at + 2, REF_LEN);
	e->node[REF_LEN] = '\0';
	at += 2 + REF_LEN;
	if (!ref_read(e->node, &bits) || *at++ != ' ' ||
	    (e->said = number_read(&at, SAID_MAX)) < 0 || *at++ != ' ' ||
	    !read_ahead(&at, &e->ahead) || *at++ != ' ')
		return false;
	e->text = at;
	return *at != '\0' && strlen(at) <= FLEET_RECORD_MAX;
}

static void
on_record(void *arg, const struct redisstream_record *record)
{
	struct fleet *f = arg;
	char copy[REDISSTREAM_RECORD_MAX + 1];
	int64_t said, now = clock_wall();
	struct envelope e;

	if (record->data != NULL) {
		memcpy(copy, record->data, record->len);
		copy[record->len] = '\0';
	}
	if (record->data == NULL || !is_printable(copy, record->len) ||
	    !read_envelope(copy, &e)) {
		counter_add(COUNTER_REDIS_GARBAGE);
		return;
	}
	said = fleetclock_ours(&f->clock, e.said, e.ahead);
	if (strcmp(e.node, f->node) == 0 || said < now - STREAM_TTL || said > now + AHEAD_MAX)
		return;
	counter_add(COUNTER_FLEET_HEARD);
	f->ears.record(f->ears.arg, said < now ? said : now, e.ahead - f->clock.ahead, e.text);
}

/* --- The key --- */

#define KEY_TEXT_SIZE (2 * FLEET_KEY_SIZE + 1)

static void
write_key(const struct fleet *f, char out[KEY_TEXT_SIZE])
{
	for (size_t i = 0; i < FLEET_KEY_SIZE; i++)
		(void)snprintf(out + 2 * i, 3, "%02x", f->key[i]);
}

static bool
read_key(const struct redis_value *value, uint8_t key[FLEET_KEY_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	if (value->state != REDIS_FOUND || value->len != KEY_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; i < value->len; i++) {
		const char *digit = memchr(digits, value->data[i], 16);

		if (digit == NULL)
			return false;
		key[i / 2] = (uint8_t)(key[i / 2] << 4 | (digit - digits));
	}
	return true;
}

static void
use_key(struct fleet *f, const uint8_t key[FLEET_KEY_SIZE])
{
	if (memcmp(f->key, key, FLEET_KEY_SIZE) == 0)
		return;
	memcpy(f->key, key, FLEET_KEY_SIZE);
	f->ears.key(f->ears.arg, key);
}

/* What is no key is in the way of one. */
static void
on_key(void *arg, const struct redis_value *value)
{
	struct fleet *f = arg;
	struct redis *redis = upstream_redis(f->upstream);
	uint8_t key[FLEET_KEY_SIZE] = {0};
	char text[KEY_TEXT_SIZE];

	if (value->state != REDIS_FOUND && value->state != REDIS_ODD)
		return;
	if (read_key(value, key)) {
		use_key(f, key);
	} else if (redis != NULL) {
		counter_add(COUNTER_REDIS_GARBAGE);
		write_key(f, text);
		redis_set(redis, KEY, text, KEY_TTL, NULL, NULL);
	}
	redisfollower_blame(
	    &f->follower, (clock_wall() - f->clock.ahead - SKIP_S) * INT64_C(1000));
}

/* The first node's is put, and all take what is there. */
static void
check_key(struct fleet *f)
{
	struct redis *redis = upstream_redis(f->upstream);
	char text[KEY_TEXT_SIZE];

	if (redis == NULL)
		return;
	write_key(f, text);
	redis_set_new(redis, KEY, text, KEY_TTL, NULL, NULL);
	redis_get(redis, KEY, on_key, f);
}

/* --- Its life --- */

static void
on_tick(void *arg)
{
	struct fleet *f = arg;
	struct redis *redis = upstream_redis(f->upstream);

	timer_start(f->tick, jittered(TICK_MS, TICK_JITTER));
	atomic_store(&f->used, redis != NULL);
	if (redis == NULL || !atomic_load(&f->wanted)) {
		take_out(f, QUEUE_MAX);
		f->ticks = 0;
		return;
	}
	f->budget = TOLD_MAX;
	if (f->ticks-- == 0) {
		f->ticks = CHECK_TICKS;
		fleetclock_ask(&f->clock, redis);
		check_key(f);
		redisfollower_check(&f->follower);
	}
	if (!knows_clock(f))
		fleetclock_ask(&f->clock, redis);
	if (redisfollower_doubts(&f->follower))
		check_key(f);
	redisfollower_read(&f->follower, PAGES_MAX);
	send_first(f);
}

struct fleet *
fleet_new(struct loop *loop, struct upstream *upstream, const struct fleet_ears *ears)
{
	struct fleet *f = calloc(1, sizeof(*f));

	if (f == NULL || getentropy(f->key, sizeof(f->key)) != 0 ||
	    (f->tick = timer_new(loop, on_tick, f)) == NULL) {
		free(f);
		return NULL;
	}
	f->loop = loop;
	f->upstream = upstream;
	f->ears = *ears;
	f->follower = (struct redisfollower){.key = STREAM,
	    .skip = STRIKES_SKIP,
	    .clear = STRIKES_CLEAR,
	    .owner = {redis_of, on_record, NULL, NULL, f}};
	atomic_init(&f->used, true);
	ref_make(f->node);
	pthread_mutex_init(&f->lock, NULL);
	timer_start(f->tick, FIRST_MS);
	f->ears.key(f->ears.arg, f->key);
	return f;
}

void
fleet_use(struct fleet *f, bool wanted)
{
	atomic_store(&f->wanted, wanted);
}

bool
fleet_is_heard(const struct fleet *f)
{
	const struct redis *redis = upstream_redis(f->upstream);

	return redis != NULL && f->clock.known && !redisfollower_doubts(&f->follower) &&
	    atomic_load(&f->wanted) && redis_is_up(redis);
}

void
fleet_free(struct fleet *f)
{
	if (f == NULL)
		return;
	timer_free(f->tick);
	pthread_mutex_destroy(&f->lock);
	free(f);
}
