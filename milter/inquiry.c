/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * inquiry.c - an address is asked about once, however many sessions wait.
 * The way of an inquiry: start (a session's thread), begin, ask Redis, ask the
 * lists, settle each answer, finish (all on the I/O thread).
 */
#include "config.h"

#include "inquiry.h"

#include <assert.h>
#include <pthread.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "counter.h"
#include "dns.h"
#include "log.h"
#include "loop.h"
#include "memcache.h"
#include "redis.h"
#include "strbuf.h"

#define QUERY_MAX 256       /* a name and its NUL */
#define KEY_MAX 192         /* a Redis key and its NUL */
#define SERVERS_KEY_MAX 512 /* the servers of a resolver as one text */
#define REDIS_TTL_JITTER 10 /* percent: so that a fleet's facts do not expire at once */

struct waiter {
	struct waiter *next;
	inquiry_enough *enough;
	const void *arg;
	struct latch latch;
};

/* What comes back from DNS finds its way by this. */
struct question {
	struct inquiry *inquiry;
	unsigned list;
};

struct inquiry {
	atomic_uint refs;
	struct inquiries *engine;
	struct ipaddr address;
	struct roster *roster;
	struct inquiry *next, *prev; /* among those begun; I/O thread */
	pthread_mutex_t mutex;       /* guards what follows, up to questions */
	listset pending;
	struct waiter *waiters;
	struct fact *facts;
	struct question *questions; /* one for each list, never changed */
};

struct resolver {
	struct resolver *next;
	struct dns *dns;
	char servers[SERVERS_KEY_MAX];
};

struct inquiries {
	struct loop *loop;
	struct memcache *memory;
	inquiry_watch *watch;
	void *watch_arg;
	pthread_mutex_t mutex; /* guards running */
	void *running;         /* a tsearch(3) tree, by address and roster */
	atomic_bool hurry;
	/* What follows belongs to the I/O thread. */
	struct inquiry *begun;
	struct resolver *resolvers;
	struct resolver *common;
	struct redis *redis;
	struct redis_options redis_options;
};

/* Settings on their way to the I/O thread. */
struct settings {
	struct inquiries *engine;
	char *servers[SERVERS_MAX + 1];
	bool use_redis;
	struct redis_options redis;
};

static int
compare(const void *a, const void *b)
{
	const struct inquiry *x = a, *y = b;
	int order = ipaddr_compare(&x->address, &y->address);

	if (order != 0)
		return order;
	return ((uintptr_t)x->roster > (uintptr_t)y->roster) -
	    ((uintptr_t)x->roster < (uintptr_t)y->roster);
}

static struct inquiry *
inquiry_new(struct inquiries *engine, const struct ipaddr *address, struct roster *roster)
{
	size_t n = roster->n;
	struct inquiry *q = calloc(1, sizeof(*q));
	struct fact *facts = calloc(n, sizeof(*facts));
	struct question *questions = calloc(n, sizeof(*questions));

	if (q == NULL || facts == NULL || questions == NULL) {
		free(q);
		free(facts);
		free(questions);
		return NULL;
	}
	q->engine = engine;
	q->address = *address;
	q->roster = roster_ref(roster);
	q->facts = facts;
	q->questions = questions;
	for (unsigned i = 0; i < n; i++)
		questions[i] = (struct question){q, i};
	atomic_init(&q->refs, 2); /* the I/O thread's and the session's */
	pthread_mutex_init(&q->mutex, NULL);
	return q;
}

void
inquiry_release(struct inquiry **qp)
{
	struct inquiry *q = *qp;

	*qp = NULL;
	if (q == NULL || atomic_fetch_sub(&q->refs, 1) != 1)
		return;
	assert(q->waiters == NULL);
	pthread_mutex_destroy(&q->mutex);
	roster_unref(&q->roster);
	free(q->facts);
	free(q->questions);
	free(q);
}

/* Every inquiry ends here, once: out of the table, out of the I/O thread's hands. */
static void
finish(struct inquiry *q)
{
	struct inquiries *engine = q->engine;

	pthread_mutex_lock(&engine->mutex);
	tdelete(q, &engine->running, compare);
	pthread_mutex_unlock(&engine->mutex);
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		engine->begun = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	inquiry_release(&q);
}

static bool
enough_locked(const struct inquiry *q, const struct waiter *w)
{
	return q->pending == 0 || atomic_load(&q->engine->hurry) ||
	    w->enough(w->arg, q->facts, q->pending);
}

static void
wake_locked(struct inquiry *q)
{
	for (struct waiter *w = q->waiters; w != NULL; w = w->next)
		if (enough_locked(q, w))
			latch_open(&w->latch);
}

/* One list has answered, or never will: everybody for whom that is enough may go. */
static void
settle(struct question *question, const struct fact *fact)
{
	struct inquiry *q = question->inquiry;
	bool last;

	pthread_mutex_lock(&q->mutex);
	q->facts[question->list] = *fact;
	q->pending &= ~((listset)1 << question->list);
	last = q->pending == 0;
	wake_locked(q);
	pthread_mutex_unlock(&q->mutex);
	if (last)
		finish(q);
}

/* "rg1:{ADDRESS}:LABEL.TAG": the braces keep an address on one node of a Cluster. */
static void
redis_key(const struct inquiry *q, unsigned list, char key[KEY_MAX])
{
	char address[IPADDR_STRLEN];
	struct strbuf sb;

	strbuf_init(&sb, key, KEY_MAX);
	strbuf_addf(&sb, "rg1:{%s}:%s.%08x", ipaddr_format(&q->address, address),
	    q->roster->list[list]->label, q->roster->list[list]->tag);
}

static uint32_t
jittered(uint32_t ttl, const struct ipaddr *address)
{
	uint32_t spread = ttl * REDIS_TTL_JITTER / 100;

	return ttl - (address->byte[address->bits / 8 - 1] * spread / 255);
}

static void
share(struct inquiry *q, unsigned list, const struct fact *fact, uint32_t ttl)
{
	char key[KEY_MAX], value[FACT_VALUE_MAX];

	if (q->engine->redis == NULL || !fact_encode(fact, clock_ms(), clock_wall(), value))
		return;
	redis_key(q, list, key);
	redis_set(q->engine->redis, key, value, jittered(ttl, &q->address));
}

static void
on_dns(void *arg, const struct dns_reply *reply)
{
	struct question *question = arg;
	struct inquiry *q = question->inquiry;
	const struct listing *listing = q->roster->list[question->list];
	struct fact fact = {.source = FACT_FROM_DNS};
	enum oddity oddity = ODDITY_NONE;
	uint32_t bad = 0, ttl;

	if (reply->status == DNS_FOUND)
		oddity = listing_read(listing, reply->address, reply->n, &fact, &bad);
	else
		fact.state = reply->status == DNS_ABSENT ? FACT_CLEAR : FACT_ERROR;
	ttl = fact_ttl(fact.state, reply->ttl);
	fact.expires = clock_ms() + (int64_t)ttl * 1000;
	memcache_put(q->engine->memory, &q->address, listing->id, &fact);
	share(q, question->list, &fact, ttl);
	if (q->engine->watch != NULL)
		q->engine->watch(q->engine->watch_arg, listing, &fact, oddity, bad);
	settle(question, &fact);
}

/* The resolver that asks these servers; made when it is first wanted, kept for good. */
static struct resolver *
resolver_for(struct inquiries *engine, char *const *servers)
{
	char key[SERVERS_KEY_MAX], why[128];
	struct strbuf sb;
	struct resolver *r;

	strbuf_init(&sb, key, sizeof(key));
	for (size_t i = 0; servers != NULL && servers[i] != NULL; i++)
		strbuf_addf(&sb, "%s ", servers[i]);
	for (r = engine->resolvers; r != NULL; r = r->next)
		if (strcmp(r->servers, key) == 0)
			return r;
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return NULL;
	strbuf_copy(r->servers, sizeof(r->servers), key);
	r->dns = dns_new(engine->loop, servers, why, sizeof(why));
	if (r->dns == NULL) {
		log_event(LOG_LEVEL_ERROR, "resolver-failed", "error", why);
		free(r);
		return NULL;
	}
	r->next = engine->resolvers;
	engine->resolvers = r;
	return r;
}

static void
ask_list(struct inquiry *q, unsigned list)
{
	static const struct dns_reply nobody = {.status = DNS_FAILED};
	struct inquiries *engine = q->engine;
	struct listing *listing = q->roster->list[list];
	struct resolver *resolver = engine->common;
	char name[QUERY_MAX];

	if (listing->servers[0] != NULL)
		resolver = resolver_for(engine, listing->servers);
	if (resolver == NULL || !listing_query(listing, &q->address, name, sizeof(name)))
		on_dns(&q->questions[list], &nobody);
	else
		dns_ask(resolver->dns, name, on_dns, &q->questions[list]);
}

/*
 * Ask the lists of a set.  The last answer may end the inquiry, so the I/O
 * thread holds on to it while it asks.
 */
static void
ask_lists(struct inquiry *q, listset lists)
{
	atomic_fetch_add(&q->refs, 1);
	for (unsigned i = 0; i < q->roster->n; i++)
		if (lists & (listset)1 << i)
			ask_list(q, i);
	inquiry_release(&q);
}

/*
 * Read a value of Redis.  Another node may have written it with another table,
 * or somebody else altogether: its codes are judged as those of DNS are.
 */
static bool
read_value(const struct listing *listing, const struct redis_value *value, struct fact *fact)
{
	uint32_t codes[FACT_CODES], bad;
	size_t n;

	if (!fact_decode(fact, value->data, value->len, clock_ms(), clock_wall()))
		return false;
	if (fact->state != FACT_LISTED)
		return true;
	n = fact->ncodes;
	memcpy(codes, fact->code, n * sizeof(codes[0]));
	listing_read(listing, codes, n, fact, &bad);
	return fact->state == FACT_LISTED;
}

/* Use a value of Redis, if it is one. */
static bool
believe(struct inquiry *q, unsigned list, const struct redis_value *value)
{
	const struct listing *listing = q->roster->list[list];
	struct fact fact;

	if (value->data == NULL)
		return false;
	if (!read_value(listing, value, &fact)) {
		counter_add(COUNTER_REDIS_GARBAGE);
		return false;
	}
	counter_add(COUNTER_REDIS_HITS);
	memcache_put(q->engine->memory, &q->address, listing->id, &fact);
	settle(&q->questions[list], &fact);
	return true;
}

static void
on_redis(void *arg, size_t n, const struct redis_value *values)
{
	struct inquiry *q = arg;
	listset asked = q->pending, missing = 0; /* only this thread changes pending */
	size_t k = 0;

	atomic_fetch_add(&q->refs, 1);
	for (unsigned i = 0; i < q->roster->n && k < n; i++)
		if (asked & (listset)1 << i && !believe(q, i, &values[k++]))
			missing |= (listset)1 << i;
	ask_lists(q, missing);
	inquiry_release(&q);
}

static void
ask_redis(struct inquiry *q)
{
	char text[LISTS_MAX][KEY_MAX];
	const char *keys[LISTS_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < q->roster->n; i++) {
		if ((q->pending & (listset)1 << i) == 0)
			continue;
		redis_key(q, i, text[n]);
		keys[n] = text[n];
		n++;
	}
	redis_get(q->engine->redis, n, keys, on_redis, q);
}

static void
begin(void *arg)
{
	struct inquiry *q = arg;
	struct inquiries *engine = q->engine;

	if ((q->next = engine->begun) != NULL)
		q->next->prev = q;
	engine->begun = q;
	if (engine->redis != NULL)
		ask_redis(q);
	else
		ask_lists(q, q->pending);
}

struct inquiry *
inquiry_start(struct inquiries *engine, const struct ipaddr *address, struct roster *roster,
    const struct fact *known, listset missing)
{
	const struct inquiry key = {.address = *address, .roster = roster};
	struct inquiry **found, *q;

	assert(missing != 0);
	pthread_mutex_lock(&engine->mutex);
	if ((found = tfind(&key, &engine->running, compare)) != NULL) {
		q = *found;
		atomic_fetch_add(&q->refs, 1);
		pthread_mutex_unlock(&engine->mutex);
		return q;
	}
	if ((q = inquiry_new(engine, address, roster)) != NULL) {
		memcpy(q->facts, known, roster->n * sizeof(*known));
		q->pending = missing;
		if (tsearch(q, &engine->running, compare) == NULL) {
			atomic_store(&q->refs, 1);
			inquiry_release(&q);
		}
	}
	pthread_mutex_unlock(&engine->mutex);
	if (q != NULL)
		loop_call(engine->loop, begin, q);
	return q;
}

static void
leave_locked(struct inquiry *q, const struct waiter *gone)
{
	struct waiter **w = &q->waiters;

	while (*w != gone)
		w = &(*w)->next;
	*w = gone->next;
}

listset
inquiry_wait(struct inquiry *q, inquiry_enough *enough, const void *arg, int64_t deadline,
    struct fact *facts)
{
	struct waiter w = {.enough = enough, .arg = arg};
	listset pending;

	pthread_mutex_lock(&q->mutex);
	if (!enough_locked(q, &w) && clock_ms() < deadline) {
		latch_init(&w.latch);
		w.next = q->waiters;
		q->waiters = &w;
		pthread_mutex_unlock(&q->mutex);
		latch_wait(q->engine->loop, &w.latch, deadline);
		pthread_mutex_lock(&q->mutex);
		leave_locked(q, &w);
		latch_destroy(&w.latch);
	}
	pending = q->pending;
	memcpy(facts, q->facts, q->roster->n * sizeof(*facts));
	pthread_mutex_unlock(&q->mutex);
	return pending;
}

static void
wake_all(void *arg)
{
	struct inquiries *engine = arg;

	for (struct inquiry *q = engine->begun; q != NULL; q = q->next) {
		pthread_mutex_lock(&q->mutex);
		wake_locked(q);
		pthread_mutex_unlock(&q->mutex);
	}
}

void
inquiries_hurry(struct inquiries *engine)
{
	atomic_store(&engine->hurry, true);
	loop_call(engine->loop, wake_all, engine);
}

static void
settings_free(struct settings *s)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		free(s->servers[i]);
	redis_options_clear(&s->redis);
	free(s);
}

