/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/lookup.c - an address or a name is asked about once, however many sessions wait.
 * The way of a lookup: start (a session's thread), begin, ask Redis, ask the
 * lists, settle each answer, finish (all on the I/O thread).
 */
#include "config.h"

#include "lookup/lookup.h"

#include <assert.h>
#include <pthread.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/limit.h"
#include "base/tally.h"
#include "dns/dns.h"
#include "health/health.h"
#include "lists/usage.h"
#include "lookup/memcache.h"
#include "loop/loop.h"
#include "redis/redis.h"
#include "redis/sharedcache.h"
#include "upstream/upstream.h"

#define QUERY_MAX 256 /* a name and its NUL */
#define AGAIN_MS 300  /* after which a resolver has a new answer for one that has expired */
#define AGAIN_PAUSE_MS 60000  /* in which a client's listing is asked for again once */
#define AGAIN_BIT 0x40000000U /* of the id under which it is kept that it was */

/* What comes back from DNS, and its confirmation, find their way by this. */
struct question {
	struct lookup *lookup;
	unsigned list;
	struct fact fact;    /* what DNS said, while its confirmation is awaited */
	unsigned server;     /* who said it */
	int64_t asked;       /* when */
	struct timer *again; /* runs until it is asked again; or NULL */
};

struct lookup {
	atomic_uint refs;
	struct lookups *engine;
	struct call call;
	struct subject subject; /* with a name of our own */
	struct roster *roster;
	bool quiet;                 /* no client has begun it, but an administrator */
	bool fresh;                 /* Redis is not asked */
	struct lookup *next, *prev; /* among those begun; I/O thread, as is open */
	unsigned open;              /* callbacks to come, and one while questions are asked */
	listset missing;            /* when it began: looked up in Redis in this order */
	struct waiters waiters;
	struct question questions[]; /* one for each list, never changed */
};

struct lookups {
	struct loop *loop;
	struct memcache *memory;
	struct upstream *upstream;
	struct health *health;
	pthread_mutex_t mutex; /* guards running */
	void *running;         /* a tsearch(3) tree, by subject and roster */
	atomic_bool hurry;
	struct call waking;
	struct lookup *begun; /* those at work; I/O thread */
};

static int
compare(const void *a, const void *b)
{
	const struct lookup *x = a, *y = b;
	int order = ipaddr_compare(&x->subject.key, &y->subject.key);

	if (order == 0)
		order = (int)x->subject.role - (int)y->subject.role;
	if (order == 0)
		order = x->fresh - y->fresh;
	if (order != 0)
		return order;
	return ((uintptr_t)x->roster > (uintptr_t)y->roster) -
	    ((uintptr_t)x->roster < (uintptr_t)y->roster);
}

static struct lookup *
lookup_new(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct fact *known, listset missing, unsigned flags)
{
	struct lookup *q = calloc(1, sizeof(*q) + roster->n * sizeof(q->questions[0]));
	char *name = subject->name != NULL ? strdup(subject->name) : NULL;

	if (q == NULL || (subject->name != NULL && name == NULL) ||
	    !waiters_init(&q->waiters, engine->loop, &engine->hurry, roster->n,
		roster_of(roster, subject->role) & ~roster_own(roster), known, missing)) {
		free(name);
		free(q);
		return NULL;
	}
	q->engine = engine;
	q->subject = *subject;
	q->subject.name = name;
	q->roster = roster_ref(roster);
	q->missing = missing;
	q->quiet = (flags & LOOKUP_QUIET) != 0;
	q->fresh = (flags & LOOKUP_FRESH) != 0;
	for (unsigned i = 0; i < roster->n; i++)
		q->questions[i] = (struct question){.lookup = q, .list = i};
	atomic_init(&q->refs, 2); /* the I/O thread's and the session's */
	return q;
}

static void
lookup_free(struct lookup *q)
{
	waiters_clear(&q->waiters);
	roster_unref(&q->roster);
	free((char *)(uintptr_t)q->subject.name);
	free(q);
}

void
lookup_release(struct lookup **qp)
{
	struct lookup *q = *qp;

	*qp = NULL;
	if (q != NULL && atomic_fetch_sub(&q->refs, 1) == 1)
		lookup_free(q);
}

/* Every lookup ends here, once: out of the table, and out of the I/O thread. */
static void
finish(struct lookup *q)
{
	struct lookups *engine = q->engine;

	pthread_mutex_lock(&engine->mutex);
	tdelete(q, &engine->running, compare);
	pthread_mutex_unlock(&engine->mutex);
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		engine->begun = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	/* Here and not with the last reference: sessions may keep theirs for minutes. */
	limit_leave(LIMIT_LOOKUPS);
	lookup_release(&q);
}

/* A callback has come, or all questions are asked; the last one ends it. */
static void
leave(struct lookup *q)
{
	if (--q->open == 0)
		finish(q);
}

static void ask_again(void *arg);

/* Keep what a list has said, and pass it on. */
static void
conclude(struct question *question)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	struct redis *redis = upstream_redis(q->engine->upstream);
	struct fact *fact = &question->fact;

	/* Other nodes ask again when it ends there: so does this one. */
	if (redis != NULL)
		fact->expires = shared_cache_put(redis, &q->subject, listing, fact);
	memcache_put(q->engine->memory, &q->subject.key, listing->id, fact);
	waiters_settle(&q->waiters, question->list, fact);
	leave(q);
}

