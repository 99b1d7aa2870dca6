/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/redis.c - questions and values.  When a key ends is asked just before its value is:
 * both are of one moment, or the end is of an earlier one.
 */
#include "config.h"

#include "redis/redis.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/strbuf.h"
#include "loop/loop.h"
#include "redis/error.h"
#include "redis/route.h"
#include "redis/slotmap.h"

_Static_assert(REDISREPLY_TEXT_MAX >= REDIS_VALUE_MAX, "values are kept whole");

#define PTTL_ENDLESS \
	(-1) /* what it answers of a key without an end;
			   * or less, of one that is not there */
#define LEFT_MAX (366LL * 86400 * 1000)

struct question {
	STAILQ_ENTRY(question) next; /* among those missed */
	struct redis *redis;
	redis_done *done;
	void *arg;
	bool with_end;
	unsigned open; /* replies to come */
	int64_t asked; /* in clock_ms() */
	bool told;     /* left is known */
	long long left;
};

STAILQ_HEAD(questions, question);

struct redis {
	struct loop *loop;
	struct redisroute *route;
	int64_t patience;
	struct timer *soon;
	struct questions missed; /* answered by soon */
	struct rediserrors errors;
	bool up; /* the last question had an answer */
};

/* --- Answers --- */

static const struct redis_value away = {.state = REDIS_AWAY};

static void
answer(struct question *q, const struct redis_value *value)
{
	q->done(q->arg, value);
	free(q);
}

static void
answer_missed(void *arg)
{
	struct redis *r = arg;
	struct questions missed = STAILQ_HEAD_INITIALIZER(missed);
	struct question *q;

	/* Those that come while these are answered wait for the next turn. */
	STAILQ_CONCAT(&missed, &r->missed);
	while ((q = STAILQ_FIRST(&missed)) != NULL) {
		STAILQ_REMOVE_HEAD(&missed, next);
		answer(q, &away);
	}
}

/* A reply has come, or will not; the last one answers the question. */
static void
settle(struct question *q, const struct redis_value *value)
{
	if (--q->open == 0)
		answer(q, value);
}

/* Nobody can be asked. */
static void
miss(struct question *q)
{
	STAILQ_INSERT_TAIL(&q->redis->missed, q, next);
	timer_start(q->redis->soon, 0);
}

static const char *
note_error(
    struct redis *r, const char *server, const char *command, const struct redisreply *reply)
{
	counter_add(COUNTER_REDIS_FAILURES);
	rediserror_note(&r->errors, server, command, reply->text);
	return NULL;
}

static const char *
note_nonsense(const char *why)
{
	counter_add(COUNTER_REDIS_GARBAGE);
	return why;
}

/* What of a question's key is there, by the reply to GET. */
static enum redis_value_state
judge(const struct question *q, const struct redisreply *reply)
{
	if (reply->type == REDISREPLY_NIL)
		return REDIS_NONE;
	if (reply->type != REDISREPLY_STRING && !redisreply_is_error(reply, "WRONGTYPE"))
		return REDIS_AWAY;
	if (q->with_end && (!q->told || q->left < PTTL_ENDLESS))
		return REDIS_AWAY; /* it may have come, or got another end, in between */
	if (reply->type != REDISREPLY_STRING || reply->len > REDIS_VALUE_MAX ||
	    (q->with_end && q->left == PTTL_ENDLESS))
		return REDIS_ODD;
	return REDIS_FOUND;
}

