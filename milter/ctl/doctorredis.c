/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorredis.c - each server by a connection of its own, which waits: the daemon's
 * client, which must not, hides what is wrong until it is asked.
 */
#include "config.h"

#include "ctl/doctorredis.h"

#include <hiredis/hiredis.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "redis/tls.h"

#define PINGS 5
#define PATIENCE_MS 2000 /* more than the daemon has: how late an answer is, is a finding */
#define SKEW_MAX_S 5
#define WHY_MAX 256
#define INFO_MAX 64 /* bytes of a value in INFO that are looked at */

/* A server, and what is said of it. */
struct server {
	struct machine *m;
	const struct redis_options *o;
	struct endpoint at; /* where it is not the one at path or localhost */
	bool is_seed;
	char name[REDIS_SERVER_MAX];
	redisContext *context;
};

static struct timeval
as_time(int64_t ms)
{
	return (struct timeval){.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
}

static int64_t
patience(const struct server *s)
{
	int64_t left = machine_until(s->m, PATIENCE_MS) - clock_ms();

	return left > 0 ? left : 1;
}

static redisContext *
dial(const struct server *s)
{
	char host[IPADDR_STRLEN];
	struct timeval until = as_time(patience(s));

	if (s->o->path != NULL && !s->is_seed)
		return redisConnectUnixWithTimeout(s->o->path, until);
	if (!s->is_seed)
		return redisConnectWithTimeout(s->o->host, s->o->port, until);
	ipaddr_format(&s->at.address, host);
	return redisConnectWithTimeout(host, s->at.port, until);
}

/* A reply that is no error, or NULL, with what is wrong in why. */
static redisReply *
command(const struct server *s, char *why, size_t size, int argc, const char **argv)
{
	redisReply *reply = redisCommandArgv(s->context, argc, argv, NULL);

	if (reply == NULL) {
		bool late = s->context->err == REDIS_ERR_IO && errno == EAGAIN;

		(void)strbuf_fail(why, size, "%s",
		    late ? "it accepts, and does not answer" : s->context->errstr);
		return NULL;
	}
	if (reply->type != REDIS_REPLY_ERROR)
		return reply;
	(void)strbuf_fail(why, size, "%s", reply->str);
	freeReplyObject(reply);
	return NULL;
}

#define COMMAND(s, why, ...)                                                                 \
	command(s, why, sizeof(why), sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
	    (const char *[]){__VA_ARGS__})

static bool
log_in(const struct server *s, const char *user, const char *password, char why[WHY_MAX])
{
	const char *argv[] = {"AUTH", user != NULL ? user : password, password};
	redisReply *reply;

	if (password == NULL)
		return true;
	reply = command(s, why, WHY_MAX, user != NULL ? 3 : 2, argv);
	if (reply != NULL)
		freeReplyObject(reply);
	return reply != NULL;
}

static bool
begin_tls(const struct server *s, char why[WHY_MAX])
{
	struct redistls *tls;
	bool good;

	if (!s->o->tls)
		return true;
	tls = redistls_new(s->o->tls_ca, s->o->tls_cert, s->o->tls_key, why, WHY_MAX);
	if (tls == NULL)
		return false;
	good = redistls_begin(tls, s->context);
	if (!good)
		(void)strbuf_fail(why, WHY_MAX, "TLS: %s", s->context->errstr);
	redistls_free(tls); /* a connection keeps what it needs */
	return good;
}

/* Connect, log in and ping; false: said. */
static bool
open_server(struct server *s, const char *user, const char *password)
{
	char why[WHY_MAX] = "out of memory";
	redisReply *pong = NULL;

	s->context = dial(s);
	if (s->context != NULL && s->context->err != 0)
		(void)strbuf_fail(why, sizeof(why), "%s", s->context->errstr);
	else if (s->context != NULL && begin_tls(s, why)) {
		(void)redisSetTimeout(s->context, as_time(patience(s)));
		if (log_in(s, user, password, why))
			pong = COMMAND(s, why, "PING");
	}
	if (pong != NULL) {
		freeReplyObject(pong);
		return true;
	}
	machine_add(s->m, FINDING_ERROR, "redis",
	    "see that it runs, and that redis, user and password_file of cache in relayguard.conf "
	    "are right; mail goes on without it",
	    "%s: %s", s->name, why);
	return false;
}

static void
close_server(struct server *s)
{
	if (s->context != NULL)
		redisFree(s->context);
	s->context = NULL;
}

/* Copy the value of "name:value" in INFO; false: it is not there. */
static bool
read_info(const char *info, const char *name, char out[INFO_MAX])
{
	size_t len = strlen(name), n;

	for (const char *line = info; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		line += len + 1;
		n = strcspn(line, "\r\n");
		n = n < INFO_MAX - 1 ? n : INFO_MAX - 1;
		memcpy(out, line, n);
		out[n] = '\0';
		return true;
	}
	return false;
}

static int64_t
info_number(const char *info, const char *name)
{
	char text[INFO_MAX];
	const char *at = text;

	return read_info(info, name, text) ? number_read(&at, INT64_C(100000000000000000)) : -1;
}

/* What happens when memory is at its limit. */
static void
look_at_memory(const struct server *s, const char *info)
{
	char policy[INFO_MAX];
	int64_t max = info_number(info, "maxmemory"), used = info_number(info, "used_memory");

	if (!read_info(info, "maxmemory_policy", policy))
		machine_add(s->m, FINDING_UNSEEN, "redis-memory", NULL,
		    "%s: its INFO has no maxmemory_policy", s->name);
	else if (max > 0 && strcmp(policy, "noeviction") == 0)
		machine_add(s->m, FINDING_WARNING, "redis-memory",
		    "maxmemory-policy allkeys-lru in redis.conf, or one for keys with a TTL alone if "
		    "others keep there what must not be lost",
		    "%s: maxmemory-policy is noeviction: once its %" PRId64
		    " bytes are full (%d %% now) nothing new is kept",
		    s->name, max, (int)(100 * (used < 0 ? 0 : used) / max));
	else
		machine_add(s->m, FINDING_OK, "redis-memory", NULL,
		    "%s: maxmemory %" PRId64 " bytes%s, maxmemory-policy %s", s->name, max,
		    max == 0 ? " (no limit)" : "", policy);
}

/* Nobody can write to a replica. */
static void
look_at_role(const struct server *s, const char *info)
{
	char role[INFO_MAX];

	if (s->o->kind == REDIS_SINGLE && read_info(info, "role", role) &&
	    strcmp(role, "slave") == 0)
		machine_add(s->m, FINDING_ERROR, "redis-role",
		    "have redis in relayguard.conf name the master, or sentinels that know it",
		    "%s is a replica: nothing can be written to it", s->name);
}

static void
look_at_info(const struct server *s)
{
	char why[WHY_MAX], version[INFO_MAX] = "of unknown version";
	redisReply *info = COMMAND(s, why, "INFO");

	if (info == NULL || info->str == NULL) {
		machine_add(s->m, FINDING_UNSEEN, "redis-memory", NULL,
		    "%s: INFO is refused to us: %s", s->name, info == NULL ? why : "nonsense");
	} else {
		(void)read_info(info->str, "redis_version", version);
		machine_add(s->m, FINDING_OK, "redis", NULL, "%s answers, version %s", s->name,
		    version);
		look_at_role(s, info->str);
		look_at_memory(s, info->str);
	}
	if (info != NULL)
		freeReplyObject(info);
}

static void
look_at_latency(const struct server *s)
{
	int64_t best = PATIENCE_MS;
	char why[WHY_MAX];

	for (int i = 0; i < PINGS; i++) {
		int64_t began = clock_ms(), took;
		redisReply *pong = COMMAND(s, why, "PING");

		took = pong != NULL ? clock_ms() - began : PATIENCE_MS;
		if (pong != NULL)
			freeReplyObject(pong);
		best = took < best ? took : best;
		if (pong == NULL)
			break; /* the connection is done with */
	}
	if (best > s->o->command_ms / 2)
		machine_add(s->m, FINDING_WARNING, "redis-latency",
		    "use one that is nearer, or less busy: redis-cli --latency, SLOWLOG GET",
		    "%s takes %" PRId64
		    " ms at best for a PING, and relayguard waits for %" PRId64,
		    s->name, best, s->o->command_ms);
	else
		machine_add(s->m, FINDING_OK, "redis-latency", NULL,
		    "%s answers within %" PRId64 " ms", s->name, best);
}

static void
look_at_clock(const struct server *s)
{
	char why[WHY_MAX];
	redisReply *reply = COMMAND(s, why, "TIME");
	const char *text = NULL;
	int64_t there = -1, skew;

	if (reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2)
		text = reply->element[0]->str;
	if (text != NULL)
		there = number_read(&text, INT64_C(100000000000));
	if (reply != NULL)
		freeReplyObject(reply);
	skew = there - clock_wall();
	if (there < 0)
		machine_add(s->m, FINDING_UNSEEN, "redis-clock", NULL,
		    "%s: TIME is refused to us", s->name);
	else if (llabs(skew) > SKEW_MAX_S)
		machine_add(s->m, FINDING_WARNING, "redis-clock",
		    "have both keep time by NTP: chronyc tracking, timedatectl",
		    "%s: its clock is %" PRId64 " s %s ours", s->name, (int64_t)llabs(skew),
		    skew > 0 ? "ahead of" : "behind");
	else
		machine_add(s->m, FINDING_OK, "redis-clock", NULL, "%s has our time", s->name);
}

#define TRIAL "rg1:{doctor}" /* nobody has that key: none of the commands changes anything */

/* What the daemon needs, so that it does nothing. */
static const struct {
	int argc;
	const char *argv[6];
} needed[] = {
    {2, {"GET", TRIAL}},
    {2, {"PTTL", TRIAL}},
    {6, {"SET", TRIAL, "", "EX", "1", "XX"}},
    {4, {"EVAL", "return 1", "1", TRIAL}},
    {2, {"DEL", TRIAL}},
    {6, {"XADD", TRIAL, "NOMKSTREAM", "*", "r", "x"}},
    {4, {"XRANGE", TRIAL, "-", "-"}},
    {4, {"XREVRANGE", TRIAL, "-", "-"}},
    {3, {"EXPIRE", TRIAL, "1"}},
};

/* A user that lacks a right has what it needs it for go wrong, and nothing else. */
static void
look_at_rights(const struct server *s)
{
	char why[WHY_MAX], lacks[WHY_MAX] = "";
	struct strbuf sb;

	strbuf_init(&sb, lacks, sizeof(lacks));
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		const char *argv[6];
		redisReply *reply;

		memcpy(argv, needed[i].argv, sizeof(argv));
		reply = command(s, why, sizeof(why), needed[i].argc, argv);
		if (reply != NULL)
			freeReplyObject(reply);
		else if (strncmp(why, "NOPERM", 6) == 0)
			strbuf_addf(&sb, "%s%s", lacks[0] != '\0' ? ", " : "", argv[0]);
	}
	if (lacks[0] != '\0')
		machine_add(s->m, FINDING_ERROR, "redis-rights",
		    "give the user the ACL that stands in relayguard.conf(5) at cache",
		    "%s: this user may not use %s for keys of rg1:*", s->name, lacks);
	else
		machine_add(s->m, FINDING_OK, "redis-rights", NULL,
		    "%s: this user may do what it needs", s->name);
}

