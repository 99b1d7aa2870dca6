/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/route.c - sends a question on its way and, in a Cluster, after it where
 * nodes redirect it: twice at most, and never past its deadline.
 */
#include "config.h"

#include "redis/route.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/breaker.h"
#include "base/clock.h"
#include "base/log.h"
#include "loop/loop.h"
#include "redis/cluster.h"
#include "redis/sentinel.h"
#include "redis/tls.h"

#define HOPS_MAX 2
#define SLACK_MS 5 /* what it may take from the question to its link */

struct redisroute {
	struct loop *loop;
	struct redis_options options;
	struct redistls *tls;
	struct redislink *link; /* the only one, or the master; NULL: not yet known */
	struct sentinel *sentinel;
	struct cluster *cluster;
	bool ending;
};

/* A question on its way. */
struct request {
	struct redisroute *route;
	redisroute_done *done; /* NULL: it has been done without a reply */
	void *arg;
	struct timer *late; /* when it is; NULL: the patience of its link will do */
	unsigned hops, slot;
	int64_t deadline;
	struct redisreply_limits limits;
	size_t argc;
	char *argv[]; /* its own copies, where it may be redirected */
};

/* --- Requests --- */

static void
request_free(struct request *q)
{
	timer_free(q->late);
	for (size_t i = 0; i < q->argc; i++)
		free(q->argv[i]);
	free(q);
}

static struct request *
request_new(struct redisroute *route, const struct redisroute_question *question,
    redisroute_done *done, void *arg)
{
	size_t argc = route->cluster != NULL ? question->argc : 0;
	struct request *q = calloc(1, sizeof(*q) + argc * sizeof(q->argv[0]));
	bool good = q != NULL;

	if (q == NULL)
		return NULL;
	q->route = route;
	q->done = done;
	q->arg = arg;
	q->slot = question->slot;
	q->deadline = question->deadline;
	q->limits = question->limits;
	q->argc = argc;
	for (size_t i = 0; good && i < argc; i++)
		good = (q->argv[i] = strdup(question->argv[i])) != NULL;
	if (good)
		return q;
	request_free(q);
	return NULL;
}

static void
on_late(void *arg)
{
	struct request *q = arg;
	redisroute_done *done = q->done;

	/* The link has yet to be done with it. */
	q->done = NULL;
	if (done != NULL)
		(void)done(q->arg, NULL, NULL);
}

/* A link has all of its patience: this question may have less. */
static bool
set_late(struct request *q)
{
	int64_t left = q->deadline - clock_ms();

	if (q->late != NULL || left + SLACK_MS >= q->route->options.command_ms)
		return true;
	if (left <= 0 || (q->late = timer_new(q->route->loop, on_late, q)) == NULL)
		return false;
	timer_start(q->late, left);
	return true;
}

static const char *on_reply(void *, struct redislink *, const struct redisreply *);

/* Whether the reply sends it elsewhere, and it is on its way there. */
static bool
follow(struct request *q, const struct redislink *from, const struct redisreply *reply)
{
	static const struct redisreply_limits none = {0, 0};
	struct redislink *to;
	struct redirect redirect;

	if (reply->type != REDISREPLY_ERROR || q->hops == HOPS_MAX ||
	    !redirect_parse(&redirect, reply->text, redislink_node(from)) ||
	    redirect.slot != q->slot || !set_late(q))
		return false;
	to = cluster_follow(q->route->cluster, &redirect);
	if (to == NULL)
		return false;
	q->hops++;
	if (redirect.asking &&
	    !redislink_ask(to, &none, 1, (const char *[]){"ASKING"}, NULL, NULL))
		return false;
	return redislink_ask(
	    to, &q->limits, q->argc, (const char *const *)q->argv, on_reply, q);
}

/* What else an error says of the way. */
static const char *
learn(struct redisroute *route, const struct redisreply *reply)
{
	if (route->cluster != NULL && redisreply_is_error(reply, "CLUSTERDOWN"))
		cluster_doubt(route->cluster);
	if (route->sentinel != NULL && redisreply_is_error(reply, "READONLY"))
		return "it is no master any more";
	return NULL;
}

static const char *
on_reply(void *arg, struct redislink *link, const struct redisreply *reply)
{
	struct request *q = arg;
	struct redisroute *route = q->route;
	const char *wrong = NULL;

	if (q->done != NULL && reply != NULL && route->cluster != NULL &&
	    follow(q, link, reply))
		return NULL;
	if (q->done != NULL)
		wrong = q->done(q->arg, redislink_name(link), reply);
	request_free(q);
	if (wrong == NULL && reply != NULL)
		wrong = learn(route, reply);
	return wrong;
}

