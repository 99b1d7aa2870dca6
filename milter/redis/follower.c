/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/follower.c - pages of a stream, until one is not full.  An entry that is too large to be
 * read is passed over with what came before it; where that does not help, what is there is no
 * stream, or not ours.
 */
#include "config.h"

#include "redis/follower.h"

#include "base/clock.h"
#include "base/log.h"
#include "redis/redis.h"

static void read_on(struct redisfollower *);

static void
begin_anew(struct redisfollower *f)
{
	f->last = f->least;
	if (f->owner.anew != NULL)
		f->owner.anew(f->owner.arg);
}

static void
on_deleted(void *arg, int64_t n)
{
	struct redisfollower *f = arg;

	if (n > 0)
		log_event(LOG_LEVEL_WARNING, "fleet-cleared", "key", f->key);
	if (n >= 0)
		begin_anew(f);
}

static void
clear(struct redisfollower *f)
{
	struct redis *redis = f->owner.redis(f->owner.arg);

	if (redis != NULL)
		redis_delete(redis, f->key, on_deleted, f);
}

static void
take(struct redisfollower *f, int n, const struct redisstream_record *records)
{
	f->strikes = 0;
	for (int i = 0; i < n; i++) {
		if (redisstream_is_after(&records[i].id, &f->last))
			f->last = records[i].id;
		f->owner.record(f->owner.arg, &records[i]);
	}
	if (redisstream_is_end(&f->last))
		clear(f);
	else if (n == REDISSTREAM_READ_MAX)
		read_on(f);
	else if (f->owner.end != NULL)
		f->owner.end(f->owner.arg, f->asked);
}

static void
on_page(void *arg, int n, const struct redisstream_record *records)
{
	struct redisfollower *f = arg;

	f->reading = false;
	f->doubted = n < 0;
	if (!f->doubted) {
		take(f, n, records);
	} else if (f->strikes >= f->clear) {
		/* At once: another node may have done so, and told something since. */
		f->strikes = 0;
		clear(f);
	}
}

static void
read_on(struct redisfollower *f)
{
	struct redis *redis = f->owner.redis(f->owner.arg);

	if (redis == NULL || f->reading || f->pages == 0)
		return;
	/* It is still there, or was not deleted in time. */
	if (redisstream_is_end(&f->last)) {
		clear(f);
		return;
	}
	f->pages--;
	f->reading = true;
	f->asked = clock_ms();
	redisstream_read(redis, f->key, &f->last, on_page, f);
}

void
redisfollower_read(struct redisfollower *f, unsigned pages)
{
	f->pages = pages;
	read_on(f);
}

void
redisfollower_hasten(struct redisfollower *f)
{
	read_on(f);
}

static void
on_last(void *arg, int n, const struct redisstream_record *records)
{
	struct redisfollower *f = arg;
	bool gone = n == 0 && redisstream_is_after(&f->last, &f->least);

	if (gone || (n > 0 && redisstream_is_after(&f->last, &records[0].id)))
		begin_anew(f);
}

void
redisfollower_check(struct redisfollower *f)
{
	struct redis *redis = f->owner.redis(f->owner.arg);

	if (redis != NULL)
		redisstream_last(redis, f->key, on_last, f);
}

bool
redisfollower_doubts(const struct redisfollower *f)
{
	return f->doubted;
}

/* What is there has been there for longer than clocks differ that were compared. */
static void
skip(struct redisfollower *f, int64_t now)
{
	f->last = f->least = (struct redisstream_id){(uint64_t)now, 0};
	log_event(LOG_LEVEL_WARNING, "fleet-skipped", "key", f->key);
}

void
redisfollower_blame(struct redisfollower *f, int64_t now)
{
	if (f->doubted && ++f->strikes == f->skip)
		skip(f, now);
}