/* What was still asked of it comes back as a miss, and must not find it any more. */
static void
redis_end(struct inquiries *engine)
{
	struct redis *redis = engine->redis;

	engine->redis = NULL;
	redis_free(redis);
	redis_options_clear(&engine->redis_options);
}

static void
configure_redis(struct inquiries *engine, struct settings *s)
{
	if (engine->redis != NULL && s->use_redis &&
	    redis_options_equal(&engine->redis_options, &s->redis))
		return;
	redis_end(engine);
	engine->redis_options = s->redis;
	s->redis = (struct redis_options){0};
	engine->redis = s->use_redis ? redis_new(engine->loop, &engine->redis_options) : NULL;
}

static void
configure(void *arg)
{
	struct settings *s = arg;
	struct inquiries *engine = s->engine;
	struct resolver *before = engine->common;

	engine->common = resolver_for(engine, s->servers);
	if (engine->common == NULL)
		engine->common = before;
	else if (engine->common == before && s->servers[0] == NULL)
		dns_refresh(engine->common->dns);
	configure_redis(engine, s);
	settings_free(s);
}

void
inquiries_configure(
    struct inquiries *engine, char *const *servers, const struct redis_options *redis)
{
	struct settings *s = calloc(1, sizeof(*s));
	bool good = s != NULL;