/* A listing counts if its list does not list everybody; only then is it kept. */
static void
on_confirmed(void *arg, enum confirmation_result confirmation)
{
	struct question *question = arg;
	struct lookup *q = question->lookup;

	switch (confirmation) {
	case CONFIRMED:
		conclude(question);
		return;
	case REFUTED:
		question->fact = (struct fact){.state = FACT_ERROR, .expires = clock_ms()};
		break;
	case UNCONFIRMED:
		question->fact.unproven = true; /* no refusal can rest on it */
		break;
	}
	waiters_settle(&q->waiters, question->list, &question->fact);
	leave(q);
}

/* What the list says is settled, but for its confirmation: only what speaks against somebody
 * needs one. */
static void
weigh(struct question *question)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];

	if (question->fact.state == FACT_LISTED && listing->worst > 0)
		health_confirm(q->engine->health, listing, &q->subject, question->server,
		    q->quiet, on_confirmed, question);
	else
		conclude(question);
}

/* Whether the answer may be one that has expired, and nobody has looked into that for
 * a minute. */
static bool
is_worth_asking_again(const struct question *question, uint32_t ttl)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	struct fact mark = {.state = FACT_CLEAR, .expires = clock_ms() + AGAIN_PAUSE_MS}, known;
	uint32_t id = listing->id | AGAIN_BIT;

	if (question->fact.state != FACT_LISTED || listing->worst <= 0 ||
	    !health_may_be_stale(q->engine->health, listing, ttl) ||
	    memcache_find(q->engine->memory, &q->subject.key, id, clock_ms(), &known))
		return false;
	memcache_put(q->engine->memory, &q->subject.key, id, &mark);
	return true;
}

/* What an answer says; the one before stays where this one is none. */
static void
hear(struct question *question, const struct dns_reply *reply)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	struct fact fact = {.source = FACT_FROM_DNS};
	enum anomaly anomaly = ANOMALY_NONE;
	uint32_t bad = 0;

	if (reply->status == DNS_FOUND)
		anomaly = listing_read(listing, reply->address, reply->n, &fact, &bad);
	else
		fact.state = reply->status == DNS_ABSENT ? FACT_CLEAR : FACT_ERROR;
	if (!q->quiet)
		list_usage_answer(listing->usage,
		    fact.state == FACT_ERROR && anomaly == ANOMALY_NONE
			? FACT_UNKNOWN
			: (enum fact_state)fact.state,
		    clock_ms() - question->asked);
	health_answer(q->engine->health, listing, q->quiet ? NULL : &q->subject.key, reply,
	    &fact, anomaly, bad);
	if (fact.state == FACT_ERROR && question->fact.state == FACT_LISTED)
		return;
	question->fact = fact;
	question->fact.expires =
	    clock_ms() + (int64_t)fact_ttl((enum fact_state)fact.state, reply->ttl) * 1000;
	question->server = reply->server;
}

static void
on_dns(void *arg, const struct dns_reply *reply)
{
	struct question *question = arg;

	hear(question, reply);
	if (is_worth_asking_again(question, reply->ttl) &&
	    (question->again =
		    timer_new(question->lookup->engine->loop, ask_again, question)) != NULL)
		timer_start(question->again, AGAIN_MS);
	else
		weigh(question);
}

/* Ask the list for a name; an answer to it is owed to health. */
static void
send_question(struct question *question, const char *name)
{
	static const struct dns_reply nobody = {.status = DNS_FAILED};
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	struct dns *dns = upstream_dns(q->engine->upstream, listing->servers);

	question->asked = clock_ms();
	if (dns == NULL)
		on_dns(question, &nobody);
	else
		dns_ask_list(dns, &(struct dns_list){listing->zone, listing}, name,
		    DNS_ANY_SERVER, q->quiet ? DNS_UNCOUNTED : 0, on_dns, question);
}

