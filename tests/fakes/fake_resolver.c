/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_resolver.c - the cache of a resolver, and what it makes of the answers.
 * What it does is what Unbound and BIND do: tests/e2e/test_resolver_cache.py.
 */
#include "config.h"

#include "fakes/fake_resolver.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "fakes/fake_dns.h"

#define BUCKETS 1024
#define TTL_MAX 86400         /* seconds, of records */
#define NEGATIVE_TTL_MAX 3600 /* of absences */
#define FAILURE_TTL 5         /* of failures (RFC 9520) */
#define SILENCE_MS 10000      /* until an asker has given up */
#define GONE_MS 1800          /* until an expired answer is given (RFC 8767) */

/* An answer of the servers. */
struct held {
	bool filled;
	struct dns_reply reply;
	int64_t since; /* when it comes, in clock_ms() */
	int64_t until; /* when it expires */
};

struct entry {
	struct entry *next;
	char name[DNSWIRE_NAME_SIZE];
	enum dns_type type;
	unsigned reached;  /* questions to the servers */
	int64_t soa_until; /* of a list: when the SOA that its absences share expires */
	struct held now;
	struct held before; /* given while the one of now is on its way */
};

static struct fake_resolver manner;
static struct entry *buckets[BUCKETS];

static struct entry **
bucket_of(const char *name)
{
	unsigned hash = 5381;

	for (; *name != '\0'; name++)
		hash = hash * 33 + (*name | 0x20u);
	return &buckets[hash % BUCKETS];
}

static struct entry *
entry_of(enum dns_type type, const char *name)
{
	struct entry **bucket = bucket_of(name), *e;

	for (e = *bucket; e != NULL; e = e->next)
		if (e->type == type && strcasecmp(e->name, name) == 0)
			return e;
	if ((e = calloc(1, sizeof(*e))) == NULL || !strbuf_copy(e->name, sizeof(e->name), name))
		abort();
	e->type = type;
	e->next = *bucket;
	return *bucket = e;
}

/* The list that has the name: that without the labels of an address before it. */
static struct entry *
list_of(const struct entry *e)
{
	const char *name = e->name, *dot;

	while ((dot = strchr(name, '.')) != NULL &&
	    (isdigit((unsigned char)*name) || dot == name + 1))
		name = dot + 1;
	return entry_of(DNS_A, name);
}

static void
held_clear(struct held *h)
{
	dnsrecord_free(h->reply.records);
	*h = (struct held){0};
}

/* For how long an answer is kept, in seconds. */
static uint32_t
ttl_of(const struct dns_reply *reply)
{
	uint32_t ttl = reply->ttl;

	if (reply->status == DNS_FOUND)
		return ttl < TTL_MAX ? ttl : TTL_MAX;
	if (reply->status != DNS_ABSENT)
		return reply->status == DNS_FAILED ? FAILURE_TTL : 0;
	if (!reply->soa)
		return manner.no_soa_ttl;
	if (manner.negative_ttl > 0)
		return manner.negative_ttl;
	return ttl < NEGATIVE_TTL_MAX ? ttl : NEGATIVE_TTL_MAX;
}

static bool
is_answer(const struct held *h)
{
	return h->filled && (h->reply.status == DNS_FOUND || h->reply.status == DNS_ABSENT);
}

static bool
is_fresh(const struct held *h)
{
	return h->filled && clock_ms() < h->until;
}

/* Whether an answer that has expired may still be given. */
static bool
is_stale(const struct held *h)
{
	return manner.stale != FAKE_STALE_NEVER && is_answer(h) &&
	    (h->reply.status == DNS_FOUND || !manner.stale_records) &&
	    (manner.stale_ms == 0 || clock_ms() < h->until + manner.stale_ms);
}

static void
copy_out(const struct held *h, struct dns_reply *reply)
{
	*reply = h->reply;
	if (reply->records != NULL && (reply->records = dnsrecord_copy(reply->records)) == NULL)
		abort();
}

/* As it is, with the rest of its TTL. */
static void
give(const struct held *h, struct dns_reply *reply, int64_t *after_ms)
{
	int64_t now = clock_ms(), then = h->since > now ? h->since : now;

	copy_out(h, reply);
	*after_ms = then - now;
	if (reply->ttl > 0)
		reply->ttl = (uint32_t)((h->until - then + 999) / 1000);
}

static void
give_stale(
    const struct entry *e, const struct held *h, struct dns_reply *reply, int64_t *after_ms)
{
	int64_t soa_ms = list_of(e)->soa_until - clock_ms();

	copy_out(h, reply);
	*after_ms = 0;
	reply->ttl = manner.stale_ttl;
	if (h->reply.status == DNS_ABSENT && manner.shares_soa && soa_ms > 0)
		reply->ttl = (uint32_t)((soa_ms + 999) / 1000);
}

