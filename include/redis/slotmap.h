/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/slotmap.h - which node of a Redis Cluster has which slot, and which slot a key
 * is in.  Pure.
 */
#ifndef RELAYGUARD_REDIS_SLOTMAP_H
#define RELAYGUARD_REDIS_SLOTMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "redis/node.h"
#include "redis/reply.h"

#define SLOTMAP_NODES_MAX 64
#define SLOTMAP_NOBODY UINT8_MAX

struct slotmap {
	unsigned n;
	struct endpoint node[SLOTMAP_NODES_MAX];
	uint8_t owner[REDIS_SLOTS]; /* of a slot, by its index in node; or SLOTMAP_NOBODY */
};

/*
 * The slot of a key: by what stands between the first { and the } after it, if
 * there is anything, else by the whole.
 */
unsigned slotmap_slot(const char *key);

/*
 * Read a server's reply to CLUSTER SLOTS.  False: it is none, or names too many
 * masters; what it then has written is of no use.
 */
bool slotmap_read(struct slotmap *, const struct redisreply *, const struct endpoint *from);

#endif