/* The first answer stays where there is no other. */
static void
ask_again(void *arg)
{
	struct question *question = arg;
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	char name[QUERY_MAX];

	timer_free(question->again);
	question->again = NULL;
	if (listing_query(listing, &q->subject, name, sizeof(name)) &&
	    health_ask(q->engine->health, listing, q->quiet))
		send_question(question, name);
	else
		weigh(question);
}

static void
ask_list(struct lookup *q, unsigned list)
{
	static const struct fact unheard = {.state = FACT_ERROR};
	static const struct fact nothing = {.state = FACT_CLEAR}; /* no list can hold it */
	const struct listing *listing = q->roster->list[list];
	char name[QUERY_MAX];

	if (!listing_query(listing, &q->subject, name, sizeof(name))) {
		waiters_settle(&q->waiters, list, &nothing);
	} else if (!health_ask(q->engine->health, listing, q->quiet)) {
		waiters_settle(&q->waiters, list, &unheard);
	} else {
		q->open++;
		send_question(&q->questions[list], name);
	}
}

/* Ask the lists of a set; with that all questions of the lookup are asked. */
static void
ask_lists(struct lookup *q, listset lists)
{
	for (unsigned i = 0; i < q->roster->n; i++)
		if (listset_has(lists, i))
			ask_list(q, i);
	leave(q);
}

/* Keep what Redis has, and pass it on. */
static void
take(struct question *question)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];

	memcache_put(q->engine->memory, &q->subject.key, listing->id, &question->fact);
	waiters_settle(&q->waiters, question->list, &question->fact);
}

/*
 * A listing is kept for no longer than its key is: when it ends stands in the value, too,
 * but by the clock of whoever wrote it.
 */
static void
on_left(void *arg, int64_t ms)
{
	struct question *question = arg;
	struct lookup *q = question->lookup;
	int64_t left = ms >= 0 ? ms : FACT_TTL_LISTED_MIN * 1000;

	if (clock_ms() + left < question->fact.expires)
		question->fact.expires = clock_ms() + left;
	if (ms != 0) {
		take(question);
	} else {
		question->fact = (struct fact){.state = FACT_UNKNOWN};
		ask_list(q, question->list);
	}
	leave(q);
}

/* Use a value of Redis, if it is one. */
static bool
believe(struct lookup *q, unsigned list, const struct redis_value *value)
{
	const struct listing *listing = q->roster->list[list];
	struct question *question = &q->questions[list];
	char key[SHARED_CACHE_KEY_MAX];
	struct fact fact;

	if (!shared_cache_read(listing, value, &fact))
		return false;
	question->fact = fact;
	if (fact.state != FACT_LISTED) {
		take(question);
		return true;
	}
	q->open++;
	shared_cache_key(&q->subject, listing, key);
	redis_left(upstream_redis(q->engine->upstream), key, on_left, question);
	return true;
}

/* Of n lists that Redis was asked about, so many were not found there; up: it answered. */
static void
count_redis(size_t n, unsigned unheard, bool up)
{
	for (size_t i = unheard; i < n; i++)
		counter_add(COUNTER_REDIS_HITS);
	tally_add(TALLY_REDIS, TALLY_HIT, n - unheard);
	tally_add(TALLY_REDIS, up ? TALLY_MISS : TALLY_ERROR, unheard);
}

static void
on_redis(void *arg, size_t n, const struct redis_value *values)
{
	struct lookup *q = arg;
	listset unheard = 0;
	size_t k = 0;
	bool up = upstream_redis(q->engine->upstream) != NULL &&
	    redis_is_up(upstream_redis(q->engine->upstream));

	/* Not what is pending: a list may have fallen silent since, and its value is here. */
	for (unsigned i = 0; i < q->roster->n && k < n; i++)
		if (listset_has(q->missing, i) && !believe(q, i, &values[k++]))
			unheard |= (listset)1 << i;
	if (!q->quiet)
		count_redis(k, listset_count(unheard), up);
	ask_lists(q, unheard);
}

static void
ask_redis(struct lookup *q)
{
	char text[LISTS_MAX][SHARED_CACHE_KEY_MAX];
	const char *keys[LISTS_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < q->roster->n; i++) {
		if (!listset_has(q->missing, i))
			continue;
		shared_cache_key(&q->subject, q->roster->list[i], text[n]);
		keys[n] = text[n];
		n++;
	}
	redis_get(upstream_redis(q->engine->upstream), n, keys, on_redis, q);
}

static void
begin(void *arg)
{
	struct lookup *q = arg;
	struct lookups *engine = q->engine;

	if ((q->next = engine->begun) != NULL)
		q->next->prev = q;
	engine->begun = q;
	q->open = 1;
	if (upstream_redis(engine->upstream) != NULL && !q->fresh)
		ask_redis(q);
	else
		ask_lists(q, q->missing);
}

