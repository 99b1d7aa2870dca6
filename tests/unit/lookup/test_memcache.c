/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_memcache.c - facts are found again as they were put, until they expire
 * or something that lives longer needs their place.
 */
#include "config.h"

#include "lookup/memcache.h"

#include <pthread.h>
#include <stdlib.h>

#include "tap.h"

#define NOW INT64_C(1000000)
#define ALL (~(listset)0)

static struct listing lists[LISTS_MAX];
static struct roster roster;

static void
make_roster(void)
{
	roster.n = LISTS_MAX;
	for (unsigned i = 0; i < LISTS_MAX; i++) {
		lists[i].id = 1000 + i * 7;
		roster.list[i] = &lists[i];
	}
}

static struct ipaddr
address(const char *text)
{
	struct ipaddr addr = {0};

	if (!ipaddr_parse(&addr, text))
		abort();
	return addr;
}

static struct ipaddr
numbered(uint32_t n)
{
	struct ipaddr addr = {.bits = 32};

	memcpy(addr.byte, &n, sizeof(n));
	return addr;
}

static struct fact
fact(enum fact_state state, unsigned ncodes, int64_t expires)
{
	struct fact f = {
	    .state = (uint8_t)state, .ncodes = (uint8_t)ncodes, .expires = expires};

	for (unsigned i = 0; i < ncodes; i++)
		f.code[i] = 0x7f000002 + i;
	return f;
}

static bool
same_fact(const struct fact *a, const struct fact *b)
{
	return a->state == b->state && a->ncodes == b->ncodes && a->expires == b->expires &&
	    memcmp(a->code, b->code, sizeof(a->code)) == 0;
}

