/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fleet.c - two keys for each list: who tests it, and what he found.  Both
 * expire, so that nobody has to clean up after a node that is gone.
 */
#include "config.h"

#include "fleet.h"

#include <stdlib.h>
#include <string.h>

#include "redis.h"
#include "ref.h"
#include "strbuf.h"
#include "upstream.h"

#define KEY_MAX 160
#define VALUE_VERSION "1|"

struct fleet {
	struct upstream *upstream;
	char node[REF_LEN + 1];
};

/* A question to Redis on its way. */
struct errand {
	struct fleet *fleet;
	fleet_claimed *claimed; /* one of the two */
	fleet_heard *heard;
	void *arg;
};

struct fleet *
fleet_new(struct upstream *upstream)
{
	struct fleet *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->upstream = upstream;
	ref_make(f->node);
	return f;
}

void
fleet_free(struct fleet *f)
{
	free(f);
}

static void
make_key(char key[KEY_MAX], const char *what, const struct listing *listing)
{
	struct strbuf sb;

	strbuf_init(&sb, key, KEY_MAX);
	strbuf_addf(&sb, "rg1:%s:%s.%08x", what, listing->label, listing->tag);
}

static struct errand *
errand_new(struct fleet *f, void *arg)
{
	struct errand *e = calloc(1, sizeof(*e));

	if (e != NULL)
		*e = (struct errand){.fleet = f, .arg = arg};
	return e;
}

/* Ours, or nobody's that can be told: then better twice than never. */
static void
on_claim(void *arg, size_t n, const struct redis_value *value)
{
	struct errand *e = arg;
	const char *node = e->fleet->node;
	bool ours = n == 0 || value[0].data == NULL ||
	    (value[0].len == REF_LEN && memcmp(value[0].data, node, REF_LEN) == 0);

	e->claimed(e->arg, ours);
	free(e);
}

void
fleet_claim(struct fleet *f, const struct listing *listing, uint32_t ttl, fleet_claimed *done,
    void *arg)
{
	struct redis *redis = upstream_redis(f->upstream);
	struct errand *e = redis != NULL ? errand_new(f, arg) : NULL;
	char key[KEY_MAX];

	if (e == NULL) {
		done(arg, true);
		return;
	}
	e->claimed = done;
	make_key(key, "test", listing);
	redis_claim(redis, key, f->node, ttl);
	redis_get(redis, 1, &(const char *){key}, on_claim, e);
}

void
fleet_say(struct fleet *f, const struct listing *listing, const char *reason, uint32_t ttl)
{
	struct redis *redis = upstream_redis(f->upstream);
	char key[KEY_MAX], value[FLEET_REASON_MAX + 8];
	struct strbuf sb;

	if (redis == NULL)
		return;
	strbuf_init(&sb, value, sizeof(value));
	strbuf_addf(&sb, VALUE_VERSION "%s", reason != NULL ? reason : "good");
	make_key(key, "standing", listing);
	redis_set(redis, key, value, ttl);
}

/* "1|good", or "1|" and a reason of small letters and hyphens; all else is nothing. */
static enum fleet_word
read_word(const struct redis_value *value, char reason[FLEET_REASON_MAX])
{
	size_t skip = strlen(VALUE_VERSION), len;

	reason[0] = '\0';
	if (value->data == NULL || value->len <= skip ||
	    value->len - skip >= FLEET_REASON_MAX ||
	    memcmp(value->data, VALUE_VERSION, skip) != 0)
		return FLEET_NOTHING;
	len = value->len - skip;
	memcpy(reason, value->data + skip, len);
	reason[len] = '\0';
	if (strspn(reason, "abcdefghijklmnopqrstuvwxyz-") != len) {
		reason[0] = '\0';
		return FLEET_NOTHING;
	}
	if (strcmp(reason, "good") != 0)
		return FLEET_SUSPENDED;
	reason[0] = '\0';
	return FLEET_GOOD;
}

static void
on_word(void *arg, size_t n, const struct redis_value *value)
{
	struct errand *e = arg;
	char reason[FLEET_REASON_MAX] = "";
	enum fleet_word word = n > 0 ? read_word(value, reason) : FLEET_NOTHING;

	e->heard(e->arg, word, reason);
	free(e);
}

void
fleet_hear(struct fleet *f, const struct listing *listing, fleet_heard *heard, void *arg)
{
	struct redis *redis = upstream_redis(f->upstream);
	struct errand *e = redis != NULL ? errand_new(f, arg) : NULL;
	char key[KEY_MAX];

	if (e == NULL) {
		heard(arg, FLEET_NOTHING, "");
		return;
	}
	e->heard = heard;
	make_key(key, "standing", listing);
	redis_get(redis, 1, &(const char *){key}, on_word, e);
}
