/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/link.c - a connection of hiredis, driven by the loop with deadlines of
 * our own, as hiredis times single reads alone.
 */
#include "config.h"

#include "redis/link.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <event2/event.h>
#include <hiredis/hiredis.h>

#include "base/breaker.h"
#include "base/clock.h"
#include "base/counter.h"
#include "loop/loop.h"
#include "redis/error.h"
#include "redis/reader.h"
#include "redis/tls.h"

#define PENDING_MAX 4096 /* commands without a reply */
#define ARGC_MAX 16
#define GATHER_MAX 8   /* commands that go together, */
#define GATHER_MS 1    /* and how long they wait for that, where others just went */
#define TLS_RETRY_MS 2 /* where a write waits for TLS to read first */

/* A command that has no reply yet. */
struct command {
	STAILQ_ENTRY(command) next;
	struct redisreply_limits limits;
	const char *greeting; /* its name, if it is one of those; else NULL */
	redislink_done *done; /* or NULL */
	void *arg;
	int64_t deadline;
};

STAILQ_HEAD(queue, command);

struct redislink {
	struct loop *loop;
	struct redislink_spec spec;
	struct endpoint node;
	redisContext *context; /* NULL: no connection, and down */
	struct redisreader reader;
	struct event *readable, *writable;
	unsigned greetings; /* that have no reply yet */
	bool greeted;       /* all went well on this connection */
	bool proven;        /* and so did a command that followed */
	struct breaker breaker;
	struct timer *retry, *patience, *soon, *rewrite;
	int64_t timer;        /* the deadline patience runs to; 0: it does not run */
	struct queue pending; /* in the order sent, which is that of their deadlines */
	size_t npending;
	size_t unsent;       /* appended since all was written, */
	int64_t sent_at;     /* which was at that time */
	struct queue missed; /* done by soon */
};

static void connect_now(void *);

static const char *
finish(struct redislink *l, struct command *c, const struct redisreply *reply)
{
	const char *wrong = c->done != NULL ? c->done(c->arg, l, reply) : NULL;

	free(c);
	return wrong;
}

static void
answer_missed(void *arg)
{
	struct redislink *l = arg;
	struct queue missed = STAILQ_HEAD_INITIALIZER(missed);
	struct command *c;

	/* Those that come while these are answered wait for the next turn. */
	STAILQ_CONCAT(&missed, &l->missed);
	while ((c = STAILQ_FIRST(&missed)) != NULL) {
		STAILQ_REMOVE_HEAD(&missed, next);
		(void)finish(l, c, NULL);
	}
}

static void
disconnect(struct redislink *l)
{
	if (l->readable != NULL)
		event_free(l->readable);
	if (l->writable != NULL)
		event_free(l->writable);
	if (l->context != NULL)
		redisFree(l->context);
	l->readable = l->writable = NULL;
	l->context = NULL;
	l->greeted = l->proven = false;
	l->greetings = 0;
	timer_stop(l->patience);
	timer_stop(l->rewrite);
	l->timer = 0;
	STAILQ_CONCAT(&l->missed, &l->pending);
	l->npending = l->unsent = 0;
	timer_start(l->soon, 0);
}

/* End the connection and try again later. */
static void
fail(struct redislink *l, const char *reason)
{
	int64_t delay = breaker_fail(&l->breaker, reason);

	counter_add(COUNTER_REDIS_FAILURES);
	disconnect(l);
	timer_start(l->retry, delay);
	if (l->spec.notice != NULL)
		l->spec.notice(l->spec.arg, false);
}

static void
fail_nonsense(struct redislink *l, const char *name)
{
	char reason[64];

	counter_add(COUNTER_REDIS_GARBAGE);
	(void)snprintf(reason, sizeof(reason), "%s answered nonsense", name);
	fail(l, reason);
}

/* Why there is no connection any more. */
static const char *
why_lost(const struct redislink *l)
{
	const char *said = l->context->errstr;

	/* Of a handshake that fails hiredis knows only that the system had no error. */
	if (l->spec.tls != NULL && !l->greeted &&
	    (strcmp(said, strerror(0)) == 0 || strcmp(said, strerror(EAGAIN)) == 0))
		return "TLS failed: is its certificate by the authority in tls_ca?";
	return said;
}

/* The server has gone.  One that closes an idle connection is asked for another. */
static void
lose(struct redislink *l)
{
	if (!l->proven || !STAILQ_EMPTY(&l->pending)) {
		fail(l, why_lost(l));
		return;
	}
	disconnect(l);
	connect_now(l);
}

static void
set_timer(struct redislink *l, int64_t deadline)
{
	l->timer = deadline;
	timer_start(l->patience, deadline - clock_ms());
}

