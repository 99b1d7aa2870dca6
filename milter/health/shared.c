/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/shared.c - one key for each list: which node has suspended it last, why and when.
 * It expires, so that nobody has to clean up after a node that is gone.
 */
#include "config.h"

#include "health/shared.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "redis/redis.h"
#include "upstream/upstream.h"

#define KEY_MAX 160
#define VALUE_MAX 80
#define SAID_MAX 999999999999 /* a time; enough for 30,000 years */

struct shared_health {
	struct upstream *upstream;
	char node[REF_LEN + 1];
};

/* A question to Redis on its way. */
struct question {
	struct shared_health *shared;
	uint32_t max_age;
	shared_health_read_done *heard;
	void *arg;
};

struct shared_health *
shared_health_new(struct upstream *upstream)
{
	struct shared_health *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->upstream = upstream;
	ref_make(f->node);
	return f;
}

void
shared_health_free(struct shared_health *f)
{
	free(f);
}

static void
make_key(char key[KEY_MAX], const struct listing *listing)
{
	struct strbuf sb;

	strbuf_init(&sb, key, KEY_MAX);
	strbuf_addf(&sb, "rg1:standing:%s.%08x", listing->label, listing->tag);
}

/* "2|REASON|NODE|TIME" */
void
shared_health_publish(
    struct shared_health *f, const struct listing *listing, const char *reason, uint32_t ttl)
{
	struct redis *redis = upstream_redis(f->upstream);
	char key[KEY_MAX], value[VALUE_MAX];
	struct strbuf sb;

	if (redis == NULL)
		return;
	strbuf_init(&sb, value, sizeof(value));
	strbuf_addf(&sb, "2|%s|%s|%" PRId64, reason, f->node, clock_wall());
	make_key(key, listing);
	redis_set(redis, key, value, ttl, NULL, NULL);
}

static bool
is_of(const char *text, const char *letters)
{
	return text[0] != '\0' && text[strspn(text, letters)] == '\0';
}

/* What is not exactly such a value says nothing. */
static bool
read_word(const struct redis_value *value, struct shared_report *word)
{
	char text[VALUE_MAX], *rest = text, *version, *reason, *node;
	const char *said;

	if (value->data == NULL || value->len >= sizeof(text) ||
	    memchr(value->data, '\0', value->len) != NULL)
		return false;
	memcpy(text, value->data, value->len);
	text[value->len] = '\0';
	version = strsep(&rest, "|");
	reason = strsep(&rest, "|");
	node = strsep(&rest, "|");
	said = rest;
	if (said == NULL || strcmp(version, "2") != 0 ||
	    !is_of(reason, "abcdefghijklmnopqrstuvwxyz-") || strlen(node) != REF_LEN ||
	    !is_of(node, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ||
	    (word->said = number_read(&said, SAID_MAX)) < 0 || *said != '\0')
		return false;
	return strbuf_copy(word->reason, sizeof(word->reason), reason) &&
	    strbuf_copy(word->node, sizeof(word->node), node);
}

static bool
is_news(const struct question *q, const struct shared_report *word)
{
	return strcmp(word->node, q->shared->node) != 0 &&
	    llabs(clock_wall() - word->said) <= (int64_t)q->max_age;
}

static void
on_value(void *arg, const struct redis_value *value)
{
	struct question *q = arg;
	struct shared_report word;
	bool news = read_word(value, &word) && is_news(q, &word);

	q->heard(q->arg, news ? &word : NULL);
	free(q);
}

void
shared_health_read(struct shared_health *f, const struct listing *listing, uint32_t max_age,
    shared_health_read_done *heard, void *arg)
{
	struct redis *redis = upstream_redis(f->upstream);
	struct question *q = redis != NULL ? malloc(sizeof(*q)) : NULL;
	char key[KEY_MAX];

	if (q == NULL) {
		heard(arg, NULL);
		return;
	}
	*q = (struct question){f, max_age, heard, arg};
	make_key(key, listing);
	redis_get(redis, key, on_value, q);
}
