/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/redis.c - questions and values.  In a Cluster a question goes in parts, one
 * for each slot its keys are in, and is answered when all of them are.
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

struct question {
	STAILQ_ENTRY(question) next; /* of those missed */
	struct redis *redis;
	redis_done *done;
	void *arg;
	size_t n;
	unsigned open; /* parts without an answer */
	int64_t deadline;
	/* The rest is there in a Cluster alone. */
	char **key;                /* its own copies */
	struct redis_value *value; /* its own too, in data */
};

/* Some of the keys of a question, all of one slot. */
struct part {
	struct question *question;
	size_t n;
	uint8_t index[REDIS_KEYS_MAX];
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

static const struct redis_value misses[REDIS_KEYS_MAX];

/* --- Answers --- */

static void
question_free(struct question *q)
{
	for (size_t i = 0; q->key != NULL && i < q->n; i++)
		free(q->key[i]);
	for (size_t i = 0; q->value != NULL && i < q->n; i++)
		free((char *)q->value[i].data);
	free(q->key);
	free(q->value);
	free(q);
}

static void
answer(struct question *q, const struct redis_value *values)
{
	q->done(q->arg, q->n, values);
	question_free(q);
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
		answer(q, misses);
	}
}

/* Read an array of n values or nils; false: it is not one. */
static bool
read_values(const struct redisreply *reply, size_t n, struct redis_value *values)
{
	if (reply->type != REDISREPLY_ARRAY || reply->len != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct redisreply *e = reply->element[i];

		if (e->type == REDISREPLY_NIL)
			continue;
		if (e->type != REDISREPLY_STRING) {
			memset(values, 0, n * sizeof(*values));
			return false;
		}
		/* One bad value is no reason to do without the others. */
		if (e->len > REDIS_VALUE_MAX)
			counter_add(COUNTER_REDIS_GARBAGE);
		else
			values[i] = (struct redis_value){.data = e->text, .len = e->len};
	}
	return true;
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

/* Read the reply to an MGET, if there is one. */
static const char *
take_values(struct redis *r, const char *server, const struct redisreply *reply, size_t n,
    struct redis_value *values)
{
	r->up = reply != NULL && reply->type != REDISREPLY_ERROR;
	if (reply == NULL)
		return NULL;
	if (reply->type == REDISREPLY_ERROR)
		return note_error(r, server, "MGET", reply);
	return read_values(reply, n, values) ? NULL : note_nonsense("MGET answered nonsense");
}

static const char *
on_whole(void *arg, const char *server, const struct redisreply *reply)
{
	struct question *q = arg;
	struct redis_value values[REDIS_KEYS_MAX] = {{0}};
	const char *wrong = take_values(q->redis, server, reply, q->n, values);

	answer(q, values);
	return wrong;
}

/* --- Parts --- */

static void
end_of_part(struct question *q)
{
	if (--q->open == 0)
		answer(q, q->value);
}

/* Keep the values until the others are there; what cannot be kept is a miss. */
static void
keep_values(const struct part *p, const struct redis_value *values)
{
	struct question *q = p->question;

	for (size_t i = 0; i < p->n; i++) {
		char *copy = values[i].data != NULL ? malloc(values[i].len + 1) : NULL;

		if (copy == NULL)
			continue;
		memcpy(copy, values[i].data, values[i].len);
		q->value[p->index[i]] = (struct redis_value){copy, values[i].len};
	}
}

static bool ask_part(struct question *, size_t n, const uint8_t *index);

/* A slot on its way to another node has some of them here, and some there. */
static void
ask_each(const struct part *p)
{
	for (size_t i = 0; i < p->n; i++)
		(void)ask_part(p->question, 1, &p->index[i]);
}

static const char *
on_part(void *arg, const char *server, const struct redisreply *reply)
{
	struct part *p = arg;
	struct question *q = p->question;
	struct redis_value values[REDIS_KEYS_MAX] = {{0}};
	const char *wrong = NULL;

	if (reply != NULL && p->n > 1 && redisreply_is_error(reply, "TRYAGAIN")) {
		ask_each(p);
	} else {
		wrong = take_values(q->redis, server, reply, p->n, values);
		keep_values(p, values);
	}
	free(p);
	end_of_part(q);
	return wrong;
}

/* Ask for some keys of one slot; false: nobody can be asked. */
static bool
ask_part(struct question *q, size_t n, const uint8_t *index)
{
	const char *argv[1 + REDIS_KEYS_MAX] = {"MGET"};
	struct redisroute_question question = {.slot = slotmap_slot(q->key[index[0]]),
	    .deadline = q->deadline,
	    .limits = {.depth = 1, .parts = REDIS_KEYS_MAX},
	    .argc = 1 + n,
	    .argv = argv};
	struct part *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return false;
	p->question = q;
	p->n = n;
	memcpy(p->index, index, n);
	for (size_t i = 0; i < n; i++)
		argv[1 + i] = q->key[index[i]];
	q->open++;
	if (redisroute_ask(q->redis->route, &question, on_part, p))
		return true;
	q->open--;
	free(p);
	return false;
}

/* Ask for all keys, those of a slot together. */
static void
ask_split(struct question *q)
{
	unsigned slot[REDIS_KEYS_MAX];
	bool asked[REDIS_KEYS_MAX] = {false};

	for (size_t i = 0; i < q->n; i++)
		slot[i] = slotmap_slot(q->key[i]);
	for (size_t i = 0; i < q->n; i++) {
		uint8_t index[REDIS_KEYS_MAX];
		size_t n = 0;

		for (size_t k = i; !asked[i] && k < q->n; k++)
			if (slot[k] == slot[i])
				index[n++] = (uint8_t)k;
		for (size_t k = 0; k < n; k++)
			asked[index[k]] = true;
		if (n > 0)
			(void)ask_part(q, n, index);
	}
}

static bool
ask_whole(struct question *q, const char *const *keys)
{
	const char *argv[1 + REDIS_KEYS_MAX] = {"MGET"};
	struct redisroute_question question = {.deadline = q->deadline,
	    .limits = {.depth = 1, .parts = REDIS_KEYS_MAX},
	    .argc = 1 + q->n,
	    .argv = argv};

	memcpy(argv + 1, keys, q->n * sizeof(*keys));
	return redisroute_ask(q->redis->route, &question, on_whole, q);
}

static bool
copy_keys(struct question *q, const char *const *keys)
{
	bool good;

	q->key = calloc(q->n, sizeof(q->key[0]));
	q->value = calloc(q->n, sizeof(q->value[0]));
	good = q->key != NULL && q->value != NULL;
	for (size_t i = 0; good && i < q->n; i++)
		good = (q->key[i] = strdup(keys[i])) != NULL;
	return good;
}

static struct question *
question_new(struct redis *r, size_t n, const char *const *keys, redis_done *done, void *arg)
{
	struct question *q = calloc(1, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->redis = r;
	q->done = done;
	q->arg = arg;
	q->n = n;
	q->deadline = clock_ms() + r->patience;
	if (!redisroute_is_split(r->route) || copy_keys(q, keys))
		return q;
	question_free(q);
	return NULL;
}

void
redis_get(struct redis *r, size_t n, const char *const *keys, redis_done *done, void *arg)
{
	struct question *q;
	bool asked;

	assert(n >= 1 && n <= REDIS_KEYS_MAX);
	q = question_new(r, n, keys, done, arg);
	if (q == NULL) {
		done(arg, n, misses);
		return;
	}
	if (q->key != NULL)
		ask_split(q);
	asked = q->key != NULL ? q->open > 0 : ask_whole(q, keys);
	if (asked)
		return;
	r->up = false;
	STAILQ_INSERT_TAIL(&r->missed, q, next);
	timer_start(r->soon, 0);
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
		question.slot = slotmap_slot(what->argv[1]);
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

/* --- Numbers --- */

#define PTTL_GONE (-2) /* what it answers where there is no such key */

/* Who wants to know a number; the two kinds are of one type. */
struct number_question {
	redis_left_done *done;
	void *arg;
};

static const char *
tell_number(void *arg, const struct redisreply *reply, int64_t none, const char *nonsense)
{
	struct number_question q = *(struct number_question *)arg;
	bool good = reply != NULL && reply->type == REDISREPLY_INTEGER;
	int64_t n = good ? reply->number : -1;

	free(arg);
	if (n == none)
		n = 0;
	q.done(q.arg, n < 0 ? -1 : n);
	return reply == NULL || good ? NULL : nonsense;
}

static const char *
on_left(void *arg, const struct redisreply *reply)
{
	return tell_number(arg, reply, PTTL_GONE, "PTTL answered nonsense");
}

static const char *
on_deleted(void *arg, const struct redisreply *reply)
{
	return tell_number(arg, reply, 0, "DEL answered nonsense");
}

static void
ask_number(struct redis *r, const struct redis_command *what, redis_command_done *read,
    redis_left_done *done, void *arg)
{
	struct number_question *q = malloc(sizeof(*q));

	if (q == NULL) {
		done(arg, -1);
		return;
	}
	*q = (struct number_question){done, arg};
	redis_command(r, what, read, q);
}

void
redis_left(struct redis *r, const char *key, redis_left_done *done, void *arg)
{
	const char *argv[] = {"PTTL", key};

	ask_number(r, &(struct redis_command){.argc = 2, .argv = argv}, on_left, done, arg);
}

void
redis_delete(
    struct redis *r, size_t n, const char *const *keys, redis_deleted_done *done, void *arg)
{
	const char *argv[1 + REDIS_KEYS_MAX] = {"DEL"};

	assert(n >= 1 && n <= REDIS_KEYS_MAX);
	memcpy(argv + 1, keys, n * sizeof(*keys));
	ask_number(
	    r, &(struct redis_command){.argc = 1 + n, .argv = argv}, on_deleted, done, arg);
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
