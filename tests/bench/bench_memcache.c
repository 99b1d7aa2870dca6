/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench_memcache.c - how long the cache in memory takes to keep and to find what
 * lists have said, by how many addresses are in it.  Prints a line of JSON, and
 * judges nothing.
 *
 *	bench_memcache ADDRESSES LISTS
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "crowd.h"
#include "histogram.h"
#include "lookup/memcache.h"

#define LOOKUPS 1000000
#define NOW 1000

/* What an address takes, and each of its lists, with what chance leaves free in a page. */
#define ADDRESS_BYTES 32
#define LIST_BYTES 7

static struct ipaddr
address(uint64_t number)
{
	struct client c = crowd_client(number, 0, 0);
	struct ipaddr addr = {.bits = 32};

	for (unsigned i = 0; i < 4; i++)
		addr.byte[i] = c.byte[i];
	return addr;
}

static double
fill(struct memcache *cache, uint64_t addresses, unsigned lists)
{
	const struct fact fact = {.state = FACT_CLEAR, .expires = NOW + 900000};
	int64_t began = now_ns();

	for (uint64_t i = 0; i < addresses; i++) {
		struct ipaddr addr = address(i);

		for (unsigned list = 0; list < lists; list++)
			memcache_put(cache, &addr, list + 1, &fact);
	}
	return (double)(now_ns() - began) / (double)(addresses * lists);
}

static double
find(struct memcache *cache, uint64_t addresses, const struct roster *roster, double *share)
{
	listset all = ((listset)1 << roster->n) - 1;
	struct fact facts[LISTS_MAX];
	uint64_t found = 0;
	int64_t began = now_ns();

	for (uint64_t i = 0; i < LOOKUPS; i++) {
		struct ipaddr addr = address(crowd_mix(i) % addresses);

		found += memcache_get(cache, &addr, roster, all, NOW, facts) == all;
	}
	*share = (double)found / LOOKUPS;
	return (double)(now_ns() - began) / LOOKUPS;
}

int
main(int argc, char **argv)
{
	uint64_t addresses = argc == 3 ? strtoull(argv[1], NULL, 10) : 0;
	unsigned lists = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	static struct listing list[LISTS_MAX];
	struct roster *roster = roster_new();
	struct memcache *cache;
	double put, get, share;
	size_t bytes;

	if (addresses == 0 || lists == 0 || lists >= LISTS_MAX || roster == NULL) {
		fprintf(stderr, "usage: bench_memcache ADDRESSES LISTS\n");
		return 64;
	}
	roster->n = lists;
	for (unsigned i = 0; i < lists; i++) {
		list[i].id = i + 1;
		roster->list[i] = &list[i];
	}
	bytes = addresses * (ADDRESS_BYTES + lists * LIST_BYTES);
	cache = memcache_new(bytes);
	if (cache == NULL) {
		perror("bench_memcache");
		return 71;
	}
	put = fill(cache, addresses, lists);
	get = find(cache, addresses, roster, &share);
	printf("{\"addresses\":%llu,\"lists\":%u,\"bytes\":%zu,\"put_ns\":%.1f,\"get_ns\":%.1f,"
	       "\"found\":%.4f}\n",
	    (unsigned long long)addresses, lists, bytes, put, get, share);
	memcache_free(cache);
	return 0;
}
