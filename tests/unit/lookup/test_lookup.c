/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_lookup.c - many threads ask about few addresses: each list is asked
 * once for each, and everybody hears the answer or his deadline.
 */
#include "config.h"

#include "lookup/lookup.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/limit.h"
#include "fakes/dnsd.h"
#include "health/health.h"
#include "lookup/inquiry.h"
#include "lookup/memcache.h"
#include "loop/loop.h"
#include "upstream/upstream.h"

#include "tap.h"

#define THREADS 12
#define LONG_MS 60000 /* longer than anything takes, however busy the machine */

static struct loop *loop;
static struct memcache *memory;
static struct lookups *engine;
static struct upstream *upstream;
static struct health *health;
static struct roster *roster;

static struct listing *
list_of(const char *label, const char *zone, uint32_t id)
{
	struct listing *l = calloc(1, sizeof(*l));

	l->label = strdup(label);
	l->zone = strdup(zone);
	l->name = strdup(label);
	l->ipv4 = true;
	l->id = id;
	l->nanswers = 1;
	l->answers = calloc(1, sizeof(*l->answers));
	l->answers[0] = (struct answer){.codes = {0x7f000002, 0x7f000002, 0}, .score = 5};
	listing_seal(l);
	return l;
}

static bool
never(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	(void)facts;
	(void)pending;
	return false;
}

/* Enough as soon as the first list has answered. */
static bool
first_is_enough(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	(void)facts;
	return (pending & 1) == 0;
}

/* The I/O thread stands still while somebody holds this: all that comes meanwhile
 * comes before whatever it does next. */
static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;

static void
stand_still(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&held);
	pthread_mutex_unlock(&held);
}

static void
hold(void)
{
	pthread_mutex_lock(&held);
	loop_call(loop, stand_still, NULL);
}

static void
release(void)
{
	pthread_mutex_unlock(&held);
}

struct asker {
	pthread_t thread;
	pthread_barrier_t *started; /* or NULL */
	const char *address;
	lookup_enough *enough;
	int64_t patience;
	listset pending;
	int64_t took;
	struct fact facts[3];
};

static void *
ask(void *arg)
{
	struct asker *a = arg;
	struct fact known[3] = {{0}};
	struct subject subject = {.role = ROLE_ADDRESS};
	struct lookup *q;
	int64_t began = clock_ms();

	ipaddr_parse(&subject.key, a->address);
	q = lookup_start(engine, &subject, roster, known, 3, 0);
	if (a->started != NULL)
		pthread_barrier_wait(a->started);
	a->pending = lookup_wait(&q, 1, 0, a->enough, NULL, began + a->patience, a->facts);
	a->took = clock_ms() - began;
	lookup_release(&q);
	return NULL;
}

/* Whoever waits may know all a moment before the lookup ends, and memory has it. */
static void
await_end(void)
{
	int64_t until = clock_ms() + LONG_MS;

	while (limit_count(LIMIT_LOOKUPS) > 0 && clock_ms() < until)
		;
}

static struct asker
ask_once(const char *address, lookup_enough *enough, int64_t patience)
{
	struct asker a = {.address = address, .enough = enough, .patience = patience};

	ask(&a);
	return a;
}

static void
test_single_flight(struct dnsd *dnsd)
{
	struct asker askers[THREADS];
	pthread_barrier_t started;
	bool right = true;

	dnsd_teach(dnsd, "1.100.51.198.a.example", "127.0.0.2/600");
	dnsd_teach(dnsd, "1.100.51.198.b.example", "nxdomain soa=300/300");
	pthread_barrier_init(&started, NULL, THREADS + 1);
	hold();
	for (int i = 0; i < THREADS; i++) {
		askers[i] = (struct asker){.started = &started,
		    .address = "198.51.100.1",
		    .enough = never,
		    .patience = LONG_MS};
		pthread_create(&askers[i].thread, NULL, ask, &askers[i]);
	}
	pthread_barrier_wait(&started);
	release();
	for (int i = 0; i < THREADS; i++) {
		pthread_join(askers[i].thread, NULL);
		right = right && askers[i].pending == 0 &&
		    askers[i].facts[0].state == FACT_LISTED &&
		    askers[i].facts[0].code[0] == 0x7f000002 &&
		    askers[i].facts[1].state == FACT_CLEAR;
	}
	pthread_barrier_destroy(&started);
	ok(right, "everybody hears both answers");
	same_num(
	    dnsd_asked_anew(dnsd, "1.100.51.198.a.example"), 1, "the first list is asked once");
	same_num(dnsd_asked_anew(dnsd, "1.100.51.198.b.example"), 1,
	    "the second list is asked once");
}

