/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/clients.c - a table with open addressing, for there are millions: 16 bytes each, where
 * one with chains takes a hundred.  All pairs of a client begin at one place, so that they
 * are found by one walk.
 */
#include "config.h"

#include "ctl/clients.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/bulk.h"

#define LIST_BITS 6 /* of a key: the list; the others are the client's */
#define FIRST_SIZE 1024
#define LOADED(size) ((size) / 8 * 5) /* more pairs than that make walks long */

_Static_assert(LISTS_MAX <= 1 << LIST_BITS, "a key has room for each list");

struct pair {
	uint64_t key;        /* 0: nobody */
	uint64_t last : 63;  /* when it was on the list last */
	uint64_t passed : 1; /* it was good later */
};

_Static_assert(sizeof(struct pair) == 16, "a pair is small");

struct clients {
	struct pair *pair;
	size_t size, used, max; /* size is a power of two */
	uint64_t left_out;
	uint64_t seed[2]; /* so that nobody can choose addresses that meet in one place */
};

struct clients *
clients_new(size_t max)
{
	struct clients *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->max = max;
	c->size = FIRST_SIZE;
	if (getrandom(c->seed, sizeof(c->seed), GRND_NONBLOCK) < 0)
		c->seed[0] = (uintptr_t)c; /* early at boot: better than nothing */
	if ((c->pair = calloc(c->size, sizeof(*c->pair))) == NULL) {
		free(c);
		return NULL;
	}
	return c;
}

void
clients_free(struct clients *c)
{
	if (c == NULL)
		return;
	bulk_free(c->pair, c->size * sizeof(*c->pair));
	free(c);
}

/* The finalizer of splitmix64: each bit of the result depends on each of n. */
static uint64_t
mix(uint64_t n)
{
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9U;
	n = (n ^ n >> 27) * 0x94d049bb133111ebU;
	return n ^ n >> 31;
}

/* A client as 58 bits, never 0: two of ten million are one with a chance of 1 to 5000. */
static uint64_t
key_of(const struct clients *c, const struct ipaddr *addr)
{
	uint64_t half[2], key;

	memcpy(half, addr->byte, sizeof(half));
	key = mix(mix(half[0] ^ c->seed[0]) + half[1] + c->seed[1] + addr->bits) >> LIST_BITS;
	return (key != 0 ? key : 1) << LIST_BITS;
}

/* Where that pair is, or could be. */
static struct pair *
find(const struct clients *c, uint64_t key)
{
	size_t i = (size_t)(key >> LIST_BITS) & (c->size - 1);

	while (c->pair[i].key != 0 && c->pair[i].key != key)
		i = (i + 1) & (c->size - 1);
	return &c->pair[i];
}

/* Make room for one more; false: there is none. */
static bool
make_room(struct clients *c)
{
	struct clients bigger = *c;

	if (c->used >= c->max)
		return false;
	if (c->used < LOADED(c->size))
		return true;
	bigger.size *= 2;
	if ((bigger.pair = calloc(bigger.size, sizeof(*bigger.pair))) == NULL)
		return false;
	for (size_t i = 0; i < c->size; i++)
		if (c->pair[i].key != 0)
			*find(&bigger, c->pair[i].key) = c->pair[i];
	bulk_free(c->pair, c->size * sizeof(*c->pair));
	*c = bigger;
	return true;
}

/* Whether the pair is new. */
static bool
note(struct clients *c, uint64_t key, int64_t time)
{
	struct pair *pair = find(c, key);
	bool known = pair->key != 0;

	if (!known) {
		if (!make_room(c)) {
			c->left_out++;
			return false;
		}
		pair = find(c, key); /* it may be another table */
		pair->key = key;
		c->used++;
	}
	if ((uint64_t)time > pair->last)
		pair->last = (uint64_t)time & INT64_MAX;
	return !known;
}

listset
clients_list(struct clients *c, const struct ipaddr *addr, listset lists, int64_t time)
{
	uint64_t key = key_of(c, addr);
	listset fresh = 0;

	for (unsigned list = 0; list < LISTS_MAX && lists >> list != 0; list++)
		if (listset_has(lists, list) && note(c, key | list, time))
			fresh |= (listset)1 << list;
	return fresh;
}

listset
clients_pass(struct clients *c, const struct ipaddr *addr, int64_t time)
{
	uint64_t key = key_of(c, addr) >> LIST_BITS;
	listset lists = 0;

	for (size_t i = (size_t)key & (c->size - 1); c->pair[i].key != 0;
	     i = (i + 1) & (c->size - 1)) {
		struct pair *pair = &c->pair[i];

		if (pair->key >> LIST_BITS != key || pair->passed ||
		    time < (int64_t)pair->last || time - (int64_t)pair->last > CLIENTS_WINDOW_S)
			continue;
		pair->passed = 1;
		lists |= (listset)1 << (pair->key & (LISTS_MAX - 1));
	}
	return lists;
}

uint64_t
clients_left_out(const struct clients *c)
{
	return c->left_out;
}
