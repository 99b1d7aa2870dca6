/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis.c - one connection to Redis, driven by the loop with deadlines of our
 * own, as hiredis times single reads and bounds no reply.  Whatever goes wrong
 * ends the connection: one that owes a reply is never used again.
 */
#include "config.h"

#include "redis.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "breaker.h"
#include "clock.h"
#include "counter.h"
#include "loop.h"
#include "rediserror.h"

#define UNPARSED_MAX 65536 /* bytes of a reply that hiredis may hold */
#define PENDING_MAX 4096   /* commands without a reply; beyond are misses */

/* hiredis counts the elements of an array in two ways. */
#if HIREDIS_MAJOR >= 1
#define ELEMENTS size_t
#else
#define ELEMENTS int
#endif

/* A command that has no reply yet. */
struct command {
	STAILQ_ENTRY(command) next;
	const char *name;
	const char *wants; /* the status that is its good reply; NULL: an array of n values */
	bool may_be_nil;   /* or none: there was a value before */
	size_t n;
	redis_done *done; /* or NULL */
	void *arg;
	int64_t deadline;
};

STAILQ_HEAD(queue, command);

struct redis {
	struct loop *loop;
	struct redis_options options;
	redisContext *context; /* NULL: no connection, and down */
	redisReplyObjectFunctions functions;
	void *(*create_array)(const redisReadTask *, ELEMENTS); /* hiredis's own */
	struct event *readable, *writable;
	bool greeted; /* AUTH, SELECT and PING went well on this connection */
	bool proven;  /* and so did a command that followed */
	struct breaker breaker;
	struct timer *retry, *patience, *soon;
	int64_t alarm;        /* the deadline patience runs to; 0: it does not run */
	struct queue pending; /* in the order sent, which is that of their deadlines */
	size_t npending;
	struct queue missed; /* answered by soon */
	struct rediserrors errors;
};

static const struct redis_value misses[REDIS_KEYS_MAX];

static void connect_now(void *);

static void
answer(struct command *c, const struct redis_value *values)
{
	if (c->done != NULL)
		c->done(c->arg, c->n, values);
	free(c);
}

static void
answer_missed(void *arg)
{
	struct redis *r = arg;
	struct queue missed = STAILQ_HEAD_INITIALIZER(missed);
	struct command *c;

	/* Those that come while these are answered wait for the next turn. */
	STAILQ_CONCAT(&missed, &r->missed);
	while ((c = STAILQ_FIRST(&missed)) != NULL) {
		STAILQ_REMOVE_HEAD(&missed, next);
		answer(c, misses);
	}
}

static void
disconnect(struct redis *r)
{
	if (r->readable != NULL)
		event_free(r->readable);
	if (r->writable != NULL)
		event_free(r->writable);
	if (r->context != NULL)
		redisFree(r->context);
	r->readable = r->writable = NULL;
	r->context = NULL;
	r->greeted = r->proven = false;
	timer_stop(r->patience);
	r->alarm = 0;
	STAILQ_CONCAT(&r->missed, &r->pending);
	r->npending = 0;
	timer_start(r->soon, 0);
}

/* End the connection and try again later. */
static void
fail(struct redis *r, const char *reason)
{
	int64_t delay = breaker_fail(&r->breaker, reason);

	counter_add(COUNTER_REDIS_FAILURES);
	disconnect(r);
	timer_start(r->retry, delay);
}

static void
fail_nonsense(struct redis *r, const char *name)
{
	char reason[64];

	counter_add(COUNTER_REDIS_GARBAGE);
	(void)snprintf(reason, sizeof(reason), "%s answered nonsense", name);
	fail(r, reason);
}

/* The server has gone.  One that closes an idle connection is asked for another. */
static void
lose(struct redis *r)
{
	if (!r->proven || !STAILQ_EMPTY(&r->pending)) {
		fail(r, r->context->errstr);
		return;
	}
	disconnect(r);
	connect_now(r);
}

static void
set_alarm(struct redis *r, int64_t deadline)
{
	r->alarm = deadline;
	timer_start(r->patience, deadline - clock_ms());
}

static void
on_patience(void *arg)
{
	struct redis *r = arg;
	const struct command *first = STAILQ_FIRST(&r->pending);
	int64_t due = r->alarm;

	r->alarm = 0;
	if (first == NULL)
		return;
	if (first->deadline > due)
		set_alarm(r, first->deadline);
	else
		fail(r, "no answer in time");
}

static struct command *
command_new(const char *name, const char *wants)
{
	struct command *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		c->name = name;
		c->wants = wants;
	}
	return c;
}