static void
test_memory(void)
{
	struct fact facts[2] = {{0}};
	struct ipaddr addr;

	await_end();
	ipaddr_parse(&addr, "198.51.100.1");
	same_num((long long)memcache_get(memory, &addr, roster, 3, clock_ms(), facts), 3,
	    "both facts are in memory afterwards");
	same_num(facts[0].state, FACT_LISTED, "the listing");
	same_num(facts[1].state, FACT_CLEAR, "the clear one");
	ok(facts[0].expires > clock_ms() + 590000 && facts[0].expires <= clock_ms() + 600000,
	    "the listing lives as long as its TTL says");
}

static void
test_deadline(struct dnsd *dnsd)
{
	struct asker a;

	dnsd_teach(dnsd, "2.100.51.198.a.example", "127.0.0.2/600");
	dnsd_teach(dnsd, "2.100.51.198.b.example", "silent");
	a = ask_once("198.51.100.2", never, 300);
	same_num((long long)a.pending, 2, "the silent list is still out at the deadline");
	same_num(a.facts[0].state, FACT_LISTED, "the other one has answered");
	same_num(a.facts[1].state, FACT_UNKNOWN, "nothing is made up of silence");
	ok(a.took >= 300, "the deadline is waited for");
	a = ask_once("198.51.100.2", first_is_enough, LONG_MS);
	ok(a.took < LONG_MS && (a.pending & 1) == 0, "enough is enough");
	a = ask_once("198.51.100.2", never, 0);
	ok((a.pending & 2) != 0, "no patience: what is known");
}

static void
test_errors(struct dnsd *dnsd)
{
	struct asker a;

	dnsd_teach(dnsd, "3.100.51.198.a.example", "127.255.255.254");
	dnsd_teach(dnsd, "3.100.51.198.b.example", "servfail");
	a = ask_once("198.51.100.3", never, LONG_MS);
	same_num((long long)a.pending, 0, "both have answered");
	same_num(a.facts[0].state, FACT_ERROR, "an error code is an error");
	same_num(a.facts[1].state, FACT_ERROR, "SERVFAIL is an error");
}

/* There is room for one: who joins takes none, and one that is over gives it back. */
static void
test_limit(struct dnsd *dnsd)
{
	struct fact facts[3] = {{0}};
	struct lookup *first, *joined, *other;
	uint64_t overloads = counter_get(COUNTER_OVERLOADS);
	int64_t until = clock_ms() + LONG_MS;
	struct subject addr = {.role = ROLE_ADDRESS}, third = addr;

	dnsd_teach(dnsd, "6.100.51.198.a.example", "127.0.0.2/600");
	ipaddr_parse(&addr.key, "198.51.100.6");
	ipaddr_parse(&third.key, "198.51.100.7");
	limit_set(LIMIT_LOOKUPS, 1, 0);
	hold();
	first = lookup_start(engine, &addr, roster, facts, 1, 0);
	joined = lookup_start(engine, &addr, roster, facts, 1, 0);
	ok(first != NULL && joined == first, "limit: one more joins");
	ok(counter_get(COUNTER_OVERLOADS) == overloads, "limit: which is no overload");
	other = lookup_start(engine, &third, roster, facts, 1, 0);
	ok(other == NULL && counter_get(COUNTER_OVERLOADS) == overloads + 1,
	    "limit: another address is");
	release();
	lookup_wait(&first, 1, 0, never, NULL, until, facts);
	await_end();
	other = lookup_start(engine, &third, roster, facts, 1, 0);
	ok(other != NULL, "limit: there is room when the first is over, if still held");
	lookup_release(&first);
	lookup_release(&joined);
	lookup_release(&other);
	limit_set(LIMIT_LOOKUPS, 1000, 0);
}

