/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/caches.h - the verb "cache": what is kept of an address or a name, and that it is
 * kept no more, as relayguardctl(8) has it.  A thread of the client's; waits for Redis.
 */
#ifndef RELAYGUARD_CONTROL_CACHES_H
#define RELAYGUARD_CONTROL_CACHES_H

#include <stddef.h>

#include "control/operand.h"
#include "control/server.h"
#include "lookup/known.h"

/* Its arg is a struct verbs_context (control/status.h). */
server_verb_fn verb_cache;

/* What a flush came to. */
struct caches_flushed {
	size_t memory;
	unsigned shared;
	enum known_redis redis; /* KNOWN_NO_REDIS, too, where it was not asked */
};

/* Forget the facts about an operand here, and, if wanted, in Redis. */
struct caches_flushed caches_flush(
    const struct known_places *, struct roster *, const struct operand *, bool shared);

/* What became of Redis, in a word: "none", "down" or "answered". */
const char *caches_redis_name(enum known_redis);

#endif