static void
test_one(void)
{
	static const struct {
		const char *label;
		const char *put, *get; /* addresses */
		unsigned put_list, get_list;
		enum fact_state state;
		unsigned ncodes;
		int64_t lives; /* milliseconds */
		bool found;
	} rows[] = {
	    {"listed", "198.51.100.7", "198.51.100.7", 0, 0, FACT_LISTED, 1, 60000, true},
	    {"eight codes", "198.51.100.7", "198.51.100.7", 3, 3, FACT_LISTED, 8, 60000, true},
	    {"clear", "198.51.100.7", "198.51.100.7", 63, 63, FACT_CLEAR, 0, 60000, true},
	    {"error", "198.51.100.7", "198.51.100.7", 1, 1, FACT_ERROR, 0, 30000, true},
	    {"unknown is not kept", "198.51.100.7", "198.51.100.7", 1, 1, FACT_UNKNOWN, 0,
		30000, false},
	    {"IPv6", "2001:db8::7", "2001:db8::7", 1, 1, FACT_LISTED, 2, 60000, true},
	    {"the last bit", "2001:db8::7", "2001:db8::6", 1, 1, FACT_LISTED, 2, 60000, false},
	    {"the first bit", "2001:db8::7", "a001:db8::7", 1, 1, FACT_LISTED, 2, 60000, false},
	    {"IPv6 with the bytes of IPv4", "198.51.100.7", "c633:6407::", 1, 1, FACT_LISTED, 1,
		60000, false},
	    {"another list", "198.51.100.7", "198.51.100.7", 1, 2, FACT_LISTED, 1, 60000,
		false},
	    {"one millisecond left", "198.51.100.7", "198.51.100.7", 1, 1, FACT_LISTED, 1, 1,
		true},
	    {"expires now", "198.51.100.7", "198.51.100.7", 1, 1, FACT_LISTED, 1, 0, false},
	    {"long expired", "198.51.100.7", "198.51.100.7", 1, 1, FACT_LISTED, 1, -60000,
		false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memcache *cache = memcache_new(0);
		struct ipaddr put = address(rows[i].put), get = address(rows[i].get);
		struct fact f = fact(rows[i].state, rows[i].ncodes, NOW + rows[i].lives);
		struct fact facts[LISTS_MAX] = {{0}};
		unsigned at = rows[i].get_list;
		listset found;

		memcache_put(cache, &put, lists[rows[i].put_list].id, &f);
		found = memcache_get(cache, &get, &roster, ALL, NOW, facts);
		same_num((long long)(found >> at & 1), rows[i].found, rows[i].label);
		if (rows[i].found) {
			ok(same_fact(&facts[at], &f), "%s: as it was put", rows[i].label);
			same_num(facts[at].source, FACT_FROM_MEMORY, rows[i].label);
			ok(found == (listset)1 << at, "%s: and nothing else", rows[i].label);
		} else {
			same_num(facts[at].state, FACT_UNKNOWN, rows[i].label);
		}
		memcache_free(cache);
	}
}

static void
test_many_lists(void)
{

	struct memcache *cache = memcache_new(MEMCACHE_BYTES_MIN);
	struct ipaddr addr = address("203.0.113.9");
	struct fact facts[LISTS_MAX] = {{0}};
	unsigned right = 0;
	listset odd = UINT64_C(0xaaaaaaaaaaaaaaaa);

	for (unsigned i = 0; i < LISTS_MAX; i++) {
		struct fact f = fact(FACT_LISTED, i % (FACT_CODES + 1), NOW + 1000 + i);

		memcache_put(cache, &addr, lists[i].id, &f);
	}
	ok(memcache_get(cache, &addr, &roster, odd, NOW, facts) == odd, "only what is wanted");
	same_num(facts[0].state, FACT_UNKNOWN, "what is not wanted is not touched");
	ok(memcache_get(cache, &addr, &roster, ALL, NOW, facts) == ALL,
	    "64 lists of an address");
	for (unsigned i = 0; i < LISTS_MAX; i++)
		right += facts[i].ncodes == i % (FACT_CODES + 1) &&
		    facts[i].expires == NOW + 1000 + i;
	same_num(right, LISTS_MAX, "each with its own fact");
	ok(memcache_get(cache, &addr, &roster, 0, NOW, facts) == 0, "none wanted, none found");
	ok(memcache_find(cache, &addr, lists[3].id, NOW, &facts[0]) && facts[0].ncodes == 3,
	    "one by its id");
	ok(!memcache_find(cache, &addr, 1, NOW, &facts[0]), "an id that is none");
	ok(!memcache_find(cache, &addr, lists[3].id, NOW + 1003, &facts[0]),
	    "not when expired");
	memcache_free(cache);
}

static void
test_replace(void)
{
	struct memcache *cache = memcache_new(MEMCACHE_BYTES_MIN);
	struct ipaddr addr = address("203.0.113.9");
	struct fact first = fact(FACT_LISTED, 8, NOW + 9000),
		    then = fact(FACT_CLEAR, 0, NOW + 10);
	struct fact facts[LISTS_MAX] = {{0}};

	memcache_put(cache, &addr, lists[0].id, &first);
	memcache_put(cache, &addr, lists[0].id, &then);
	memcache_get(cache, &addr, &roster, 1, NOW, facts);
	ok(same_fact(&facts[0], &then), "the newer fact takes the place of the older");
	ok(memcache_get(cache, &addr, &roster, 1, NOW + 10, facts) == 0,
	    "and the older is gone");
	memcache_free(cache);
}

static unsigned
count_found(struct memcache *cache, uint32_t first, uint32_t n, int64_t now)
{
	struct fact facts[LISTS_MAX];
	unsigned found = 0;

	for (uint32_t i = first; i < first + n; i++) {
		struct ipaddr addr = numbered(i);

		found += memcache_get(cache, &addr, &roster, 1, now, facts) != 0;
	}
	return found;
}

static void
put_many(struct memcache *cache, uint32_t first, uint32_t n, int64_t expires)
{
	for (uint32_t i = first; i < first + n; i++) {
		struct ipaddr addr = numbered(i);
		/* A hundred in a millisecond. */
		struct fact f = fact(FACT_LISTED, 1, expires + i / 100);

		memcache_put(cache, &addr, lists[0].id, &f);
	}
}

/* Facts far more than fit, and what becomes of those that live long. */
static void
test_full(void)
{
	enum { OLD = 200, FLOOD = 100000 };
	struct memcache *cache = memcache_new(MEMCACHE_BYTES_MIN);
	unsigned kept;

	put_many(cache, 0, OLD, NOW + 3600000);
	put_many(cache, OLD, FLOOD, NOW + 60000);
	same_num(count_found(cache, 0, OLD, NOW), OLD, "what lives long stays in a flood");
	kept = count_found(cache, OLD, FLOOD, NOW);
	ok(kept > 28000 && kept < 36000, "a megabyte is filled, and no more (%u kept)", kept);
	ok(count_found(cache, OLD + FLOOD - 1000, 1000, NOW) > 950, "the newest are there");
	put_many(cache, OLD + FLOOD, 5000, NOW + 90000);
	ok(count_found(cache, OLD + FLOOD, 5000, NOW + 62000) > 4900,
	    "what is expired makes room");
	memcache_free(cache);
}

static void
test_sizes(void)
{
	static const struct {
		const char *label;
		size_t bytes;
		unsigned least;
	} rows[] = {
	    {"no bytes: the least there is", 0, 10000},
	    {"one", 1, 10000},
	    {"a bit more than the least", MEMCACHE_BYTES_MIN + 577, 10000},
	    {"an odd number", ((size_t)3 << 20) + 12345, 30000},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct memcache *cache = memcache_new(rows[i].bytes);

		put_many(cache, 0, 60000, NOW + 1000);
		ok(count_found(cache, 0, 60000, NOW) >= rows[i].least, "%s", rows[i].label);
		memcache_free(cache);
	}
	memcache_free(NULL);
/* Sanitizers end the process where malloc(3) would return NULL. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
	ok(memcache_new(SIZE_MAX) == NULL, "more than there is");
	/* Of 4 GB it can be had. */
	ok(SIZE_MAX == UINT32_MAX || memcache_new(SIZE_MAX / 2) == NULL, "half of that");
#endif
}

struct worker {
	pthread_t thread;
	struct memcache *cache;
	uint32_t seed;
	unsigned wrong, found;
};

/* Codes follow from address and list, so that a torn fact is seen. */
static void *
work(void *arg)
{
	struct worker *w = arg;
	struct fact facts[LISTS_MAX];

	for (unsigned round = 0; round < 20000; round++) {
		uint32_t n = (w->seed = w->seed * 1664525 + 1013904223) >> 18;
		struct ipaddr addr = numbered(n);
		unsigned list = n % 3;
		struct fact f = fact(FACT_LISTED, 1, NOW + 1 + n % 1000);
		listset got = memcache_get(w->cache, &addr, &roster, 7, NOW, facts);

		f.code[0] = n * 3 + list;
		for (unsigned i = 0; i < 3; i++)
			if (got >> i & 1) {
				w->found++;
				w->wrong +=
				    facts[i].code[0] != n * 3 + i || facts[i].ncodes != 1;
			}
		memcache_put(w->cache, &addr, lists[list].id, &f);
	}
	return NULL;
}

static void
test_threads(void)
{
	struct memcache *cache = memcache_new(MEMCACHE_BYTES_MIN);
	struct worker worker[4];
	unsigned wrong = 0, found = 0;

	for (unsigned i = 0; i < 4; i++) {
		worker[i] = (struct worker){.cache = cache, .seed = i};
		if (pthread_create(&worker[i].thread, NULL, work, &worker[i]) != 0)
			abort();
	}
	for (unsigned i = 0; i < 4; i++) {
		pthread_join(worker[i].thread, NULL);
		wrong += worker[i].wrong;
		found += worker[i].found;
	}
	same_num(wrong, 0, "four threads: no torn fact");
	ok(found > 1000, "four threads: facts were found (%u)", found);
	memcache_free(cache);
}

/* What is forgotten is gone, and its neighbours are there. */
static void
test_erase(void)
{
	struct memcache *cache = memcache_new(MEMCACHE_BYTES_MIN);
	struct fact facts[LISTS_MAX], listed = fact(FACT_LISTED, 1, NOW + 1000);
	struct ipaddr one = numbered(1);
	size_t entries, bytes, before;
	unsigned kept = 0;

	for (unsigned i = 0; i < 200; i++) {
		struct ipaddr addr = numbered(i);

		for (unsigned k = 0; k < 10; k++)
			memcache_put(cache, &addr, lists[k].id, &listed);
	}
	memcache_size(cache, &before, &bytes);
	same_num(memcache_erase(cache, &one), 10, "an address: all its facts");
	same_num(memcache_erase(cache, &one), 0, "there are no more");
	same_num(memcache_get(cache, &one, &roster, ALL, NOW, facts), 0, "it is not known");
	for (unsigned i = 0; i < 200; i++) {
		struct ipaddr addr = numbered(i);

		kept += listset_count(memcache_get(cache, &addr, &roster, ALL, NOW, facts));
	}
	memcache_size(cache, &entries, &bytes);
	same_num(entries, before - 10, "places are free");
	same_num(kept, entries, "others are known as before");
	memcache_put(cache, &one, lists[0].id, &listed);
	same_num(memcache_get(cache, &one, &roster, ALL, NOW, facts), 1, "and used again");
	same_num(memcache_erase_all(cache), entries + 1, "all");
	memcache_size(cache, &entries, &bytes);
	same_num(entries, 0, "nothing is left");
	memcache_free(cache);
}

/* What was asked in an epoch is kept in it alone. */
static void
test_epoch(void)
{
	struct memcache *cache = memcache_new(MEMCACHE_BYTES_MIN);
	struct fact facts[LISTS_MAX],
	    listed[2] = {fact(FACT_LISTED, 1, NOW + 1000), fact(FACT_LISTED, 2, NOW + 1000)};
	struct ipaddr one = numbered(1), other = numbered(2);
	unsigned epoch = memcache_epoch(cache);

	memcache_put_all(cache, &one, &roster, 3, listed, epoch);
	same_num(memcache_get(cache, &one, &roster, ALL, NOW, facts), 3, "epoch: kept");
	memcache_erase(cache, &other);
	memcache_put_all(cache, &other, &roster, 3, listed, epoch);
	same_num(memcache_get(cache, &other, &roster, ALL, NOW, facts), 0,
	    "epoch: not what was asked before something was erased");
	same_num(memcache_get(cache, &one, &roster, ALL, NOW, facts), 3,
	    "epoch: what was kept before stays");
	epoch = memcache_epoch(cache);
	memcache_erase_all(cache);
	memcache_put_all(cache, &one, &roster, 3, listed, epoch);
	same_num(memcache_get(cache, &one, &roster, ALL, NOW, facts), 0, "epoch: nor all");
	epoch = memcache_epoch(cache);
	memcache_begin_epoch(cache);
	memcache_put_all(cache, &one, &roster, 3, listed, epoch);
	same_num(memcache_get(cache, &one, &roster, ALL, NOW, facts), 0,
	    "epoch: nor somewhere else");
	memcache_put_all(cache, &one, &roster, 3, listed, memcache_epoch(cache));
	same_num(memcache_get(cache, &one, &roster, ALL, NOW, facts), 3, "epoch: but later");
	memcache_free(cache);
}

int
main(void)
{
	make_roster();
	test_one();
	test_many_lists();
	test_replace();
	test_full();
	test_sizes();
	test_erase();
	test_epoch();
	test_threads();
	return done();
}