/* Who wants to know what the list says now is not answered by who may ask Redis. */
static void
test_fresh(struct dnsd *dnsd)
{
	struct fact facts[3] = {{0}};
	struct subject addr = {.role = ROLE_ADDRESS};
	struct lookup *usual, *fresh, *again, *joined;
	int64_t until = clock_ms() + LONG_MS;

	dnsd_teach(dnsd, "10.100.51.198.a.example", "127.0.0.2/600");
	ipaddr_parse(&addr.key, "198.51.100.10");
	hold();
	usual = lookup_start(engine, &addr, roster, facts, 1, 0);
	fresh = lookup_start(engine, &addr, roster, facts, 1, LOOKUP_QUIET | LOOKUP_FRESH);
	again = lookup_start(engine, &addr, roster, facts, 1, LOOKUP_FRESH);
	joined = lookup_join(engine, &addr, roster,
	    &(struct lookup_order){.now = 1, .epoch = memcache_epoch(memory)});
	ok(usual != NULL && fresh != NULL && fresh != usual, "fresh: apart from the usual one");
	ok(again == fresh, "fresh: another one joins it");
	ok(joined == usual, "fresh: a client does not");
	release();
	same_num((long long)lookup_wait(&fresh, 1, 0, never, NULL, until, facts), 0,
	    "fresh: it is answered");
	same_num(facts[0].state, FACT_LISTED, "fresh: by the list");
	same_num((long long)lookup_wait(&usual, 1, 0, never, NULL, until, facts), 0,
	    "fresh: and so is the other");
	lookup_release(&usual);
	lookup_release(&fresh);
	lookup_release(&again);
	lookup_release(&joined);
}

/* Lists that are held back are asked when somebody wants them: of the lookup under way, for all who
 * wait, and of another one where it has ended. */
static void
test_held(struct dnsd *dnsd)
{
	static const struct lookup_order first = {.missing = 3, .first = 1};
	struct fact facts[3] = {{0}};
	struct subject addr = {.role = ROLE_ADDRESS};
	struct lookup *q, *other, *before;
	int64_t until = clock_ms() + LONG_MS;
	unsigned asked;

	dnsd_teach(dnsd, "11.100.51.198.a.example", "nxdomain");
	dnsd_teach(dnsd, "11.100.51.198.b.example", "127.0.0.2/600");
	ipaddr_parse(&addr.key, "198.51.100.11");
	q = lookup_start_some(engine, &addr, roster, facts, &first, 0);
	same_num((long long)lookup_wait(&q, 1, 0, never, NULL, until, facts), 2,
	    "held: who waits is told when all that are asked have answered");
	ok(clock_ms() < until, "held: before the deadline");
	same_num((long long)lookup_held(q), 2, "held: it has another one");
	asked = dnsd_asked(dnsd, "11.100.51.198.b.example");
	same_num(asked, 0, "held: that nobody has asked");
	await_end();
	before = q;
	lookup_more(&q, 1);
	ok(q == before, "held: who has answered is not asked again");
	lookup_more(&q, 2);
	ok(q != NULL && q != before, "held: as it has ended, another one takes its place");
	same_num((long long)lookup_wait(&q, 1, 0, never, NULL, until, facts), 0,
	    "held: which is answered");
	ok(facts[0].state == FACT_CLEAR && facts[1].state == FACT_LISTED,
	    "held: and knows what the first one has heard");
	lookup_release(&q);
	ipaddr_parse(&addr.key, "198.51.100.12");
	hold();
	q = lookup_start_some(engine, &addr, roster, (struct fact[3]){{0}}, &first, 0);
	other = lookup_start_some(engine, &addr, roster, (struct fact[3]){{0}},
	    &(struct lookup_order){.missing = 3, .now = 3}, 0);
	ok(other == q, "held: who wants all joins who does not");
	same_num((long long)lookup_held(q), 0, "held: and has all asked");
	release();
	same_num((long long)lookup_wait(&q, 1, 0, never, NULL, until, facts), 0,
	    "held: for both of them");
	lookup_release(&q);
	lookup_release(&other);
}