	for (size_t i = 0; good && servers != NULL && servers[i] != NULL; i++)
		good = (s->servers[i] = strdup(servers[i])) != NULL;
	if (good && redis != NULL)
		good = s->use_redis = redis_options_copy(&s->redis, redis);
	if (good) {
		s->engine = engine;
		loop_call(engine->loop, configure, s);
		return;
	}
	log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "setting up DNS and Redis");
	if (s != NULL)
		settings_free(s);
}

struct inquiries *
inquiries_new(struct loop *loop, struct memcache *memory, inquiry_watch *watch, void *arg)
{
	struct inquiries *engine = calloc(1, sizeof(*engine));

	if (engine == NULL)
		return NULL;
	engine->loop = loop;
	engine->memory = memory;
	engine->watch = watch;
	engine->watch_arg = arg;
	pthread_mutex_init(&engine->mutex, NULL);
	return engine;
}

void
inquiries_free(struct inquiries *engine)
{
	struct resolver *r;

	if (engine == NULL)
		return;
	/* Redis first: its misses may still ask the resolvers. */
	redis_end(engine);
	while ((r = engine->resolvers) != NULL) {
		engine->resolvers = r->next;
		dns_free(r->dns);
		free(r);
	}
	pthread_mutex_destroy(&engine->mutex);
	free(engine);
}