static void
on_patience(void *arg)
{
	struct redislink *l = arg;
	const struct command *first = STAILQ_FIRST(&l->pending);
	int64_t due = l->timer;

	l->timer = 0;
	if (first == NULL)
		return;
	if (first->deadline > due)
		set_timer(l, first->deadline);
	else
		fail(l, "no answer in time");
}

static void
write_again(void *arg)
{
	struct redislink *l = arg;

	if (event_add(l->writable, NULL) != 0)
		fail(l, "out of memory");
}

/*
 * Send what has been appended.  Where much is asked, a few commands go together: to wake the
 * server for each costs both sides more than its work does.
 */
static void
send_soon(struct redislink *l, bool greeting)
{
	if (greeting || l->unsent >= GATHER_MAX || clock_ms() - l->sent_at > GATHER_MS)
		write_again(l);
	else if (l->unsent == 1)
		timer_start(l->rewrite, GATHER_MS);
}

static void
append(struct redislink *l, struct command *c, size_t argc, const char *const *argv,
    int64_t patience)
{
	const char *words[ARGC_MAX];

	assert(argc <= ARGC_MAX);
	memcpy(words, argv, argc * sizeof(*argv));
	c->deadline = clock_ms() + patience;
	/* What has to come before it has no more time than it has: the greeting. */
	for (struct command *p = STAILQ_FIRST(&l->pending);
	     p != NULL && p->deadline > c->deadline; p = STAILQ_NEXT(p, next))
		p->deadline = c->deadline;
	STAILQ_INSERT_TAIL(&l->pending, c, next);
	l->npending++;
	l->unsent++;
	if (l->timer == 0 || l->timer > c->deadline)
		set_timer(l, c->deadline);
	if (redisAppendCommandArgv(l->context, (int)argc, words, NULL) != REDIS_OK)
		fail(l, "out of memory");
	else
		send_soon(l, c->greeting != NULL);
}

static void
greet(struct redislink *l, size_t argc, const char *const *argv)
{
	struct command *c;

	if (l->context == NULL)
		return;
	c = calloc(1, sizeof(*c));
	if (c == NULL) {
		fail(l, "out of memory");
		return;
	}
	c->greeting = argv[0];
	/* The role of a master has its replicas in it. */
	c->limits = (struct redisreply_limits){.depth = 3, .parts = 1024};
	l->greetings++;
	append(l, c, argc, argv, l->spec.connect_ms);
}

static void
greet_all(struct redislink *l)
{
	const struct redislink_spec *s = &l->spec;
	const char *argv[3] = {"AUTH"};
	size_t argc = 1;
	char db[12];

	if (s->user != NULL)
		argv[argc++] = s->user;
	argv[argc++] = s->password != NULL ? s->password : "";
	if (s->user != NULL || s->password != NULL)
		greet(l, argc, argv);
	(void)snprintf(db, sizeof(db), "%u", s->db);
	if (s->db != 0)
		greet(l, 2, (const char *[]){"SELECT", db});
	if (s->master)
		greet(l, 1, (const char *[]){"ROLE"});
	greet(l, 1, (const char *[]){"PING"});
}

/* Whether it is what a good server replies to a greeting; if not, why holds the reason. */
static bool
good_greeting(const char *name, const struct redisreply *reply, char *why, size_t whysize)
{
	const struct redisreply *role = redisreply_at(reply, 0, REDISREPLY_STRING);

	if (reply->type == REDISREPLY_ERROR)
		(void)snprintf(
		    why, whysize, "%s answered %s", name, rediserror_word(reply->text));
	else if (role != NULL && strcmp(name, "ROLE") == 0)
		(void)snprintf(why, whysize, "it is no master");
	if (strcmp(name, "ROLE") == 0)
		return role != NULL && strcmp(role->text, "master") == 0;
	return redisreply_is(reply, strcmp(name, "PING") == 0 ? "PONG" : "OK");
}

static void
take_greeting(struct redislink *l, const char *name, const struct redisreply *reply)
{
	char why[64] = "";

	if (!good_greeting(name, reply, why, sizeof(why))) {
		if (why[0] != '\0')
			fail(l, why);
		else
			fail_nonsense(l, name);
		return;
	}
	if (--l->greetings > 0)
		return;
	l->greeted = true;
	breaker_mend(&l->breaker);
	if (l->spec.notice != NULL)
		l->spec.notice(l->spec.arg, true);
}

