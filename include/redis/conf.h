/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/conf.h - where Redis is, and how to talk to it.  Any thread,
 * never blocks.
 */
#ifndef RELAYGUARD_REDIS_CONF_H
#define RELAYGUARD_REDIS_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/node.h"

#define REDIS_SEEDS_MAX 16

enum redis_kind {
	REDIS_SINGLE,   /* the one at host or path */
	REDIS_SENTINEL, /* the master of a service, as Sentinels name it */
	REDIS_CLUSTER   /* the nodes of a Cluster */
};

struct redis_options {
	enum redis_kind kind;
	char *host; /* an address, or "localhost"; NULL: path is set, or it is not one alone */
	uint16_t port;
	char *path; /* of a unix socket */
	unsigned db;
	unsigned nseeds; /* Sentinels, or nodes of a Cluster to begin with */
	struct endpoint seed[REDIS_SEEDS_MAX];
	char *service;           /* as the Sentinels know it; else NULL */
	char *sentinel_password; /* or NULL */
	char *user;              /* ACL user, or NULL */
	char *password;          /* or NULL */
	bool tls;
	char *tls_ca;             /* a file with the certificate of the authority */
	char *tls_cert, *tls_key; /* files with ours, or NULL */
	uint32_t tls_sum;         /* of what was in these files */
	int64_t connect_ms;       /* patience with a connection, and with a command */
	int64_t command_ms;
};

/*
 * Read "redis://127.0.0.1:6379/0", "redis://[::1]:6379", "unix:/run/redis.sock"
 * or "unix:/run/redis.sock?db=1" into host, port, path, db; rediss:// is TLS.
 * Names but "localhost" are refused: looking them up would block.  False: why
 * says what is wrong.
 */
bool redis_options_parse(struct redis_options *, const char *url, char *why, size_t whysize);

/* Add a Sentinel or a node of a Cluster, whichever it is.  False: no address, or too many. */
bool redis_options_seed(struct redis_options *, const char *text, char *why, size_t whysize);

/* Copy, compare, and free what the options hold (not the struct itself). */
bool redis_options_copy(struct redis_options *, const struct redis_options *);
bool redis_options_equal(const struct redis_options *, const struct redis_options *);
void redis_options_clear(struct redis_options *);

#define REDIS_SERVER_MAX 128 /* the longest path of a socket with "unix:" and a NUL */

/*
 * Write where it is, "127.0.0.1:6379", "unix:/run/redis.sock", the name of the
 * service or the first node, and return out.
 */
const char *redis_options_server(const struct redis_options *, char out[REDIS_SERVER_MAX]);

#endif
