/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd.c - numbers turned into addresses, each number into another one as long
 * as there are enough.  Everything follows from the number by arithmetic.
 */
#include "config.h"

#include "crowd.h"

#include <string.h>

static const uint8_t good_net[6] = {0x20, 0x01, 0x0d, 0xb8, 0, 1};
static const uint8_t bad_net[6] = {0x20, 0x01, 0x0d, 0xb8, 0, 2};

/* The finalizer of SplitMix64 (public domain). */
uint64_t
crowd_mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static void
put_bytes(uint8_t *out, uint64_t value, unsigned count)
{
	while (count-- > 0) {
		out[count] = (uint8_t)value;
		value >>= 8;
	}
}

/* Multiplying by an odd number meets every value of so many bits once. */
static struct client
client4(uint64_t number, bool bad)
{
	struct client c = {.bits = 32};
	uint32_t mixed = (uint32_t)number * UINT32_C(0x9e3779b1);

	if (bad)
		put_bytes(c.byte, UINT32_C(0x1c400000) | (mixed & 0x3fffff), 4);
	else
		put_bytes(c.byte, UINT32_C(0x19000000) | (mixed & 0xffffff), 4);
	return c;
}

static struct client
client6(uint64_t number, bool bad)
{
	struct client c = {.bits = 128};

	memcpy(c.byte, bad ? bad_net : good_net, sizeof(good_net));
	put_bytes(c.byte + 6, crowd_mix(number) & 0xffff, 2);
	put_bytes(c.byte + 8, number, 8);
	return c;
}

struct client
crowd_client(uint64_t number, unsigned listed, unsigned ipv6)
{
	uint64_t dice = crowd_mix(number);
	bool bad = dice % 1000 < listed;

	return (dice >> 32) % 1000 < ipv6 ? client6(number, bad) : client4(number, bad);
}

bool
crowd_is_listed(const struct client *c)
{
	if (c->bits == 32)
		return c->byte[0] == 28 && (c->byte[1] & 0xc0) == 64;
	return memcmp(c->byte, bad_net, sizeof(bad_net)) == 0;
}

bool
crowd_is_of(const struct client *c)
{
	if (crowd_is_listed(c))
		return true;
	return c->bits == 32 ? c->byte[0] == 25
			     : memcmp(c->byte, good_net, sizeof(good_net)) == 0;
}

bool
crowd_is_on(const struct client *c, unsigned zone, unsigned zones, unsigned share)
{
	uint64_t half[2], hash;

	if (!crowd_is_listed(c))
		return false;
	memcpy(half, c->byte, sizeof(half));
	hash = crowd_mix(half[0] ^ crowd_mix(half[1]));
	return hash % zones == zone || crowd_mix(hash + zone) % 1000 < share;
}
