/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sharedcache.c - facts in Redis, "rg1:{SUBJECT}".  Where there was no value, one is
 * put, unless there is one now; then, and where there was one, Redis adds the facts to it
 * by itself, so that nothing is lost of what two nodes learn at a time.
 */
#include "config.h"

#include "redis/sharedcache.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/strbuf.h"
#include "redis/sharedvalue.h"

#define TTL_JITTER 10 /* percent: so that a fleet's facts do not expire at once */

/*
 * Adds facts (ARGV[1], the last of which ends in ARGV[2] seconds) to a value, or puts them
 * where there is none, or one that has become too long, or has no end or none of ours.
 */
static const char merge[] =
    "local k,r,w=KEYS[1],ARGV[1],ARGV[2]*1000 "
    "local v,p=redis.call('GET',k),redis.call('PTTL',k) "
    "if not v or p<0 or p>4095000 or #v+#r>768 then v,p='" SHAREDVALUE_VERSION "',w "
    "elseif w>p then v,p=v..('>%03x'):format(math.ceil((w-p)/1000)),w "
    "else v=v..('<%03x'):format(math.ceil((p-w)/1000)) end "
    "return redis.call('SET',k,v..r,'PX',p)";

void
shared_cache_key(const struct subject *subject, char key[SHARED_CACHE_KEY_MAX])
{
	char text[SUBJECT_NAME_SIZE];
	struct strbuf sb;

	strbuf_init(&sb, key, SHARED_CACHE_KEY_MAX);
	subject_format(subject, text, sizeof(text));
	strbuf_add(&sb, "rg1:{");
	strbuf_add(&sb, text);
	strbuf_add(&sb, "}");
}

/* --- Reading --- */

void
shared_cache_get(
    struct redis *redis, const struct subject *subject, redis_done *done, void *arg)
{
	char key[SHARED_CACHE_KEY_MAX];

	shared_cache_key(subject, key);
	redis_get_with_end(redis, key, done, arg);
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

/* Whether a fact that ends then may be used now. */
static bool
may_use(const struct listing *listing, struct fact *fact, int64_t ends, int64_t now)
{
	enum fact_state state = (enum fact_state)fact->state;

	if (ends <= now)
		return false;
	fact->expires = ends;
	if (ends - now > (int64_t)fact_ttl(state, UINT32_MAX) * 1000 || !judge(listing, fact)) {
		counter_add(COUNTER_REDIS_GARBAGE);
		return false;
	}
	return listing_keeps(listing, fact);
}

/* Put a fact into the places of its list, which may have several roles. */
static listset
place(const struct sharedvalue_fact *read, const uint64_t *names, const struct roster *roster,
    listset wanted, struct fact *facts)
{
	listset placed = 0;

	for (unsigned i = 0; i < roster->n; i++) {
		if (!listset_has(wanted, i) || names[i] != read->list)
			continue;
		facts[i] = read->fact;
		facts[i].expires = -(int64_t)read->before;
		placed |= (listset)1 << i;
	}
	return placed;
}

listset
shared_cache_read(const struct redis_value *value, const struct roster *roster, listset wanted,
    struct fact *facts, enum redis_value_state *state)
{
	struct sharedvalue_reader reader;
	struct sharedvalue_fact read;
	uint64_t names[LISTS_MAX];
	listset placed = 0, found = 0;
	int64_t now = clock_ms();

	*state = value->state;
	if (value->state != REDIS_FOUND)
		return 0;
	if (!sharedvalue_begin(&reader, value->data, value->len)) {
		counter_add(COUNTER_REDIS_GARBAGE);
		*state = REDIS_ODD;
		return 0;
	}
	for (unsigned i = 0; i < roster->n; i++)
		names[i] = sharedvalue_list(roster->list[i]);
	while (sharedvalue_next(&reader, &read))
		placed |= place(&read, names, roster, wanted, facts);
	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(placed, i) &&
		    may_use(
			roster->list[i], &facts[i], value->ends + facts[i].expires * 1000, now))
			found |= (listset)1 << i;
	return found;
}

/* --- Putting --- */