static void
append(struct redis *r, struct command *c, size_t argc, const char **argv, int64_t patience)
{
	c->deadline = clock_ms() + patience;
	/* What has to come before it has no more time than it has: the greeting. */
	for (struct command *p = STAILQ_FIRST(&r->pending);
	     p != NULL && p->deadline > c->deadline; p = STAILQ_NEXT(p, next))
		p->deadline = c->deadline;
	STAILQ_INSERT_TAIL(&r->pending, c, next);
	r->npending++;
	if (r->alarm == 0 || r->alarm > c->deadline)
		set_alarm(r, c->deadline);
	if (redisAppendCommandArgv(r->context, (int)argc, argv, NULL) != REDIS_OK ||
	    event_add(r->writable, NULL) != 0)
		fail(r, "out of memory");
}

static void
greet(struct redis *r, const char *wants, size_t argc, const char **argv)
{
	struct command *c;

	if (r->context == NULL)
		return;
	c = command_new(argv[0], wants);
	if (c == NULL)
		fail(r, "out of memory");
	else
		append(r, c, argc, argv, r->options.connect_ms);
}

static void
greet_all(struct redis *r)
{
	const struct redis_options *o = &r->options;
	const char *argv[3] = {"AUTH"};
	size_t argc = 1;
	char db[12];

	if (o->user != NULL)
		argv[argc++] = o->user;
	argv[argc++] = o->password != NULL ? o->password : "";
	if (o->user != NULL || o->password != NULL)
		greet(r, "OK", argc, argv);
	(void)snprintf(db, sizeof(db), "%u", o->db);
	if (o->db != 0)
		greet(r, "OK", 2, (const char *[]){"SELECT", db});
	greet(r, "PONG", 1, (const char *[]){"PING"});
}

static bool
is_status(const redisReply *reply, const char *text)
{
	return reply->type == REDIS_REPLY_STATUS && strcmp(reply->str, text) == 0;
}

static void
take_greeting(struct redis *r, const struct command *c, const redisReply *reply)
{
	char reason[64];

	if (reply->type == REDIS_REPLY_ERROR) {
		(void)snprintf(reason, sizeof(reason), "%s answered %s", c->name,
		    rediserror_word(reply->str));
		fail(r, reason);
	} else if (!is_status(reply, c->wants)) {
		fail_nonsense(r, c->name);
	} else if (strcmp(c->name, "PING") == 0) {
		r->greeted = true;
		breaker_mend(&r->breaker);
	}
}

/* Read an array of n values or nils; false: it is not one. */
static bool
read_values(const redisReply *reply, size_t n, struct redis_value *values)
{
	if (reply->type != REDIS_REPLY_ARRAY || reply->elements != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const redisReply *e = reply->element[i];

		if (e->type == REDIS_REPLY_NIL)
			continue;
		if (e->type != REDIS_REPLY_STRING)
			return false;
		/* One bad value is no reason to do without the others. */
		if (e->len > REDIS_VALUE_MAX)
			counter_add(COUNTER_REDIS_GARBAGE);
		else
			values[i] = (struct redis_value){.data = e->str, .len = e->len};
	}
	return true;
}

static bool
is_wanted(const redisReply *reply, const struct command *c)
{
	return is_status(reply, c->wants) || (c->may_be_nil && reply->type == REDIS_REPLY_NIL);
}

/* Take the reply to a command; answers and frees it. */
static void
take_result(struct redis *r, struct command *c, const redisReply *reply)
{
	struct redis_value values[REDIS_KEYS_MAX] = {{0}};

	if (reply->type == REDIS_REPLY_ERROR) {
		counter_add(COUNTER_REDIS_FAILURES);
		rediserror_note(&r->errors, r->breaker.server, c->name, reply->str);
	} else if (c->wants == NULL ? !read_values(reply, c->n, values)
				    : !is_wanted(reply, c)) {
		memset(values, 0, sizeof(values));
		fail_nonsense(r, c->name);
	} else {
		r->proven = true;
		breaker_trust(&r->breaker);
	}
	answer(c, values);
}

static void
take(struct redis *r, const redisReply *reply)
{
	struct command *c = STAILQ_FIRST(&r->pending);

	if (c == NULL) {
		fail_nonsense(r, "nobody asked, and it");
		return;
	}
	STAILQ_REMOVE_HEAD(&r->pending, next);
	r->npending--;
	if (r->greeted) {
		take_result(r, c, reply);
		return;
	}
	take_greeting(r, c, reply);
	free(c);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct redis *r = arg;
	void *reply;

	(void)fd;
	(void)what;
	if (redisBufferRead(r->context) != REDIS_OK) {
		lose(r);
		return;
	}
	/* Each reply may end the connection. */
	while (r->context != NULL) {
		if (redisGetReplyFromReader(r->context, &reply) != REDIS_OK) {
			fail_nonsense(r, "it");
			return;
		}
		if (reply == NULL)
			break;
		take(r, reply);
		freeReplyObject(reply);
	}
	if (r->context != NULL &&
	    r->context->reader->len - r->context->reader->pos > UNPARSED_MAX)
		fail_nonsense(r, "it");
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct redis *r = arg;
	int all = 0;

	(void)fd;
	(void)what;
	if (redisBufferWrite(r->context, &all) != REDIS_OK)
		lose(r);
	else if (!all && event_add(r->writable, NULL) != 0)
		fail(r, "out of memory");
}

