/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/node.h - a server by its address, as another server names it.  Pure.
 *
 * What servers say is not believed further than that: an address in figures, as
 * a name would have to be looked up, and a port.
 */
#ifndef RELAYGUARD_REDIS_NODE_H
#define RELAYGUARD_REDIS_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/endpoint.h"

/*
 * Take a host and a port from a server.  An empty host, or "?" where it does not
 * know its own, is that of the server that says so.
 */
bool redisnode_take(
    struct endpoint *, const char *host, long long port, const struct endpoint *from);

/* Read the port of a server, a decimal number and nothing else; below 1: it is none. */
int64_t redisnode_port(const char *text);

/* Where a reply sends us. */
struct redirect {
	bool asking; /* for this one question only, which is to begin with ASKING */
	unsigned slot;
	struct endpoint node;
};

#define REDIS_SLOTS 16384 /* of a Cluster */

/*
 * Read "MOVED 3999 127.0.0.1:6381" or "ASK 3999 ::1:6381", said by a server.
 * False: it is neither, or makes no sense.
 */
bool redirect_parse(struct redirect *, const char *error, const struct endpoint *from);

#endif