/* A Cluster that misses slots, or most of its nodes, answers nobody. */
static void
look_at_cluster(const struct server *s)
{
	char why[WHY_MAX], state[INFO_MAX] = "not told";
	redisReply *info;

	if (s->o->kind != REDIS_CLUSTER)
		return;
	info = COMMAND(s, why, "CLUSTER", "INFO");
	if (info == NULL || info->str == NULL)
		machine_add(s->m, FINDING_UNSEEN, "redis-cluster", NULL,
		    "%s: CLUSTER INFO is refused to us: %s", s->name,
		    info == NULL ? why : "nonsense");
	else if (read_info(info->str, "cluster_state", state) && strcmp(state, "ok") == 0)
		machine_add(s->m, FINDING_OK, "redis-cluster", NULL, "%s: the Cluster is whole",
		    s->name);
	else
		machine_add(s->m, FINDING_ERROR, "redis-cluster",
		    "see what it misses: redis-cli --cluster check ADDRESS:PORT",
		    "%s: the state of the Cluster is \"%s\"", s->name, state);
	if (info != NULL)
		freeReplyObject(info);
}

static void
look_at_server(struct server *s)
{
	if (machine_is_late(s->m, "redis", s->name))
		return;
	if (open_server(s, s->o->user, s->o->password)) {
		look_at_info(s);
		look_at_rights(s);
		look_at_cluster(s);
		look_at_latency(s);
		look_at_clock(s);
	}
	close_server(s);
}