/* Who joins may want more before the I/O thread has heard that there is a lookup: it looks when it
 * begins, and is not told before. */
static void
test_wanted_early(void)
{
	struct fact facts[3] = {{0}};
	struct subject addr = {.role = ROLE_ADDRESS};
	struct lookup *q = inquiry_new(engine, &addr, roster, facts, 3, 2), *own = q;

	ok(!inquiry_want(q, 2), "early: the I/O thread is not told of what it will see");
	inquiry_take_wanted(q);
	same_num((long long)q->wanted, 2, "early: it sees it");
	ok(!inquiry_want(q, 2), "early: it is told nothing twice");
	ok(inquiry_want(q, 1), "early: it is told of what is new since then");
	inquiry_release(&own);
	inquiry_release(&q);
}

/* Lists may fall silent while they are held back, and the lookup end: nobody is left to ask. */
static void
test_held_silent(struct dnsd *dnsd)
{
	static const struct lookup_order first = {.missing = 3, .first = 1};
	static const struct fact unheard = {.state = FACT_ERROR};
	struct fact facts[3] = {{0}};
	struct subject addr = {.role = ROLE_ADDRESS};
	struct lookup *q, *before;
	int64_t until = clock_ms() + LONG_MS;

	dnsd_teach(dnsd, "13.100.51.198.a.example", "nxdomain");
	ipaddr_parse(&addr.key, "198.51.100.13");
	q = before = lookup_start_some(engine, &addr, roster, facts, &first, 0);
	lookup_wait(&q, 1, 0, never, NULL, until, facts);
	await_end();
	waiters_settle(&q->waiters, 1, &unheard);
	lookup_more(&q, 2);
	ok(q == before, "held: one that has fallen silent meanwhile is not asked for");
	same_num((long long)lookup_wait(&q, 1, 0, never, NULL, until, facts), 0,
	    "held: and not waited for");
	lookup_release(&q);
}

/* Enough as soon as the list of names has answered, whoever was first. */
static bool
name_is_enough(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	return (pending & 4) == 0 && facts[2].state == FACT_LISTED;
}

/* A client's address and its name, asked about at once and waited for together. */
static void
test_two_subjects(struct dnsd *dnsd)
{
	struct subject address = {.role = ROLE_ADDRESS};
	struct subject name = subject_name(ROLE_HELO, "mail.bad.example");
	struct fact facts[3] = {{0}};
	struct lookup *q[2];
	int64_t began = clock_ms();
	listset pending;

	dnsd_teach(dnsd, "9.100.51.198.a.example", "127.0.0.2/600 delay=30");
	dnsd_teach(dnsd, "9.100.51.198.b.example", "silent");
	dnsd_teach(dnsd, "mail.bad.example.c.example", "127.0.0.2/600 delay=120");
	ipaddr_parse(&address.key, "198.51.100.9");
	q[0] = lookup_start(engine, &address, roster, facts, 3, 0);
	q[1] = lookup_start(engine, &name, roster, facts, 4, 0);
	pending = lookup_wait(q, 2, 0, name_is_enough, NULL, began + LONG_MS, facts);
	ok(clock_ms() - began < LONG_MS, "two subjects: the wait ends when it is enough");
	same_num((long long)pending, 2, "two subjects: what has not answered");
	ok(facts[0].state == FACT_LISTED && facts[2].state == FACT_LISTED,
	    "two subjects: the facts of both are there");
	lookup_release(&q[1]);
	pending = lookup_wait(q, 1, 0, never, NULL, clock_ms() + 50, facts);
	ok(pending == 2 && facts[2].state == FACT_LISTED,
	    "two subjects: waiting for one leaves the facts of the other");
	facts[1] = (struct fact){.state = FACT_LISTED, .source = FACT_FROM_DATA};
	same_num((long long)lookup_wait(q, 1, 2, never, NULL, clock_ms() + LONG_MS, facts), 0,
	    "who knows himself what a list says does not wait for it");
	ok(facts[1].state == FACT_LISTED && facts[1].source == FACT_FROM_DATA,
	    "and keeps what he knows");
	lookup_release(&q[0]);
}