/* The last reply to a question has come, or none will. */
static const char *
on_value(void *arg, const char *server, const struct redisreply *reply)
{
	struct question *q = arg;
	struct redis *r = q->redis;
	struct redis_value value = {.state = REDIS_AWAY};
	const char *wrong = NULL;

	if (reply != NULL)
		value.state = judge(q, reply);
	r->up = reply != NULL &&
	    (reply->type != REDISREPLY_ERROR || redisreply_is_error(reply, "WRONGTYPE"));
	if (reply != NULL && reply->type == REDISREPLY_ERROR)
		(void)note_error(r, server, "GET", reply);
	else if (reply != NULL && reply->type != REDISREPLY_NIL &&
	    reply->type != REDISREPLY_STRING)
		wrong = note_nonsense("GET answered nonsense");
	if (value.state == REDIS_ODD)
		counter_add(COUNTER_REDIS_GARBAGE);
	if (value.state == REDIS_FOUND) {
		value.data = reply->text;
		value.len = reply->len;
		value.ends = q->with_end ? q->asked + q->left : 0;
	}
	settle(q, &value);
	return wrong;
}

static const char *
on_end(void *arg, const char *server, const struct redisreply *reply)
{
	struct question *q = arg;
	struct redis *r = q->redis;
	bool good = reply != NULL && reply->type == REDISREPLY_INTEGER;

	q->told = good;
	if (good)
		q->left = reply->number < LEFT_MAX ? reply->number : LEFT_MAX;
	else if (reply != NULL && reply->type == REDISREPLY_ERROR)
		(void)note_error(r, server, "PTTL", reply);
	settle(q, &away);
	return reply == NULL || good || reply->type == REDISREPLY_ERROR
	    ? NULL
	    : note_nonsense("PTTL answered nonsense");
}

/* --- Questions --- */

static bool
send_question(struct question *q, const char *command, const char *key, redisroute_done *done)
{
	struct redis *r = q->redis;
	struct redisroute_question question = {.deadline = q->asked + r->patience,
	    .argc = 2,
	    .argv = (const char *[]){command, key}};

	if (redisroute_is_split(r->route))
		question.slot = slotmap_slot(key);
	if (!redisroute_ask(r->route, &question, done, q))
		return false;
	q->open++;
	return true;
}

static void
ask(struct redis *r, const char *key, bool with_end, redis_done *done, void *arg)
{
	struct question *q = malloc(sizeof(*q));

	if (q == NULL) {
		done(arg, &away);
		return;
	}
	*q = (struct question){
	    .redis = r, .done = done, .arg = arg, .with_end = with_end, .asked = clock_ms()};
	if ((!with_end || send_question(q, "PTTL", key, on_end)) &&
	    send_question(q, "GET", key, on_value))
		return;
	r->up = false;
	if (q->open == 0)
		miss(q);
}

void
redis_get(struct redis *r, const char *key, redis_done *done, void *arg)
{
	ask(r, key, false, done, arg);
}

void
redis_get_with_end(struct redis *r, const char *key, redis_done *done, void *arg)
{
	ask(r, key, true, done, arg);
}

/* --- Commands about one key --- */

/* A command on its way. */
struct command {
	struct redis *redis;
	redis_command_done *done;
	void *arg;
	char name[REDIS_COMMAND_NAME_MAX]; /* in the log */
};

static const char *
on_command(void *arg, const char *server, const struct redisreply *reply)
{
	struct command command = *(struct command *)arg;
	const char *wrong;

	free(arg);
	if (reply != NULL && reply->type == REDISREPLY_ERROR) {
		(void)note_error(command.redis, server, command.name, reply);
		reply = NULL;
	}
	wrong = command.done(command.arg, reply);
	return wrong != NULL ? note_nonsense(wrong) : NULL;
}

void
redis_command(
    struct redis *r, const struct redis_command *what, redis_command_done *done, void *arg)
{
	struct redisroute_question question = {.now = what->now,
	    .deadline = clock_ms() + r->patience,
	    .limits = what->limits,
	    .argc = what->argc,
	    .argv = what->argv};
	struct command *command = malloc(sizeof(*command));

