/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/memcache.c - facts kept in this process, in a block of memory whose size is
 * fixed at the start.  A shard is an array of pages (lookup/mempage.h): a new record pushes out
 * others of its page alone.
 */
#include "config.h"

#include "lookup/memcache.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lookup/mempage.h"

#define SHARDS 64
#define HUGE_PAGE ((size_t)2 << 20)
#define ERASED_PAGES 16 /* with the lock held */

struct shard {
	alignas(MEMPAGE_LINE) pthread_mutex_t mutex; /* guards what follows */
	struct mempage *pages;
	size_t facts;
};

struct memcache {
	struct shard shard[SHARDS];
	uint64_t seed[2];
	atomic_uint epoch; /* counts what was erased */
	size_t npages;     /* of one shard */
	size_t bytes;
};

/* Where an address is. */
struct place {
	struct shard *shard;
	struct mempage *page;
	size_t before; /* facts in the page when it was entered */
	uint16_t tag;
};

struct memcache *
memcache_new(size_t bytes)
{
	struct memcache *cache;
	size_t npages, size;
	struct mempage *pages;
	void *memory;

	if (bytes < MEMCACHE_BYTES_MIN)
		bytes = MEMCACHE_BYTES_MIN;
	npages = (bytes - sizeof(*cache)) / MEMPAGE_BYTES / SHARDS;
	size = sizeof(*cache) + npages * SHARDS * MEMPAGE_BYTES;
	if (posix_memalign(&memory, HUGE_PAGE, size) != 0)
		return NULL;
	cache = memory;
#ifdef MADV_HUGEPAGE
	/* A search goes anywhere: most of its time is spent on finding the page otherwise. */
	(void)madvise(cache, size, MADV_HUGEPAGE);
#endif
	/* Touches every page now: later there is no asking for memory. */
	memset(cache, 0, size);
	cache->bytes = size;
	/* Nobody outside may know which addresses share a page. */
	if (getentropy(cache->seed, sizeof(cache->seed)) != 0) {
		free(cache);
		return NULL;
	}
	cache->npages = npages;
	pages = (struct mempage *)(void *)(cache + 1);
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&cache->shard[i].mutex, NULL);
		cache->shard[i].pages = pages + i * npages;
	}
	return cache;
}

void
memcache_free(struct memcache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&cache->shard[i].mutex);
	free(cache);
}

/* Spread every bit over all the others (the finalizer of MurmurHash3, public domain). */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ x >> 33;
}

/* Its lock is taken. */
static struct place
enter(struct memcache *cache, const struct ipaddr *addr)
{
	uint64_t half[2], hash;
	struct place place;

	memcpy(half, addr->byte, sizeof(half));
	hash =
	    mix(mix(mix(half[0] ^ cache->seed[0]) + (half[1] ^ cache->seed[1])) + addr->bits);
	place.shard = &cache->shard[hash % SHARDS];
	place.page = &place.shard->pages[(hash >> 32) % cache->npages];
	place.tag = (uint16_t)(hash >> 8);
	mempage_prefetch(place.page);
	pthread_mutex_lock(&place.shard->mutex);
	place.before = place.page->facts;
	return place;
}

/* What has become of the page counts for its shard. */
static void
leave(const struct place *place)
{
	place->shard->facts += place->page->facts - place->before;
	pthread_mutex_unlock(&place->shard->mutex);
}

listset
memcache_get(struct memcache *cache, const struct ipaddr *addr, const struct roster *roster,
    listset wanted, int64_t now, struct fact *facts)
{
	struct place at = enter(cache, addr);
	unsigned record = mempage_find(at.page, at.tag, addr);
	listset found = 0;

	if (record != MEMPAGE_NONE)
		found = mempage_read(at.page, record, roster, wanted, now, facts);
	leave(&at);
	return found;
}

bool
memcache_find(struct memcache *cache, const struct ipaddr *addr, uint32_t list_id, int64_t now,
    struct fact *fact)
{
	struct place at = enter(cache, addr);
	unsigned record = mempage_find(at.page, at.tag, addr);
	struct fact kept;
	bool found = record != MEMPAGE_NONE &&
	    mempage_read_one(at.page, record, list_id, &kept) && kept.expires > now;

	leave(&at);
	if (found)
		*fact = kept;
	return found;
}

void
memcache_put(struct memcache *cache, const struct ipaddr *addr, uint32_t list_id,
    const struct fact *fact)
{
	struct place at = enter(cache, addr);

	mempage_put(at.page, at.tag, addr, list_id, fact);
	leave(&at);
}

void
memcache_put_all(struct memcache *cache, const struct ipaddr *addr, const struct roster *roster,
    listset lists, const struct fact *facts, unsigned epoch)
{
	struct place at = enter(cache, addr);

	/* With the lock: whoever begins an epoch takes it afterwards, to erase. */
	if (epoch == memcache_epoch(cache))
		mempage_put_all(at.page, at.tag, addr, roster, lists, facts);
	leave(&at);
}

unsigned
memcache_epoch(const struct memcache *cache)
{
	return atomic_load(&cache->epoch);
}

void
memcache_begin_epoch(struct memcache *cache)
{
	atomic_fetch_add(&cache->epoch, 1);
}

void
memcache_size(struct memcache *cache, size_t *entries, size_t *bytes)
{
	*entries = 0;
	*bytes = cache->bytes;
	for (unsigned i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&cache->shard[i].mutex);
		*entries += cache->shard[i].facts;
		pthread_mutex_unlock(&cache->shard[i].mutex);
	}
}

size_t
memcache_erase(struct memcache *cache, const struct ipaddr *addr)
{
	struct place at;
	unsigned record;
	size_t gone;

	memcache_begin_epoch(cache);
	at = enter(cache, addr);
	record = mempage_find(at.page, at.tag, addr);
	if (record != MEMPAGE_NONE)
		mempage_erase(at.page, record);
	gone = at.before - at.page->facts;
	leave(&at);
	return gone;
}

static size_t
erase_shard(const struct memcache *cache, struct shard *shard)
{
	size_t n = 0;

	for (size_t i = 0; i < cache->npages; i += ERASED_PAGES) {
		pthread_mutex_lock(&shard->mutex);
		for (size_t k = i; k < i + ERASED_PAGES && k < cache->npages; k++) {
			n += shard->pages[k].facts;
			shard->facts -= shard->pages[k].facts;
			memset(&shard->pages[k], 0, sizeof(shard->pages[k]));
		}
		pthread_mutex_unlock(&shard->mutex);
	}
	return n;
}

size_t
memcache_erase_all(struct memcache *cache)
{
	size_t n = 0;

	memcache_begin_epoch(cache);
	for (unsigned i = 0; i < SHARDS; i++)
		n += erase_shard(cache, &cache->shard[i]);
	return n;
}