bool
redisroute_ask(struct redisroute *route, const struct redisroute_question *question,
    redisroute_done *done, void *arg)
{
	struct redislink *link = route->link;
	struct request *q;

	assert(question->argc <= REDISROUTE_ARGC_MAX);
	if (route->ending)
		return false;
	if (route->cluster != NULL)
		link = cluster_pick(route->cluster, question->slot);
	if (link == NULL || (question->now && !redislink_up(link)) ||
	    (q = request_new(route, question, done, arg)) == NULL)
		return false;
	if (set_late(q) &&
	    redislink_ask(link, &q->limits, question->argc, question->argv, on_reply, q))
		return true;
	request_free(q);
	return false;
}

bool
redisroute_is_split(const struct redisroute *route)
{
	return route->cluster != NULL;
}

/* --- Where to --- */

static void
on_master_notice(void *arg, bool up)
{
	struct redisroute *route = arg;

	if (route->sentinel != NULL)
		sentinel_content(route->sentinel, up);
}

/* The only one there is, or, if node is not NULL, the master. */
static struct redislink *
link_to(struct redisroute *route, const struct endpoint *node)
{
	const struct redis_options *o = &route->options;
	struct endpoint own = {.port = o->port};
	char name[REDIS_SERVER_MAX];
	struct redislink_spec spec = {
	    .name = node != NULL ? endpoint_format(node, name) : redis_options_server(o, name),
	    .node = node,
	    .path = o->path,
	    .user = o->user,
	    .password = o->password,
	    .db = o->db,
	    .master = node != NULL,
	    .tls = route->tls,
	    .connect_ms = o->connect_ms,
	    .command_ms = o->command_ms,
	    .notice = on_master_notice,
	    .arg = route,
	};

	/* A name would have to be looked up, but for this one. */
	if (node == NULL && o->path == NULL) {
		(void)ipaddr_parse(
		    &own.address, strcmp(o->host, "localhost") == 0 ? "127.0.0.1" : o->host);
		spec.node = &own;
	}
	return redislink_new(route->loop, &spec);
}

static void
on_found(void *arg, const struct endpoint *node)
{
	struct redisroute *route = arg;
	struct redislink *old = route->link;
	char name[ENDPOINT_STRLEN];
	struct logline line;

	if (old != NULL && endpoint_equal(redislink_node(old), node))
		return;
	sentinel_content(route->sentinel, false);
	route->link = link_to(route, node);
	redislink_free(old);
	logline_event(&line, "redis-master");
	logline_str(&line, "server", endpoint_format(node, name));
	logline_str(&line, "service", route->options.service);
	logline_end(&line, LOG_LEVEL_INFO);
}

static bool
begin_tls(struct redisroute *route)
{
	const struct redis_options *o = &route->options;
	char server[REDIS_SERVER_MAX], why[128] = "";
	struct breaker breaker;

	if (!o->tls)
		return true;
	route->tls = redistls_new(o->tls_ca, o->tls_cert, o->tls_key, why, sizeof(why));
	if (route->tls != NULL)
		return true;
	/* The files were good when they were read, and are not any more. */
	breaker_init(&breaker, "redis", redis_options_server(o, server));
	(void)breaker_fail(&breaker, why);
	return false;
}

static bool
begin(struct redisroute *route)
{
	const struct redis_options *o = &route->options;

	/* Then nobody is asked: never without TLS where it was wanted. */
	if (!begin_tls(route))
		return true;
	switch (o->kind) {
	case REDIS_SINGLE:
		route->link = link_to(route, NULL);
		break;
	case REDIS_SENTINEL:
		route->sentinel = sentinel_new(route->loop, o, route->tls, on_found, route);
		break;
	case REDIS_CLUSTER:
		route->cluster = cluster_new(route->loop, o, route->tls);
		break;
	}
	return route->link != NULL || route->sentinel != NULL || route->cluster != NULL;
}

struct redisroute *
redisroute_new(struct loop *loop, const struct redis_options *options)
{
	struct redisroute *route = calloc(1, sizeof(*route));

	if (route == NULL)
		return NULL;
	route->loop = loop;
	if (!redis_options_copy(&route->options, options) || !begin(route)) {
		redisroute_free(route);
		return NULL;
	}
	return route;
}

void
redisroute_free(struct redisroute *route)
{
	if (route == NULL)
		return;
	route->ending = true;
	redislink_free(route->link);
	sentinel_free(route->sentinel);
	cluster_free(route->cluster);
	redistls_free(route->tls);
	redis_options_clear(&route->options);
	free(route);
}