	if (redisroute_is_split(r->route))
		question.slot = slotmap_slot(what->key != NULL ? what->key : what->argv[1]);
	if (command != NULL) {
		*command = (struct command){.redis = r, .done = done, .arg = arg};
		strbuf_copy(command->name, sizeof(command->name), what->argv[0]);
		if (redisroute_ask(r->route, &question, on_command, command))
			return;
		free(command);
	}
	(void)done(arg, NULL);
}

/* --- Putting --- */

/* Who wants to know whether it was put. */
struct putting {
	redis_set_done *done;
	void *arg;
	bool if_new; /* else it always is */
};

static const char *
on_set(void *arg, const struct redisreply *reply)
{
	struct putting putting = *(struct putting *)arg;
	bool good = reply != NULL && redisreply_is(reply, "OK");
	bool there = reply != NULL && putting.if_new && reply->type == REDISREPLY_NIL;

	free(arg);
	if (putting.done != NULL)
		putting.done(putting.arg, good);
	return reply == NULL || good || there ? NULL : "SET answered nonsense";
}

static void
put(struct redis *r, const char *const *argv, size_t argc, const struct putting *putting)
{
	struct putting *p = malloc(sizeof(*p));

	if (p != NULL) {
		*p = *putting;
		redis_command(r,
		    &(struct redis_command){.argc = argc, .argv = argv, .now = true}, on_set,
		    p);
	} else if (putting->done != NULL) {
		putting->done(putting->arg, false);
	}
}

void
redis_set(struct redis *r, const char *key, const char *value, uint32_t ttl,
    redis_set_done *done, void *arg)
{
	char seconds[12];
	const char *argv[] = {"SET", key, value, "EX", seconds};

	assert(ttl >= 1);
	(void)snprintf(seconds, sizeof(seconds), "%" PRIu32, ttl);
	put(r, argv, 5, &(struct putting){done, arg, false});
}

void
redis_set_new(struct redis *r, const char *key, const char *value, uint32_t ttl,
    redis_set_done *done, void *arg)
{
	char seconds[12];
	const char *argv[] = {"SET", key, value, "EX", seconds, "NX"};

	assert(ttl >= 1);
	(void)snprintf(seconds, sizeof(seconds), "%" PRIu32, ttl);
	put(r, argv, 6, &(struct putting){done, arg, true});
}

/* --- Deleting --- */

/* Who wants to know. */
struct deleting {
	redis_deleted_done *done;
	void *arg;
};

static const char *
on_deleted(void *arg, const struct redisreply *reply)
{
	struct deleting deleting = *(struct deleting *)arg;
	bool good = reply != NULL && reply->type == REDISREPLY_INTEGER;

	free(arg);
	deleting.done(deleting.arg, good && reply->number >= 0 ? reply->number : -1);
	return reply == NULL || good ? NULL : "DEL answered nonsense";
}

void
redis_delete(struct redis *r, const char *key, redis_deleted_done *done, void *arg)
{
	const char *argv[] = {"DEL", key};
	struct deleting *deleting = malloc(sizeof(*deleting));

	if (deleting == NULL) {
		done(arg, -1);
		return;
	}
	*deleting = (struct deleting){done, arg};
	redis_command(
	    r, &(struct redis_command){.argc = 2, .argv = argv}, on_deleted, deleting);
}

/* --- Its life --- */

bool
redis_is_up(const struct redis *r)
{
	return r->up;
}

struct redis *
redis_new(struct loop *loop, const struct redis_options *options)
{
	struct redis *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->loop = loop;
	r->patience = options->command_ms;
	STAILQ_INIT(&r->missed);
	r->soon = timer_new(loop, answer_missed, r);
	r->route = redisroute_new(loop, options);
	if (r->soon == NULL || r->route == NULL) {
		redisroute_free(r->route);
		timer_free(r->soon);
		free(r);
		return NULL;
	}
	return r;
}

void
redis_free(struct redis *r)
{
	if (r == NULL)
		return;
	redisroute_free(r->route);
	answer_missed(r);
	timer_free(r->soon);
	free(r);
}