/* The lookup under way, with a reference more; NULL: there is none. */
static struct lookup *
join_locked(struct lookups *engine, const struct subject *subject, struct roster *roster,
    unsigned flags)
{
	const struct lookup key = {
	    .subject = *subject, .roster = roster, .fresh = (flags & LOOKUP_FRESH) != 0};
	struct lookup **found = tfind(&key, &engine->running, compare);

	if (found == NULL)
		return NULL;
	atomic_fetch_add(&(*found)->refs, 1);
	return *found;
}

static struct lookup *
add_locked(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct fact *known, listset missing, unsigned flags)
{
	struct lookup *q = lookup_new(engine, subject, roster, known, missing, flags);

	if (q == NULL || tsearch(q, &engine->running, compare) != NULL)
		return q;
	lookup_free(q);
	return NULL;
}

static struct lookup *
join(struct lookups *engine, const struct subject *subject, struct roster *roster,
    unsigned flags)
{
	struct lookup *q;

	pthread_mutex_lock(&engine->mutex);
	q = join_locked(engine, subject, roster, flags);
	pthread_mutex_unlock(&engine->mutex);
	return q;
}

struct lookup *
lookup_join(struct lookups *engine, const struct subject *subject, struct roster *roster)
{
	return join(engine, subject, roster, 0);
}

struct lookup *
lookup_start(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct fact *known, listset missing, unsigned flags)
{
	struct lookup *q;
	bool joined;

	assert(missing != 0);
	q = join(engine, subject, roster, flags);
	/* Who joins takes no room; who is turned away is logged, without the lock. */
	if (q != NULL || !limit_enter(LIMIT_LOOKUPS))
		return q;
	pthread_mutex_lock(&engine->mutex);
	q = join_locked(engine, subject, roster, flags);
	joined = q != NULL;
	if (!joined)
		q = add_locked(engine, subject, roster, known, missing, flags);
	pthread_mutex_unlock(&engine->mutex);
	if (joined || q == NULL)
		limit_leave(LIMIT_LOOKUPS);
	else
		loop_post(engine->loop, &q->call, begin, q);
	return q;
}

listset
lookup_wait(struct lookup *const *all, unsigned n, lookup_enough *enough, const void *arg,
    int64_t deadline, struct fact *facts)
{
	struct waiters *waiters[ROLES];

	for (unsigned i = 0; i < n; i++)
		waiters[i] = &all[i]->waiters;
	return waiters_wait(waiters, n, enough, arg, deadline, facts);
}

static void
wake_all(void *arg)
{
	struct lookups *engine = arg;

	for (struct lookup *q = engine->begun; q != NULL; q = q->next)
		waiters_wake(&q->waiters);
}

/* A list has fallen silent: nobody need wait for it any more. */
static void
on_list_silent(void *arg, uint32_t list_id)
{
	const struct fact unheard = {.state = FACT_ERROR, .expires = clock_ms()};
	struct lookups *engine = arg;

	for (struct lookup *q = engine->begun; q != NULL; q = q->next)
		for (unsigned i = 0; i < q->roster->n; i++)
			if (q->roster->list[i]->id == list_id)
				waiters_settle(&q->waiters, i, &unheard);
}

void
lookups_hurry(struct lookups *engine)
{
	atomic_store(&engine->hurry, true);
	loop_post(engine->loop, &engine->waking, wake_all, engine);
}

/* The first of those begun with a question that is to be asked again; or NULL. */
static struct question *
find_again(const struct lookups *engine)
{
	for (struct lookup *q = engine->begun; q != NULL; q = q->next)
		for (unsigned i = 0; i < q->roster->n; i++)
			if (q->questions[i].again != NULL)
				return &q->questions[i];
	return NULL;
}

void
lookups_stop(struct lookups *engine)
{
	struct question *question;

	while (engine != NULL && (question = find_again(engine)) != NULL) {
		timer_free(question->again);
		question->again = NULL;
		weigh(question);
	}
}

struct lookups *
lookups_new(struct loop *loop, struct memcache *memory, struct upstream *upstream,
    struct health *health)
{
	struct lookups *engine = calloc(1, sizeof(*engine));

	if (engine == NULL)
		return NULL;
	engine->loop = loop;
	engine->memory = memory;
	engine->upstream = upstream;
	engine->health = health;
	pthread_mutex_init(&engine->mutex, NULL);
	health_on_silent(health, on_list_silent, engine);
	return engine;
}

void
lookups_free(struct lookups *engine)
{
	if (engine == NULL)
		return;
	assert(engine->running == NULL);
	pthread_mutex_destroy(&engine->mutex);
	free(engine);
}
