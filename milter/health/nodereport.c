/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/nodereport.c - one key for each list: which node has suspended it last, why and when.
 * It expires, so that nobody has to clean up after a node that is gone.
 */
#include "config.h"

#include "health/nodereport.h"

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

struct nodereports {
	struct upstream *upstream;
	char node[REF_LEN + 1];
};

/* A question to Redis on its way. */
struct question {
	struct nodereports *reports;
	uint32_t max_age;
	nodereports_read_done *heard;
	void *arg;
};

struct nodereports *
nodereports_new(struct upstream *upstream)
{
	struct nodereports *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->upstream = upstream;
	ref_make(all->node);
	return all;
}

void
nodereports_free(struct nodereports *all)
{
	free(all);
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
nodereports_publish(
    struct nodereports *all, const struct listing *listing, const char *reason, uint32_t ttl)
{
	struct redis *redis = upstream_redis(all->upstream);
	char key[KEY_MAX], value[VALUE_MAX];
	struct strbuf sb;

	if (redis == NULL)
		return;
	strbuf_init(&sb, value, sizeof(value));
	strbuf_addf(&sb, "2|%s|%s|%" PRId64, reason, all->node, clock_wall());
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
read_report(const struct redis_value *value, struct nodereport *report)
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
	    (report->said = number_read(&said, SAID_MAX)) < 0 || *said != '\0')
		return false;
	return strbuf_copy(report->reason, sizeof(report->reason), reason) &&
	    strbuf_copy(report->node, sizeof(report->node), node);
}

static bool
is_news(const struct question *q, const struct nodereport *report)
{
	return strcmp(report->node, q->reports->node) != 0 &&
	    llabs(clock_wall() - report->said) <= (int64_t)q->max_age;
}

static void
on_value(void *arg, size_t n, const struct redis_value *value)
{
	struct question *q = arg;
	struct nodereport report;
	bool news = n > 0 && read_report(value, &report) && is_news(q, &report);

	q->heard(q->arg, news ? &report : NULL);
	free(q);
}

void
nodereports_read(struct nodereports *all, const struct listing *listing, uint32_t max_age,
    nodereports_read_done *heard, void *arg)
{
	struct redis *redis = upstream_redis(all->upstream);
	struct question *q = redis != NULL ? malloc(sizeof(*q)) : NULL;
	char key[KEY_MAX];

	if (q == NULL) {
		heard(arg, NULL);
		return;
	}
	*q = (struct question){all, max_age, heard, arg};
	make_key(key, listing);
	redis_get(redis, 1, &(const char *){key}, on_value, q);
}
