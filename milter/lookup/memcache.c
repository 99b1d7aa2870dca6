/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/memcache.c - facts kept in this process, in a block of memory whose size is
 * fixed at the start.  A shard is an array of sets of eight places: what a new
 * fact pushes out is always one of the eight places its key may lie in.
 */
#include "config.h"

#include "lookup/memcache.h"

#include <assert.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE 64 /* bytes of a cache line */
#define SHARDS 64
#define WAYS 8
#define ERASED_SETS 64 /* that are looked through with the lock held */

struct entry {
	alignas(LINE) uint8_t address[16];
	uint8_t bits;
	uint8_t state;
	uint8_t ncodes;
	uint32_t list_id;
	int64_t expires;
	uint32_t code[FACT_CODES];
};

_Static_assert(sizeof(struct entry) == LINE, "an entry is one cache line");

/* A search reads the line of tags, then only the entry it wants. */
struct set {
	alignas(LINE) uint32_t tag[WAYS]; /* of the hash; 0: the place is free */
	struct entry entry[WAYS];
};

struct shard {
	alignas(LINE) pthread_mutex_t mutex; /* guards what follows */
	struct set *sets;
	size_t used; /* places */
};

struct memcache {
	struct shard shard[SHARDS];
	uint64_t seed[2];
	size_t nsets; /* of one shard */
	size_t bytes;
};

static uint64_t mix(uint64_t);
static uint64_t hash_address(const struct memcache *, const struct ipaddr *);
static struct shard *find_shard(struct memcache *, uint64_t);
static uint64_t hash_key(uint64_t, uint32_t);
static struct set *find_set(const struct memcache *, const struct shard *, uint64_t);
static uint32_t tag_of(uint64_t);
static unsigned find_way(const struct set *, const struct ipaddr *, uint32_t, uint64_t);
static unsigned find_room(const struct set *);
static void read_entry(const struct entry *, struct fact *);
static void write_entry(struct entry *, const struct ipaddr *, uint32_t, const struct fact *);

struct memcache *
memcache_new(size_t bytes)
{
	struct memcache *cache;
	size_t nsets, size, i;
	struct set *sets;

	if (bytes < MEMCACHE_BYTES_MIN)
		bytes = MEMCACHE_BYTES_MIN;
	nsets = (bytes - sizeof(*cache)) / sizeof(struct set) / SHARDS;
	size = sizeof(*cache) + nsets * SHARDS * sizeof(struct set);
	cache = aligned_alloc(LINE, size);
	if (cache == NULL)
		return NULL;
	/* Touches every page now: later there is no asking for memory. */
	memset(cache, 0, size);
	cache->bytes = size;
	/* Nobody outside may know which addresses share a set. */
	if (getentropy(cache->seed, sizeof(cache->seed)) != 0) {
		free(cache);
		return NULL;
	}
	cache->nsets = nsets;
	sets = (struct set *)(void *)(cache + 1);
	for (i = 0; i < SHARDS; i++) {
		pthread_mutex_init(&cache->shard[i].mutex, NULL);
		cache->shard[i].sets = sets + i * nsets;
	}
	return cache;
}

void
memcache_free(struct memcache *cache)
{
	size_t i;

	if (cache == NULL)
		return;
	for (i = 0; i < SHARDS; i++)
		pthread_mutex_destroy(&cache->shard[i].mutex);
	free(cache);
}

listset
memcache_get(struct memcache *cache, const struct ipaddr *addr, const struct roster *roster,
    listset wanted, int64_t now, struct fact *facts)
{
	uint64_t base = hash_address(cache, addr);
	struct shard *shard = find_shard(cache, base);
	uint64_t key[LISTS_MAX];
	listset found = 0;
	unsigned i, way;

	/* Memory brings the sets of all lists at the same time, before they are needed. */
	for (i = 0; i < roster->n; i++) {
		key[i] = hash_key(base, roster->list[i]->id);
		if (listset_has(wanted, i))
			__builtin_prefetch(find_set(cache, shard, key[i]));
	}
	pthread_mutex_lock(&shard->mutex);
	for (i = 0; i < roster->n; i++) {
		if (!listset_has(wanted, i))
			continue;
		const struct set *set = find_set(cache, shard, key[i]);

		way = find_way(set, addr, roster->list[i]->id, key[i]);
		if (way == WAYS || set->entry[way].expires <= now)
			continue;
		read_entry(&set->entry[way], &facts[i]);
		found |= (listset)1 << i;
	}
	pthread_mutex_unlock(&shard->mutex);
	return found;
}

bool
memcache_find(struct memcache *cache, const struct ipaddr *addr, uint32_t list_id, int64_t now,
    struct fact *fact)
{
	uint64_t base = hash_address(cache, addr), key = hash_key(base, list_id);
	struct shard *shard = find_shard(cache, base);
	struct set *set = find_set(cache, shard, key);
	unsigned way;
	bool found;

	pthread_mutex_lock(&shard->mutex);
	way = find_way(set, addr, list_id, key);
	found = way < WAYS && set->entry[way].expires > now;
	if (found)
		read_entry(&set->entry[way], fact);
	pthread_mutex_unlock(&shard->mutex);
	return found;
}