/* Have the master of a service named by a Sentinel; false: said. */
static bool
ask_sentinel(struct server *s, struct endpoint *master)
{
	char why[WHY_MAX] = "it knows no such service";
	redisReply *reply;
	bool found;

	reply = COMMAND(s, why, "SENTINEL", "get-master-addr-by-name", s->o->service);
	found = reply != NULL && reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 &&
	    reply->element[0]->str != NULL && reply->element[1]->str != NULL &&
	    redisnode_take(
		master, reply->element[0]->str, redisnode_port(reply->element[1]->str), &s->at);
	if (reply != NULL)
		freeReplyObject(reply);
	if (found)
		machine_add(s->m, FINDING_OK, "redis-sentinel", NULL,
		    "the Sentinel %s knows the master of %s", s->name, s->o->service);
	else
		machine_add(s->m, FINDING_ERROR, "redis-sentinel",
		    "see what it has: redis-cli -p 26379 SENTINEL masters",
		    "the Sentinel %s names no master of %s: %s", s->name, s->o->service, why);
	return found;
}

static void
be_seed(struct server *s, const struct endpoint *at)
{
	char text[ENDPOINT_STRLEN];

	s->is_seed = true;
	s->at = *at;
	(void)strbuf_copy(s->name, sizeof(s->name), endpoint_format(at, text));
}