static void
take(struct redislink *l, const struct redisreply *reply)
{
	struct command *c = STAILQ_FIRST(&l->pending);
	const char *wrong;

	if (c == NULL) {
		fail_nonsense(l, "nobody asked, and it");
		return;
	}
	STAILQ_REMOVE_HEAD(&l->pending, next);
	l->npending--;
	if (c->greeting != NULL) {
		take_greeting(l, c->greeting, reply);
		free(c);
		return;
	}
	wrong = finish(l, c, reply);
	if (wrong != NULL) {
		fail(l, wrong);
	} else if (reply->type != REDISREPLY_ERROR) {
		l->proven = true;
		breaker_trust(&l->breaker);
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	static const struct redisreply_limits none = {0, 0};
	enum reading reading = READING_REPLY;
	struct redislink *l = arg;

	(void)fd;
	(void)what;
	if (redisBufferRead(l->context) != REDIS_OK) {
		lose(l);
		return;
	}
	/* Each reply may end the connection. */
	while (l->context != NULL && reading == READING_REPLY) {
		const struct command *c = STAILQ_FIRST(&l->pending);
		struct redisreply *reply = NULL;

		reading = redisreader_next(
		    &l->reader, l->context, c != NULL ? &c->limits : &none, &reply);
		if (reading == READING_NONSENSE)
			fail_nonsense(l, "it");
		if (reply != NULL)
			take(l, reply);
		redisreply_free(reply);
	}
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct redislink *l = arg;
	int all = 0;

	(void)fd;
	(void)what;
	if (redisBufferWrite(l->context, &all) != REDIS_OK)
		lose(l);
	else if (!all && l->spec.tls != NULL)
		/* It may be a reply that is missing, while there is room to write. */
		timer_start(l->rewrite, TLS_RETRY_MS);
	else if (!all)
		write_again(l);
	if (!all || l->context == NULL)
		return;
	timer_stop(l->rewrite);
	l->unsent = 0;
	l->sent_at = clock_ms();
}

/* --- Its life --- */

static bool
deadline(struct redislink *l)
{
	struct event_base *base = loop_base(l->loop);

	l->readable = event_new(base, l->context->fd, EV_READ | EV_PERSIST, on_readable, l);
	l->writable = event_new(base, l->context->fd, EV_WRITE, on_writable, l);
	return l->readable != NULL && l->writable != NULL && event_add(l->readable, NULL) == 0;
}

static void
connect_now(void *arg)
{
	struct redislink *l = arg;
	const struct redislink_spec *s = &l->spec;
	char host[IPADDR_STRLEN];

	if (s->node == NULL)
		l->context = redisConnectUnixNonBlock(s->path);
	else /* in figures: hiredis would look a name up, and wait for it */
		l->context =
		    redisConnectNonBlock(ipaddr_format(&l->node.address, host), l->node.port);
	if (l->context == NULL || l->context->err != 0 ||
	    (s->tls != NULL && !redistls_begin(s->tls, l->context))) {
		fail(l, l->context != NULL ? l->context->errstr : "out of memory");
		return;
	}
	redisreader_begin(&l->reader, l->context);
	if (deadline(l))
		greet_all(l);
	else
		fail(l, "out of memory");
}

static void
destroy(struct redislink *l)
{
	timer_free(l->retry);
	timer_free(l->patience);
	timer_free(l->soon);
	timer_free(l->rewrite);
	free(l);
}

struct redislink *
redislink_new(struct loop *loop, const struct redislink_spec *spec)
{
	struct redislink *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->loop = loop;
	l->spec = *spec;
	if (spec->node != NULL) {
		l->node = *spec->node;
		l->spec.node = &l->node;
	}
	STAILQ_INIT(&l->pending);
	STAILQ_INIT(&l->missed);
	l->retry = timer_new(loop, connect_now, l);
	l->patience = timer_new(loop, on_patience, l);
	l->soon = timer_new(loop, answer_missed, l);
	l->rewrite = timer_new(loop, write_again, l);
	if (l->retry == NULL || l->patience == NULL || l->soon == NULL || l->rewrite == NULL) {
		destroy(l);
		return NULL;
	}
	breaker_init(&l->breaker, spec->sentinel ? "sentinel" : "redis", spec->name);
	l->spec.name = l->breaker.server;
	/* Whoever made it does not know of it yet, and looks for itself. */
	l->spec.notice = NULL;
	connect_now(l);
	l->spec.notice = spec->notice;
	return l;
}

void
redislink_free(struct redislink *l)
{
	if (l == NULL)
		return;
	disconnect(l);
	answer_missed(l);
	destroy(l);
}

bool
redislink_ask(struct redislink *l, const struct redisreply_limits *limits, size_t argc,
    const char *const *argv, redislink_done *done, void *arg)
{
	struct command *c;

	if (l->breaker.down || l->npending >= PENDING_MAX ||
	    (c = calloc(1, sizeof(*c))) == NULL)
		return false;
	c->limits = *limits;
	c->done = done;
	c->arg = arg;
	append(l, c, argc, argv, l->spec.command_ms);
	return true;
}

bool
redislink_up(const struct redislink *l)
{
	return l->greeted;
}

bool
redislink_down(const struct redislink *l)
{
	return l->breaker.down;
}

const char *
redislink_name(const struct redislink *l)
{
	return l->spec.name;
}

const struct endpoint *
redislink_node(const struct redislink *l)
{
	return &l->node;
}
