/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * upstream/upstream.c - resolvers, made when they are first wanted, and the one Redis.
 * Resolvers are kept for good: there are as many as there are sets of servers.
 */
#include "config.h"

#include "upstream/upstream.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/strbuf.h"
#include "dns/dns.h"
#include "lists/listing.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "redis/redis.h"

#define SERVERS_KEY_MAX 768 /* the servers of a resolver as one text */

struct resolver {
	struct resolver *next;
	struct dns *dns;
	char servers[SERVERS_KEY_MAX];
};

struct upstream {
	struct loop *loop;
	struct resolver *resolvers;
	struct resolver *common;
	struct redis *redis;
	struct redis_options redis_options;
};

/* Settings on their way to the I/O thread. */
struct settings {
	struct upstream *upstream;
	struct call call;
	char *servers[SERVERS_MAX + 1];
	bool use_redis;
	struct redis_options redis;
};

static struct resolver *
resolver_new(struct upstream *u, char *const *servers, const char *key)
{
	struct resolver *r = calloc(1, sizeof(*r));
	char why[128];

	if (r == NULL)
		return NULL;
	strbuf_copy(r->servers, sizeof(r->servers), key);
	if ((r->dns = dns_new(u->loop, servers, why, sizeof(why))) == NULL) {
		log_error(LOG_LEVEL_ERROR, "resolver-failed", why);
		free(r);
		return NULL;
	}
	r->next = u->resolvers;
	u->resolvers = r;
	return r;
}

static struct resolver *
resolver_for(struct upstream *u, char *const *servers)
{
	char key[SERVERS_KEY_MAX];
	struct strbuf sb;

	strbuf_init(&sb, key, sizeof(key));
	for (size_t i = 0; servers[i] != NULL; i++) {
		strbuf_add(&sb, servers[i]);
		strbuf_addc(&sb, ' ');
	}
	for (struct resolver *r = u->resolvers; r != NULL; r = r->next)
		if (strcmp(r->servers, key) == 0)
			return r;
	return resolver_new(u, servers, key);
}

struct dns *
upstream_dns(struct upstream *u, char *const *servers)
{
	struct resolver *r = u->common;

	if (servers[0] != NULL)
		r = resolver_for(u, servers);
	return r != NULL ? r->dns : NULL;
}

struct dns *
upstream_resolver(struct upstream *u)
{
	return u->common != NULL ? u->common->dns : NULL;
}

struct redis *
upstream_redis(struct upstream *u)
{
	return u->redis;
}

/* --- How they are, in one number --- */

#define STATE_REDIS 0x10000    /* there is one, ... */
#define STATE_REDIS_UP 0x20000 /* ... and it answers */
#define STATE_SERVERS_SHIFT 20 /* how many DNS servers; a bit each below for those up */

struct state_question {
	struct upstream *upstream;
	struct promise *promise;
};

static int
state_of(const struct upstream *u)
{
	size_t n = u->common != NULL ? dns_servers(u->common->dns) : 0;
	int state = 0;

	if (n > UPSTREAM_SERVERS_MAX)
		n = UPSTREAM_SERVERS_MAX;
	for (size_t i = 0; i < n; i++)
		if (dns_server_is_up(u->common->dns, i))
			state |= 1 << i;
	if (u->redis != NULL)
		state |= STATE_REDIS | (redis_is_up(u->redis) ? STATE_REDIS_UP : 0);
	return state | (int)n << STATE_SERVERS_SHIFT;
}

static void
tell_state(void *arg)
{
	struct state_question *q = arg;

	promise_keep(&q->promise, state_of(q->upstream));
	free(q);
}

struct promise *
upstream_ask_state(struct upstream *u, struct promises *promises)
{
	struct state_question *q = malloc(sizeof(*q));
	struct promise *promise = q != NULL ? promise_new(promises) : NULL;

	if (promise == NULL) {
		free(q);
		return NULL;
	}
	*q = (struct state_question){u, promise};
	loop_call(u->loop, tell_state, q);
	return promise;
}

unsigned
upstream_state_servers(int state)
{
	return (unsigned)state >> STATE_SERVERS_SHIFT;
}

bool
upstream_state_server_is_up(int state, unsigned server)
{
	return server < UPSTREAM_SERVERS_MAX && ((unsigned)state >> server & 1) != 0;
}

bool
upstream_state_has_redis(int state)
{
	return (state & STATE_REDIS) != 0;
}

bool
upstream_state_redis_is_up(int state)
{
	return (state & STATE_REDIS_UP) != 0;
}

/* What was still asked of it comes back as a miss, and must not find it any more. */
static void
redis_end(struct upstream *u)
{
	struct redis *redis = u->redis;

	u->redis = NULL;
	redis_free(redis);
	redis_options_clear(&u->redis_options);
}

static void
configure_redis(struct upstream *u, struct settings *s)
{
	if (u->redis != NULL && s->use_redis &&
	    redis_options_equal(&u->redis_options, &s->redis))
		return;
	redis_end(u);
	u->redis_options = s->redis;
	s->redis = (struct redis_options){0};
	u->redis = s->use_redis ? redis_new(u->loop, &u->redis_options) : NULL;
}

static void
settings_free(struct settings *s)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		free(s->servers[i]);
	redis_options_clear(&s->redis);
	free(s);
}

static void
configure(void *arg)
{
	struct settings *s = arg;
	struct upstream *u = s->upstream;
	struct resolver *before = u->common;

	u->common = resolver_for(u, s->servers);
	if (u->common == NULL)
		u->common = before;
	else if (u->common == before && s->servers[0] == NULL)
		dns_refresh(u->common->dns);
	configure_redis(u, s);
	settings_free(s);
}

void
upstream_configure(struct upstream *u, char *const *servers, const struct redis_options *redis)
{
	struct settings *s = calloc(1, sizeof(*s));
	bool good = s != NULL;

	for (size_t i = 0; good && servers != NULL && servers[i] != NULL; i++)
		good = (s->servers[i] = strdup(servers[i])) != NULL;
	if (good && redis != NULL)
		good = s->use_redis = redis_options_copy(&s->redis, redis);
	if (good) {
		s->upstream = u;
		loop_post(u->loop, &s->call, configure, s);
		return;
	}
	log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "setting-up-DNS-and-Redis");
	if (s != NULL)
		settings_free(s);
}

struct upstream *
upstream_new(struct loop *loop)
{
	struct upstream *u = calloc(1, sizeof(*u));

	if (u != NULL)
		u->loop = loop;
	return u;
}

void
upstream_free(struct upstream *u)
{
	struct resolver *r;

	if (u == NULL)
		return;
	/* Redis first: its misses may still ask the resolvers. */
	redis_end(u);
	u->common = NULL;
	while ((r = u->resolvers) != NULL) {
		u->resolvers = r->next;
		dns_free(r->dns);
		free(r);
	}
	free(u);
}