static void
look_at_sentinels(struct server *s)
{
	struct endpoint master;
	bool found = false;

	for (unsigned i = 0; i < s->o->nseeds; i++) {
		be_seed(s, &s->o->seed[i]);
		if (machine_is_late(s->m, "redis-sentinel", s->name))
			break;
		if (open_server(s, NULL, s->o->sentinel_password))
			found = ask_sentinel(s, &master) || found;
		close_server(s);
	}
	if (found) {
		be_seed(s, &master);
		look_at_server(s);
	}
}

void
doctorredis_look(struct machine *m)
{
	struct server s = {.m = m};

	if (m->conf == NULL) {
		machine_add(m, FINDING_UNSEEN, "redis", NULL, MACHINE_NEEDS_CONF);
		return;
	}
	if (!m->conf->use_redis)
		return;
	s.o = &m->conf->redis;
	(void)redis_options_server(s.o, s.name);
	if (s.o->kind == REDIS_SENTINEL)
		look_at_sentinels(&s);
	else if (s.o->kind == REDIS_SINGLE)
		look_at_server(&s);
	for (unsigned i = 0; s.o->kind == REDIS_CLUSTER && i < s.o->nseeds; i++) {
		be_seed(&s, &s.o->seed[i]);
		look_at_server(&s);
		machine_tick(m);
	}
}
