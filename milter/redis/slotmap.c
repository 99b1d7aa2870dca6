/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/slotmap.c - slots by CRC16 (XMODEM), as the specification of Redis Cluster has
 * it.  A map is taken whole or not at all, but for slots that nobody serves.
 */
#include "config.h"

#include "redis/slotmap.h"

#include <string.h>

#define POLYNOMIAL 0x1021

/* Bit by bit: a table would be faster than what a key of few bytes is worth. */
static uint16_t
crc16(const char *bytes, size_t len)
{
	unsigned crc = 0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)(uint8_t)bytes[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? POLYNOMIAL : 0);
	}
	return (uint16_t)crc;
}

unsigned
slotmap_slot(const char *key)
{
	const char *open = strchr(key, '{');
	const char *close = open != NULL ? strchr(open + 1, '}') : NULL;
	bool tagged = close != NULL && close > open + 1;

	return tagged ? crc16(open + 1, (size_t)(close - open - 1)) % REDIS_SLOTS
		      : crc16(key, strlen(key)) % REDIS_SLOTS;
}

/* The index of a node in the map, which gets it if it has not; or SLOTMAP_NOBODY. */
static uint8_t
index_of(struct slotmap *map, const struct endpoint *node)
{
	for (unsigned i = 0; i < map->n; i++)
		if (endpoint_equal(&map->node[i], node))
			return (uint8_t)i;
	if (map->n == SLOTMAP_NODES_MAX)
		return SLOTMAP_NOBODY;
	map->node[map->n] = *node;
	return (uint8_t)map->n++;
}

/* Read [host, port, ...]; a host that is not known is nil. */
static bool
read_node(struct endpoint *out, const struct redisreply *node, const struct endpoint *from)
{
	const struct redisreply *host = redisreply_at(node, 0, REDISREPLY_STRING);
	const struct redisreply *port = redisreply_at(node, 1, REDISREPLY_INTEGER);
	bool nil = redisreply_at(node, 0, REDISREPLY_NIL) != NULL;

	if (port == NULL || (host == NULL && !nil))
		return false;
	if (host != NULL && strlen(host->text) != host->len)
		return false;
	return redisnode_take(out, nil ? "" : host->text, port->number, from);
}

/* Read [first, last, master, replica...]. */
static bool
read_range(struct slotmap *map, const struct redisreply *range, const struct endpoint *from)
{
	const struct redisreply *first = redisreply_at(range, 0, REDISREPLY_INTEGER);
	const struct redisreply *last = redisreply_at(range, 1, REDISREPLY_INTEGER);
	const struct redisreply *master = redisreply_at(range, 2, REDISREPLY_ARRAY);
	struct endpoint node;
	uint8_t owner;

	if (first == NULL || last == NULL || master == NULL || first->number < 0 ||
	    last->number < first->number || last->number >= REDIS_SLOTS ||
	    !read_node(&node, master, from))
		return false;
	owner = index_of(map, &node);
	memset(map->owner + first->number, owner, (size_t)(last->number - first->number) + 1);
	return owner != SLOTMAP_NOBODY;
}

bool
slotmap_read(struct slotmap *map, const struct redisreply *reply, const struct endpoint *from)
{
	map->n = 0;
	memset(map->owner, SLOTMAP_NOBODY, sizeof(map->owner));
	if (reply->type != REDISREPLY_ARRAY || reply->len > REDIS_SLOTS)
		return false;
	for (size_t i = 0; i < reply->len; i++)
		if (!read_range(map, reply->element[i], from))
			return false;
	return true;
}
