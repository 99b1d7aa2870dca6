/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sharedcache.c - facts in Redis, "rg1:{SUBJECT}:LABEL.TAG": the braces keep an
 * address, or a name, on one node of a Cluster; the tag is of the zone.
 */
#include "config.h"

#include "redis/sharedcache.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/strbuf.h"
#include "redis/redis.h"

#define TTL_JITTER 10 /* percent: so that a fleet's facts do not expire at once */

void
shared_cache_key(const struct subject *subject, const struct listing *listing,
    char key[SHARED_CACHE_KEY_MAX])
{
	char text[SUBJECT_NAME_SIZE];
	struct strbuf sb;

	strbuf_init(&sb, key, SHARED_CACHE_KEY_MAX);
	subject_format(subject, text, sizeof(text));
	strbuf_add(&sb, "rg1:{");
	strbuf_add(&sb, text);
	strbuf_add(&sb, "}:");
	strbuf_add(&sb, listing->label);
	strbuf_addc(&sb, '.');
	for (int shift = 28; shift >= 0; shift -= 4)
		strbuf_addc(&sb, "0123456789abcdef"[listing->tag >> shift & 15]);
}

/* The milliseconds that are left of a fact's time, somewhat shortened. */
static int64_t
shortened(int64_t left, const struct ipaddr *key)
{
	int64_t spread = left * TTL_JITTER / 100;

	return left - key->byte[key->bits / 8 - 1] * spread / 255;
}

int64_t
shared_cache_put(struct redis *redis, const struct subject *subject,
    const struct listing *listing, const struct fact *fact)
{
	char key[SHARED_CACHE_KEY_MAX], value[FACT_VALUE_MAX];
	int64_t now = clock_ms(), ttl = shortened(fact->expires - now, &subject->key) / 1000;

	if (ttl <= 0 || !fact_encode(fact, now, clock_wall(), value))
		return fact->expires;
	shared_cache_key(subject, listing, key);
	redis_set(redis, key, value, (uint32_t)ttl, NULL, NULL);
	return now + ttl * 1000;
}

/* Another node may have another table: codes are judged as those of DNS are. */
static bool
judge(const struct listing *listing, struct fact *fact)
{
	uint32_t codes[FACT_CODES], bad;
	size_t n = fact->ncodes;

	if (fact->state != FACT_LISTED)
		return true;
	memcpy(codes, fact->code, n * sizeof(codes[0]));
	listing_read(listing, codes, n, fact, &bad);
	return fact->state == FACT_LISTED;
}

bool
shared_cache_read(
    const struct listing *listing, const struct redis_value *value, struct fact *fact)
{
	if (value->data == NULL)
		return false;
	if (!fact_decode(fact, value->data, value->len, clock_ms(), clock_wall()) ||
	    !judge(listing, fact)) {
		counter_add(COUNTER_REDIS_GARBAGE);
		return false;
	}
	return listing_keeps(listing, fact);
}