/*
 * No reply we want has an array in an array, or a long one; and hiredis would
 * take memory for as many elements as are announced.
 */
static void *
create_array(const redisReadTask *task, ELEMENTS n)
{
	const struct redis *r = task->privdata;

	if (task->parent != NULL || (size_t)n > REDIS_KEYS_MAX)
		return NULL;
	return r->create_array(task, n);
}

static void
limit_reader(struct redis *r)
{
	redisReader *reader = r->context->reader;

	r->functions = *reader->fn;
	r->create_array = r->functions.createArray;
	r->functions.createArray = create_array;
	reader->fn = &r->functions;
	reader->privdata = r;
}

static bool
watch(struct redis *r)
{
	struct event_base *base = loop_base(r->loop);

	r->readable = event_new(base, r->context->fd, EV_READ | EV_PERSIST, on_readable, r);
	r->writable = event_new(base, r->context->fd, EV_WRITE, on_writable, r);
	return r->readable != NULL && r->writable != NULL && event_add(r->readable, NULL) == 0;
}

static void
connect_now(void *arg)
{
	struct redis *r = arg;
	const struct redis_options *o = &r->options;

	if (o->path != NULL)
		r->context = redisConnectUnixNonBlock(o->path);
	else /* hiredis would look the name up, and wait for it */
		r->context = redisConnectNonBlock(
		    strcmp(o->host, "localhost") == 0 ? "127.0.0.1" : o->host, o->port);
	if (r->context == NULL || r->context->err != 0) {
		fail(r, r->context != NULL ? r->context->errstr : "out of memory");
		return;
	}
	limit_reader(r);
	if (watch(r))
		greet_all(r);
	else
		fail(r, "out of memory");
}

static void
destroy(struct redis *r)
{
	timer_free(r->retry);
	timer_free(r->patience);
	timer_free(r->soon);
	redis_options_clear(&r->options);
	free(r);
}

struct redis *
redis_new(struct loop *loop, const struct redis_options *options)
{
	struct redis *r = calloc(1, sizeof(*r));
	char server[REDIS_SERVER_MAX];

	if (r == NULL)
		return NULL;
	r->loop = loop;
	STAILQ_INIT(&r->pending);
	STAILQ_INIT(&r->missed);
	r->retry = timer_new(loop, connect_now, r);
	r->patience = timer_new(loop, on_patience, r);
	r->soon = timer_new(loop, answer_missed, r);
	if (r->retry == NULL || r->patience == NULL || r->soon == NULL ||
	    !redis_options_copy(&r->options, options)) {
		destroy(r);
		return NULL;
	}
	breaker_init(&r->breaker, "redis", redis_options_server(options, server));
	connect_now(r);
	return r;
}

void
redis_get(struct redis *r, size_t n, const char *const *keys, redis_done *done, void *arg)
{
	struct command *c = command_new("MGET", NULL);
	const char *argv[1 + REDIS_KEYS_MAX] = {"MGET"};

	assert(n >= 1 && n <= REDIS_KEYS_MAX);
	if (c == NULL) {
		done(arg, n, misses);
		return;
	}
	c->n = n;
	c->done = done;
	c->arg = arg;
	if (r->breaker.down || r->npending >= PENDING_MAX) {
		STAILQ_INSERT_TAIL(&r->missed, c, next);
		timer_start(r->soon, 0);
		return;
	}
	memcpy(argv + 1, keys, n * sizeof(*keys));
	append(r, c, 1 + n, argv, r->options.command_ms);
}

/* SET with a time to live; with one word more only where there is no value yet. */
static void
put(struct redis *r, const char *key, const char *value, uint32_t ttl, bool if_none)
{
	char seconds[12];
	const char *argv[] = {"SET", key, value, "EX", seconds, "NX"};
	struct command *c;

	assert(ttl >= 1);
	if (!r->greeted || r->npending >= PENDING_MAX)
		return;
	c = command_new("SET", "OK");
	if (c == NULL)
		return;
	c->may_be_nil = if_none;
	(void)snprintf(seconds, sizeof(seconds), "%" PRIu32, ttl);
	append(r, c, if_none ? 6 : 5, argv, r->options.command_ms);
}

void
redis_set(struct redis *r, const char *key, const char *value, uint32_t ttl)
{
	put(r, key, value, ttl, false);
}

void
redis_claim(struct redis *r, const char *key, const char *value, uint32_t ttl)
{
	put(r, key, value, ttl, true);
}

void
redis_free(struct redis *r)
{
	if (r == NULL)
		return;
	disconnect(r);
	answer_missed(r);
	destroy(r);
}
