/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/quota.c - a token bucket for each network, in a table that never grows.  A network
 * has its place among a few, by a hash that nobody can foresee; who comes anew takes
 * the place of the one whose bucket is the fullest, which loses the least by it.
 */
#include "config.h"

#include "lookup/quota.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/limit.h"
#include "base/log.h"
#include "base/loglimit.h"
#include "base/tally.h"

#define SETS 1024
#define WAYS 4
#define MINUTE_MS 60000
#define NAMES_FOR_ADDRESS 10
#define NETWORK_STRLEN (IPADDR_STRLEN + 4)

/* What is spent is given back as time passes, so much a minute. */
struct bucket {
	uint64_t network;       /* its first 64 bits */
	uint8_t bits;           /* of the address: 32 or 128; 0: nobody's */
	int64_t at;             /* when it was so, in clock_ms() */
	uint64_t spent[QUOTAS]; /* in parts of a question, one for each millisecond */
};

static struct {
	pthread_mutex_t lock; /* guards the rest */
	bool begun;
	uint64_t seed[2];
	struct bucket bucket[SETS][WAYS];
	struct loglimit turned_away;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
	x = (x ^ x >> 32) * UINT64_C(0xd6e8feb86659fd93);
	return x ^ x >> 32;
}

/* The first 24 bits of IPv4, 64 of IPv6. */
static uint64_t
network_of(const struct ipaddr *client)
{
	uint64_t network = 0;

	for (unsigned i = 0; i < (client->bits == 32 ? 3 : 8); i++)
		network |= (uint64_t)client->byte[i] << (56 - 8 * i);
	return network;
}

/* Without a seed, the address of the table is as hard to guess as there is. */
static void
begin_locked(void)
{
	table.begun = true;
	if (getentropy(table.seed, sizeof(table.seed)) != 0)
		table.seed[0] = (uint64_t)(uintptr_t)&table;
}

static uint64_t
most_spent(const struct bucket *b)
{
	return b->spent[QUOTA_ADDRESS] > b->spent[QUOTA_NAME] ? b->spent[QUOTA_ADDRESS]
							      : b->spent[QUOTA_NAME];
}

/* What has been given back by now; the rate is the same for all. */
static void
refill(struct bucket *b, unsigned per_minute, int64_t now)
{
	uint64_t passed = now > b->at ? (uint64_t)(now - b->at) : 0;

	for (unsigned i = 0; i < QUOTAS; i++) {
		uint64_t back = passed < MINUTE_MS ? passed * per_minute : UINT64_MAX;

		b->spent[i] -= back < b->spent[i] ? back : b->spent[i];
	}
	b->at = now;
}

/* The places of which a network may have one. */
static struct bucket *
find_set_locked(uint64_t network, uint8_t bits)
{
	uint64_t hash = mix(mix(network ^ table.seed[0]) + (bits ^ table.seed[1]));

	return table.bucket[hash % SETS];
}

static struct bucket *
find_locked(uint64_t network, uint8_t bits, unsigned per_minute, int64_t now)
{
	struct bucket *set = find_set_locked(network, bits), *best = &set[0];

	for (unsigned i = 0; i < WAYS; i++) {
		struct bucket *b = &set[i];

		if (b->bits == bits && b->network == network) {
			refill(b, per_minute, now);
			return b;
		}
		if (b->bits == 0 || now - b->at >= MINUTE_MS) {
			b->bits = 0;
			b->spent[QUOTA_ADDRESS] = b->spent[QUOTA_NAME] = 0;
		}
		if (most_spent(b) < most_spent(best))
			best = b;
	}
	*best = (struct bucket){.network = network, .bits = bits, .at = now};
	return best;
}

static void
report(const struct ipaddr *client, enum quota quota, unsigned per_minute)
{
	unsigned turned_away = loglimit_count(&table.turned_away, LOGLIMIT_MINUTE_MS);
	char address[IPADDR_STRLEN], network[NETWORK_STRLEN];
	struct ipaddr first = ipaddr_network(client, 24, 64);
	struct logline line;

	if (turned_away == 0)
		return;
	snprintf(network, sizeof(network), "%s/%d", ipaddr_format(&first, address),
	    client->bits == 32 ? 24 : 64);
	logline_event(&line, "network-busy");
	logline_str(&line, "network", network);
	logline_str(&line, "asks", quota == QUOTA_ADDRESS ? "address" : "name");
	logline_num(&line, "max", per_minute);
	logline_num(&line, "turned-away", turned_away);
	logline_end(&line, LOG_LEVEL_WARNING);
}

bool
quota_take(const struct ipaddr *client, enum quota quota, unsigned per_minute)
{
	/* Both are spent in the same coin: a name costs a tenth of an address. */
	const uint64_t cost =
	    quota == QUOTA_ADDRESS ? MINUTE_MS : MINUTE_MS / NAMES_FOR_ADDRESS;
	int64_t now = clock_ms();
	struct bucket *b;
	bool good;

	if (per_minute == 0 || client->bits == 0)
		return true;
	pthread_mutex_lock(&table.lock);
	if (!table.begun)
		begin_locked();
	b = find_locked(network_of(client), client->bits, per_minute, now);
	good = b->spent[quota] + cost <= (uint64_t)per_minute * MINUTE_MS;
	b->spent[quota] += good ? cost : 0;
	pthread_mutex_unlock(&table.lock);
	if (good)
		return true;
	counter_add(COUNTER_OVERLOADS);
	tally_add(TALLY_OVERLOADS, LIMIT_MAX, 1);
	report(client, quota, per_minute);
	return false;
}

bool
quota_forget(const struct ipaddr *client)
{
	uint64_t network = network_of(client);
	struct bucket *set;
	bool known = false;

	pthread_mutex_lock(&table.lock);
	set = find_set_locked(network, client->bits);
	for (unsigned i = 0; client->bits != 0 && i < WAYS; i++) {
		if (set[i].bits != client->bits || set[i].network != network)
			continue;
		set[i] = (struct bucket){.bits = 0};
		known = true;
	}
	pthread_mutex_unlock(&table.lock);
	return known;
}