/* The absences of a list have one SOA, which is kept from the first of them. */
static void
share_soa(const struct entry *e, struct held *h)
{
	struct entry *list = list_of(e);

	if (!manner.shares_soa || !h->reply.soa)
		return;
	if (clock_ms() < list->soa_until)
		h->until = list->soa_until;
	else
		list->soa_until = h->until;
}

/* Put a question to the servers: what they say, and when it is here. */
static struct held
put(const struct query *q, struct entry *e)
{
	struct held h = {.filled = true};
	int64_t after_ms;

	e->reached++;
	fake_dns_serve(q, e->type, e->name, &h.reply, &after_ms);
	if (h.reply.rcode == DNS_REFUSED)
		h.reply.rcode = DNS_SERVFAIL; /* by the list, and not by the resolver */
	h.since = clock_ms() + after_ms;
	h.until = h.since + (int64_t)ttl_of(&h.reply) * 1000;
	share_soa(e, &h);
	return h;
}

/* The name a label shorter is asked for first, and tells nothing, but brings its SOA. */
static void
minimise(const struct query *q, const struct entry *e)
{
	const char *dot = strchr(e->name, '.');
	struct held h;

	if (!manner.minimises || dot == NULL)
		return;
	h = put(q, entry_of(e->type, dot + 1));
	held_clear(&h);
}

static struct held
fetch(const struct query *q, struct entry *e)
{
	minimise(q, e);
	return put(q, e);
}

static void
keep(struct entry *e, const struct held *h)
{
	held_clear(&e->before);
	e->before = e->now;
	e->now = *h;
}

/* What has expired first; what comes from the servers serves the next one. */
static void
give_and_refresh(
    const struct query *q, struct entry *e, struct dns_reply *reply, int64_t *after_ms)
{
	struct held h;

	give_stale(e, &e->now, reply, after_ms);
	h = fetch(q, e);
	if (is_answer(&h))
		keep(e, &h);
	else
		held_clear(&h);
}

static void
ask_servers(const struct query *q, struct entry *e, struct dns_reply *reply, int64_t *after_ms)
{
	struct held h = fetch(q, e);

	if (!is_answer(&h) && is_stale(&e->now)) {
		int64_t wait_ms = h.since - clock_ms();

		give_stale(e, &e->now, reply, after_ms);
		*after_ms = wait_ms < GONE_MS ? wait_ms : GONE_MS;
		held_clear(&h);
		return;
	}
	keep(e, &h);
	give(&e->now, reply, after_ms);
}

static void
ask_cache(const struct query *q, struct entry *e, struct dns_reply *reply, int64_t *after_ms)
{
	bool hurries = manner.stale == FAKE_STALE_FIRST;

	if (hurries && clock_ms() < e->now.since && is_stale(&e->before))
		give_stale(e, &e->before, reply, after_ms);
	else if (is_fresh(&e->now))
		give(&e->now, reply, after_ms);
	else if (hurries && is_stale(&e->now))
		give_and_refresh(q, e, reply, after_ms);
	else
		ask_servers(q, e, reply, after_ms);
}

static void
resolve(const struct query *q, enum dns_type type, const char *name, struct dns_reply *reply,
    int64_t *after_ms)
{
	struct entry *e = entry_of(type, name);

	if (manner.status != DNS_FOUND) {
		*reply = fake_dns_reply(manner.status);
		*after_ms = manner.status == DNS_TIMEOUT ? SILENCE_MS : 1;
		return;
	}
	if (manner.caches) {
		ask_cache(q, e, reply, after_ms);
	} else {
		e->reached++;
		fake_dns_serve(q, type, name, reply, after_ms);
	}
	if (type == DNS_A && manner.rewrite != 0 && reply->status == DNS_ABSENT) {
		*reply = fake_dns_reply(DNS_FOUND);
		reply->ttl = 300;
		reply->n = 1;
		reply->address[0] = manner.rewrite;
	}
}

void
fake_resolver_use(const struct fake_resolver *r)
{
	manner = *r;
	fake_dns_resolve(resolve);
}

unsigned
fake_resolver_reached(const char *name)
{
	unsigned times = 0;

	for (size_t i = 0; i < BUCKETS; i++)
		for (const struct entry *e = buckets[i]; e != NULL; e = e->next)
			if (fake_dns_names(name, e->name))
				times += e->reached;
	return times;
}

void
fake_resolver_reset(void)
{
	struct entry *e;

	fake_dns_resolve(NULL);
	for (size_t i = 0; i < BUCKETS; i++)
		while ((e = buckets[i]) != NULL) {
			buckets[i] = e->next;
			held_clear(&e->now);
			held_clear(&e->before);
			free(e);
		}
}