/* Whole seconds, somewhat less than are left of a fact's time. */
static int64_t
seconds_left(const struct fact *fact)
{
	int64_t left = (fact->expires - clock_ms()) / 1000;

	if (fact->state != FACT_CLEAR && (fact->state != FACT_LISTED || fact->ncodes == 0))
		return 0;
	return left < SHAREDVALUE_BEFORE_MAX ? left : SHAREDVALUE_BEFORE_MAX;
}

int64_t
shared_cache_end(const struct fact *fact, const struct subject *subject)
{
	int64_t now = clock_ms(), left = fact->expires - now;
	int64_t spread = left * TTL_JITTER / 100;
	const struct ipaddr *key = &subject->key;

	left -= key->byte[key->bits / 8 - 1] * spread / 255;
	if (left < 1000 || seconds_left(fact) < 1)
		return fact->expires;
	return now + left / 1000 * 1000;
}

/* Facts on their way to Redis. */
struct putting {
	struct redis *redis;
	char key[SHARED_CACHE_KEY_MAX];
	char seconds[12]; /* until the last of them ends */
	char value[];     /* with its version */
};

static void
write_seconds(char out[12], int64_t seconds)
{
	struct strbuf sb;

	strbuf_init(&sb, out, 12);
	strbuf_add_num(&sb, seconds);
}

/* Write facts as a value; in how many seconds the last one ends, 0: there is none. */
static int64_t
write_facts(
    struct strbuf *sb, const struct roster *roster, listset lists, const struct fact *facts)
{
	int64_t most = 0, left;

	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(lists, i) && (left = seconds_left(&facts[i])) > most)
			most = left;
	strbuf_add(sb, SHAREDVALUE_VERSION);
	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(lists, i) && (left = seconds_left(&facts[i])) > 0)
			sharedvalue_add(sb, sharedvalue_list(roster->list[i]), &facts[i],
			    (unsigned)(most - left));
	return most;
}

static const char *
on_merged(void *arg, const struct redisreply *reply)
{
	(void)arg;
	return reply == NULL || redisreply_is(reply, "OK") ? NULL : "EVAL answered nonsense";
}

static void
send_merge(const struct putting *p)
{
	const char *argv[] = {
	    "EVAL", merge, "1", p->key, p->value + strlen(SHAREDVALUE_VERSION), p->seconds};

	redis_command(p->redis,
	    &(struct redis_command){.argc = 6, .argv = argv, .key = p->key, .now = true},
	    on_merged, NULL);
}

/* Another node was there first where it has answered nil. */
static const char *
on_put(void *arg, const struct redisreply *reply)
{
	struct putting *p = arg;
	bool there = reply != NULL && reply->type == REDISREPLY_NIL;

	if (there)
		send_merge(p);
	free(p);
	return reply == NULL || there || redisreply_is(reply, "OK") ? NULL
								    : "SET answered nonsense";
}

/* Put the value; if_new: unless there is one. */
static void
send_value(struct putting *p, bool if_new)
{
	const char *argv[] = {"SET", p->key, p->value, "EX", p->seconds, "NX"};

	redis_command(p->redis,
	    &(struct redis_command){.argc = if_new ? 6 : 5, .argv = argv, .now = true}, on_put,
	    p);
}

void
shared_cache_put(struct redis *redis, const struct subject *subject,
    const struct roster *roster, listset lists, const struct fact *facts,
    enum redis_value_state seen)
{
	char value[SHAREDVALUE_MAX];
	struct strbuf sb;
	struct putting *p;
	int64_t seconds;

	strbuf_init(&sb, value, sizeof(value));
	seconds = write_facts(&sb, roster, lists, facts);
	if (seconds == 0 || (p = malloc(sizeof(*p) + sb.len + 1)) == NULL)
		return;
	p->redis = redis;
	shared_cache_key(subject, p->key);
	write_seconds(p->seconds, seconds);
	memcpy(p->value, value, sb.len + 1);
	if (seen == REDIS_NONE || seen == REDIS_ODD) {
		send_value(p, seen == REDIS_NONE);
		return;
	}
	send_merge(p);
	free(p);
}
