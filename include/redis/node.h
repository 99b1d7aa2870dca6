/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/node.h - a server by its address, as the administrator or another
 * server names it.  Pure.
 *
 * What servers say is not believed further than that: an address in figures, as
 * a name would have to be looked up, and a port.
 */
#ifndef RELAYGUARD_REDIS_NODE_H
#define RELAYGUARD_REDIS_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"

struct redisnode {
	struct ipaddr address;
	uint16_t port;
};

#define REDISNODE_STRLEN (IPADDR_STRLEN + 8) /* "[address]:port" and a NUL */

/* Read "127.0.0.1", "127.0.0.1:6379", "[::1]" or "[::1]:6379". */
bool redisnode_parse(struct redisnode *, const char *text, uint16_t default_port);

/*
 * Take a host and a port from a server.  An empty host, or "?" where it does not
 * know its own, is that of the server that says so.
 */
bool redisnode_take(
    struct redisnode *, const char *host, long long port, const struct redisnode *from);

/* Read the port of a server, a decimal number and nothing else. */
bool redisnode_port(long long *port, const char *text);

bool redisnode_equal(const struct redisnode *, const struct redisnode *);

/* Write it and return out. */
const char *redisnode_format(const struct redisnode *, char out[REDISNODE_STRLEN]);

/* Where a reply sends us. */
struct redirect {
	bool asking; /* for this one question only, which is to begin with ASKING */
	unsigned slot;
	struct redisnode node;
};

#define REDIS_SLOTS 16384 /* of a Cluster */

/*
 * Read "MOVED 3999 127.0.0.1:6381" or "ASK 3999 ::1:6381", said by a server.
 * False: it is neither, or makes no sense.
 */
bool redirect_parse(struct redirect *, const char *error, const struct redisnode *from);

#endif