/* An address is forgotten while a lookup is about it: what its lists have said by then comes back
 * neither to memory nor to whoever asks later. */
static void
test_forgotten(struct dnsd *dnsd)
{
	struct subject addr = {.role = ROLE_ADDRESS};
	struct fact facts[3] = {{0}}, kept[3] = {{0}};
	struct lookup *before, *after;
	int64_t until = clock_ms() + LONG_MS;

	dnsd_teach(dnsd, "12.100.51.198.a.example", "127.0.0.2/600");
	dnsd_teach(dnsd, "12.100.51.198.b.example", "nxdomain delay=300");
	ipaddr_parse(&addr.key, "198.51.100.12");
	before = lookup_start(engine, &addr, roster, facts, 3, 0);
	lookup_wait(&before, 1, 0, first_is_enough, NULL, until, facts);
	memcache_erase(memory, &addr.key);
	dnsd_teach(dnsd, "12.100.51.198.a.example", "nxdomain");
	after = lookup_start(engine, &addr, roster, kept, 1, 0);
	ok(after != NULL && after != before, "forgotten: nobody joins who had asked before");
	same_num((long long)lookup_wait(&after, 1, 0, never, NULL, until, kept), 0,
	    "forgotten: the list is asked again");
	same_num(kept[0].state, FACT_CLEAR, "forgotten: and what it says now is heard");
	same_num((long long)lookup_wait(&before, 1, 0, never, NULL, until, facts), 0,
	    "forgotten: whoever waited hears all");
	same_num(facts[0].state, FACT_LISTED, "forgotten: as it was");
	await_end();
	same_num((long long)memcache_get(memory, &addr.key, roster, 3, clock_ms(), kept), 1,
	    "forgotten: only what was asked afterwards is kept");
	same_num(kept[0].state, FACT_CLEAR, "forgotten: it is the new answer");
	lookup_release(&before);
	lookup_release(&after);
}

static void
test_hurry(struct dnsd *dnsd)
{
	struct asker a = {.address = "198.51.100.4", .enough = never, .patience = LONG_MS};

	dnsd_teach(dnsd, "*.a.example", "silent");
	dnsd_teach(dnsd, "*.b.example", "silent");
	pthread_create(&a.thread, NULL, ask, &a);
	while (dnsd_asked(dnsd, "4.100.51.198.b.example") == 0)
		;
	lookups_hurry(engine);
	pthread_join(a.thread, NULL);
	ok(a.took < LONG_MS, "a stop lets everybody go");
	a = ask_once("198.51.100.5", never, LONG_MS);
	ok(a.took < LONG_MS, "and whoever comes after it");
}

int
main(void)
{
	struct dnsd *dnsd = dnsd_start();
	char server[64];
	char *servers[] = {server, NULL};

	snprintf(server, sizeof(server), "%s", dnsd_address(dnsd));
	loop = loop_new();
	memory = memcache_new(MEMCACHE_BYTES_MIN);
	upstream = upstream_new(loop);
	health = health_new(loop, upstream);
	engine = lookups_new(loop, memory, upstream, health);
	roster = roster_new();
	roster->list[roster->n++] = list_of("a", "a.example", 1);
	roster->list[roster->n++] = list_of("b", "b.example", 2);
	roster->list[roster->n] = list_of("c", "c.example", 3);
	roster->list[roster->n++]->role = ROLE_HELO;
	loop_start(loop);
	upstream_configure(upstream, servers, NULL);
	test_limit(dnsd);
	test_fresh(dnsd);
	test_held(dnsd);
	test_wanted_early();
	test_held_silent(dnsd);
	test_single_flight(dnsd);
	test_memory();
	test_deadline(dnsd);
	test_errors(dnsd);
	test_two_subjects(dnsd);
	test_forgotten(dnsd);
	test_hurry(dnsd);
	loop_stop(loop);
	lookups_stop(engine);
	upstream_free(upstream);
	lookups_free(engine);
	health_free(health);
	loop_free(loop);
	memcache_free(memory);
	roster_unref(&roster);
	dnsd_stop(dnsd);
	return done();
}