void
memcache_put(struct memcache *cache, const struct ipaddr *addr, uint32_t list_id,
    const struct fact *fact)
{
	uint64_t base = hash_address(cache, addr);
	uint64_t key = hash_key(base, list_id);
	struct shard *shard = find_shard(cache, base);
	struct set *set = find_set(cache, shard, key);
	unsigned way;

	assert(fact->ncodes <= FACT_CODES);
	if (fact->state == FACT_UNKNOWN)
		return;
	pthread_mutex_lock(&shard->mutex);
	way = find_way(set, addr, list_id, key);
	if (way == WAYS)
		way = find_room(set);
	shard->used += set->tag[way] == 0;
	set->tag[way] = tag_of(key);
	write_entry(&set->entry[way], addr, list_id, fact);
	pthread_mutex_unlock(&shard->mutex);
}

void
memcache_size(struct memcache *cache, size_t *entries, size_t *bytes)
{
	*entries = 0;
	*bytes = cache->bytes;
	for (unsigned i = 0; i < SHARDS; i++) {
		pthread_mutex_lock(&cache->shard[i].mutex);
		*entries += cache->shard[i].used;
		pthread_mutex_unlock(&cache->shard[i].mutex);
	}
}

/* Whether a place has a fact of an address; NULL: of any. */
static bool
holds(const struct set *set, unsigned way, const struct ipaddr *addr)
{
	const struct entry *entry = &set->entry[way];

	return set->tag[way] != 0 &&
	    (addr == NULL ||
		(entry->bits == addr->bits &&
		    memcmp(entry->address, addr->byte, sizeof(entry->address)) == 0));
}

static size_t
erase_set_locked(struct shard *shard, struct set *set, const struct ipaddr *addr)
{
	size_t n = 0;

	for (unsigned way = 0; way < WAYS; way++) {
		if (!holds(set, way, addr))
			continue;
		set->tag[way] = 0;
		memset(&set->entry[way], 0, sizeof(set->entry[way]));
		n++;
	}
	shard->used -= n;
	return n;
}

static size_t
erase_shard(const struct memcache *cache, struct shard *shard, const struct ipaddr *addr)
{
	size_t n = 0;

	for (size_t i = 0; i < cache->nsets; i += ERASED_SETS) {
		pthread_mutex_lock(&shard->mutex);
		for (size_t k = i; k < i + ERASED_SETS && k < cache->nsets; k++)
			n += erase_set_locked(shard, &shard->sets[k], addr);
		pthread_mutex_unlock(&shard->mutex);
	}
	return n;
}

size_t
memcache_erase(struct memcache *cache, const struct ipaddr *addr)
{
	return erase_shard(cache, find_shard(cache, hash_address(cache, addr)), addr);
}

size_t
memcache_erase_all(struct memcache *cache)
{
	size_t n = 0;

	for (unsigned i = 0; i < SHARDS; i++)
		n += erase_shard(cache, &cache->shard[i], NULL);
	return n;
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

static uint64_t
hash_address(const struct memcache *cache, const struct ipaddr *addr)
{
	uint64_t half[2];

	memcpy(half, addr->byte, sizeof(half));
	return mix(
	    mix(mix(half[0] ^ cache->seed[0]) + (half[1] ^ cache->seed[1])) + addr->bits);
}

static struct shard *
find_shard(struct memcache *cache, uint64_t base)
{
	return &cache->shard[base % SHARDS];
}

/* The lists of one address lie in sets of their own: there may be more than eight. */
static uint64_t
hash_key(uint64_t base, uint32_t list_id)
{
	return mix(base + UINT64_C(0x9e3779b97f4a7c15) * list_id);
}

static struct set *
find_set(const struct memcache *cache, const struct shard *shard, uint64_t key)
{
	return &shard->sets[(key >> 32) % cache->nsets];
}

static uint32_t
tag_of(uint64_t key)
{
	return (uint32_t)key | 1;
}

/* The place of that address and list in the set, or WAYS. */
static unsigned
find_way(const struct set *set, const struct ipaddr *addr, uint32_t list_id, uint64_t key)
{
	uint32_t tag = tag_of(key);
	unsigned i;

	for (i = 0; i < WAYS; i++) {
		const struct entry *entry = &set->entry[i];

		if (set->tag[i] == tag && entry->list_id == list_id &&
		    entry->bits == addr->bits &&
		    memcmp(entry->address, addr->byte, sizeof(entry->address)) == 0)
			break;
	}
	return i;
}

/* A free place, else the one that expires first: if one is expired, that is it. */
static unsigned
find_room(const struct set *set)
{
	unsigned i, best = 0;

	for (i = 0; i < WAYS; i++) {
		if (set->tag[i] == 0)
			return i;
		if (set->entry[i].expires < set->entry[best].expires)
			best = i;
	}
	return best;
}

static void
read_entry(const struct entry *entry, struct fact *fact)
{
	fact->state = entry->state;
	fact->source = FACT_FROM_MEMORY;
	fact->ncodes = entry->ncodes;
	fact->expires = entry->expires;
	memcpy(fact->code, entry->code, sizeof(fact->code));
}

static void
write_entry(
    struct entry *entry, const struct ipaddr *addr, uint32_t list_id, const struct fact *fact)
{
	memcpy(entry->address, addr->byte, sizeof(entry->address));
	entry->bits = addr->bits;
	entry->list_id = list_id;
	entry->state = fact->state;
	entry->ncodes = fact->ncodes;
	entry->expires = fact->expires;
	memcpy(entry->code, fact->code, sizeof(entry->code));
}
