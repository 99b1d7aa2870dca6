/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/counter.h - how often things happened since the start.  Any thread.
 *
 * One table names them all: the enum, and the names they are printed under.
 */
#ifndef RELAYGUARD_BASE_COUNTER_H
#define RELAYGUARD_BASE_COUNTER_H

#include <stdint.h>

#define COUNTER_TABLE(X)                    \
	X(SESSIONS, "sessions")             \
	X(BY_POLICY, "by-policy")           \
	X(POLICY_LEFT, "policy-left")       \
	X(PASSED, "passed")                 \
	X(TAGGED, "tagged")                 \
	X(DEFERRED, "deferred")             \
	X(QUARANTINED, "quarantined")       \
	X(REFUSED, "refused")               \
	X(DROPPED, "dropped")               \
	X(SHADOWED, "shadowed")             \
	X(SOFTENED, "softened")             \
	X(MEMORY_HITS, "memory-hits")       \
	X(REDIS_HITS, "redis-hits")         \
	X(REDIS_GARBAGE, "redis-garbage")   \
	X(REDIS_FAILURES, "redis-failures") \
	X(DNS_QUERIES, "dns-queries")       \
	X(DNS_FAILURES, "dns-failures")     \
	X(DNS_GARBAGE, "dns-garbage")       \
	X(LIST_ERRORS, "list-errors")       \
	X(SPF_CHECKS, "spf-checks")         \
	X(SPF_QUESTIONS, "spf-questions")   \
	X(SPF_TEMPERRORS, "spf-temperrors") \
	X(SPF_UNKNOWNS, "spf-unknowns")     \
	X(SPF_DEATHS, "spf-deaths")         \
	X(MTA_GARBAGE, "mta-garbage")       \
	X(LOG_DROPPED, "log-dropped")       \
	X(STORE_ROWS, "store-rows")         \
	X(STORE_DROPPED, "store-dropped")   \
	X(STORE_COPIES, "store-copies")     \
	X(COPIES_REFUSED, "copies-refused") \
	X(PASSES_GRANTED, "passes-granted") \
	X(FLEET_TOLD, "fleet-told")         \
	X(FLEET_HEARD, "fleet-heard")       \
	X(FLEET_DROPPED, "fleet-dropped")   \
	X(DEADLINES, "deadlines")           \
	X(OVERLOADS, "overloads")

enum counter {
#define X(id, name) COUNTER_##id,
	COUNTER_TABLE(X)
#undef X
	    COUNTER_MAX
};

void counter_add(enum counter);
uint64_t counter_get(enum counter);
const char *counter_name(enum counter);

#endif
