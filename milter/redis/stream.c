/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/stream.c - XADD and XRANGE, which every Redis since 5.0 has.  A record is an entry
 * with the one field "r".
 */
#include "config.h"

#include "redis/stream.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "redis/redis.h"

#define FIELD "r"
#define NUMBER_SIZE 21 /* of 64 bits, and a NUL */
#define ID_SIZE (2 * NUMBER_SIZE)

_Static_assert(REDISREPLY_TEXT_MAX >= REDISSTREAM_RECORD_MAX, "records are kept whole");

/* --- Ids --- */

/* A number of 64 bits in figures, and go past it. */
static bool
read_number(const char **at, uint64_t *out)
{
	char *end;

	if (!ascii_is_digit(**at))
		return false;
	errno = 0;
	*out = strtoull(*at, &end, 10);
	*at = end;
	return errno == 0;
}

static bool
read_id(const struct redisreply *text, struct redisstream_id *id)
{
	const char *at = text != NULL ? text->text : "";

	return read_number(&at, &id->ms) && *at++ == '-' && read_number(&at, &id->seq) &&
	    *at == '\0';
}

/* --- Adding --- */

struct addition {
	struct redis *redis;
	redisstream_added *done;
	void *arg;
	uint32_t ttl;
	char key[]; /* and a NUL */
};

static const char *
on_kept(void *arg, const struct redisreply *reply)
{
	(void)arg;
	return reply == NULL || reply->type == REDISREPLY_INTEGER ? NULL
								  : "EXPIRE answered nonsense";
}

/* A stream that nobody writes to any more is to go away by itself. */
static void
keep_for(struct redis *redis, const char *key, uint32_t ttl)
{
	char seconds[NUMBER_SIZE];
	const char *argv[] = {"EXPIRE", key, seconds};

	(void)snprintf(seconds, sizeof(seconds), "%" PRIu32, ttl);
	redis_command(redis, &(struct redis_command){.argc = 3, .argv = argv, .now = true},
	    on_kept, NULL);
}

static const char *
on_added(void *arg, const struct redisreply *reply)
{
	struct addition *a = arg;
	struct redisstream_id id;
	bool good = reply != NULL && reply->type == REDISREPLY_STRING && read_id(reply, &id);

	if (good)
		keep_for(a->redis, a->key, a->ttl);
	a->done(a->arg, good ? &id : NULL);
	free(a);
	return reply == NULL || good ? NULL : "XADD answered nonsense";
}

void
redisstream_add(struct redis *redis, const char *key, const char *record, uint32_t keep,
    uint32_t ttl, redisstream_added *done, void *arg)
{
	char number[NUMBER_SIZE];
	const char *argv[] = {"XADD", key, "MAXLEN", "~", number, "*", FIELD, record};
	struct addition *a = malloc(sizeof(*a) + strlen(key) + 1);

	assert(strlen(record) <= REDISSTREAM_RECORD_MAX && keep >= 1 && ttl >= 1);
	if (a == NULL) {
		done(arg, NULL);
		return;
	}
	*a = (struct addition){redis, done, arg, ttl};
	memcpy(a->key, key, strlen(key) + 1);
	(void)snprintf(number, sizeof(number), "%" PRIu32, keep);
	redis_command(
	    redis, &(struct redis_command){.argc = 8, .argv = argv, .now = true}, on_added, a);
}

/* --- Reading --- */

struct reading {
	redisstream_read_done *done;
	void *arg;
};

/* Read [ID, [FIELD, VALUE]]; what another program has put there has an id alone. */
static bool
read_entry(const struct redisreply *entry, struct redisstream_record *record)
{
	const struct redisreply *fields = redisreply_at(entry, 1, REDISREPLY_ARRAY);
	const struct redisreply *name = redisreply_at(fields, 0, REDISREPLY_STRING);
	const struct redisreply *value = redisreply_at(fields, 1, REDISREPLY_STRING);

	if (!read_id(redisreply_at(entry, 0, REDISREPLY_STRING), &record->id))
		return false;
	if (name == NULL || value == NULL || fields->len != 2 ||
	    strcmp(name->text, FIELD) != 0 || value->len > REDISSTREAM_RECORD_MAX)
		return true;
	record->data = value->text;
	record->len = value->len;
	return true;
}

static bool
read_entries(const struct redisreply *reply, struct redisstream_record *records)
{
	if (reply->type != REDISREPLY_ARRAY || reply->len > REDISSTREAM_READ_MAX)
		return false;
	for (size_t i = 0; i < reply->len; i++)
		if (!read_entry(redisreply_at(reply, i, REDISREPLY_ARRAY), &records[i]))
			return false;
	return true;
}

static const char *
on_read(void *arg, const struct redisreply *reply)
{
	struct redisstream_record records[REDISSTREAM_READ_MAX] = {0};
	struct reading r = *(struct reading *)arg;
	bool good = reply != NULL && read_entries(reply, records);

	free(arg);
	r.done(r.arg, good ? (int)reply->len : -1, records);
	return reply == NULL || good ? NULL : "XRANGE answered nonsense";
}

static void
ask_range(
    struct redis *redis, const char *const argv[6], redisstream_read_done *done, void *arg)
{
	struct redis_command what = {
	    .argc = 6,
	    .argv = argv,
	    .limits = {.depth = 3, .parts = 6 * REDISSTREAM_READ_MAX},
	};
	struct reading *r = malloc(sizeof(*r));

	if (r == NULL) {
		done(arg, -1, NULL);
		return;
	}
	*r = (struct reading){done, arg};
	redis_command(redis, &what, on_read, r);
}

void
redisstream_read(struct redis *redis, const char *key, const struct redisstream_id *after,
    redisstream_read_done *done, void *arg)
{
	struct redisstream_id from = {after->ms + (after->seq == UINT64_MAX), after->seq + 1};
	char start[ID_SIZE], number[NUMBER_SIZE];
	const char *argv[] = {"XRANGE", key, start, "+", "COUNT", number};

	(void)snprintf(start, sizeof(start), "%" PRIu64 "-%" PRIu64, from.ms, from.seq);
	(void)snprintf(number, sizeof(number), "%d", REDISSTREAM_READ_MAX);
	ask_range(redis, argv, done, arg);
}

void
redisstream_last(struct redis *redis, const char *key, redisstream_read_done *done, void *arg)
{
	const char *argv[] = {"XREVRANGE", key, "+", "-", "COUNT", "1"};

	ask_range(redis, argv, done, arg);
}
