/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis_user.c - carries the wishes of a test to the I/O thread, where redis/redis.h
 * lives, and the answers back.
 */
#include "config.h"

#include "fakes/redis_user.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define FOREVER 20000 /* milliseconds after which a test has failed */

struct loop *user_loop;

/* Two, as closing the old one must not touch what the new one writes to. */
static struct {
	FILE *file;
	char *text;
	size_t size;
} logs[2], *current_log = logs;

static void
end_log(void)
{
	if (current_log->file != NULL) {
		fclose(current_log->file);
		free(current_log->text);
	}
	current_log->file = NULL;
}

void
user_new_log(void)
{
	size_t next = current_log == logs;
	FILE *file = open_memstream(&logs[next].text, &logs[next].size);

	if (file == NULL || fflush(file) != 0)
		abort();
	logs[next].file = file;
	log_to_stream(file);
	end_log();
	current_log = &logs[next];
}

unsigned
user_logged(const char *word)
{
	unsigned n = 0;

	for (const char *p = current_log->text; (p = strstr(p, word)) != NULL; p++)
		n++;
	return n;
}

struct request {
	struct event_flag event_flag;
	loop_fn *fn;
	void *arg;
};

static void
run_request(void *arg)
{
	struct request *e = arg;

	e->fn(e->arg);
	event_flag_set(&e->event_flag);
}

static void
nothing(void *arg)
{
	(void)arg;
}

void
user_on_loop(loop_fn *fn, void *arg)
{
	struct request e = {.fn = fn, .arg = arg};

	event_flag_init(&e.event_flag);
	loop_call(user_loop, run_request, &e);
	if (!event_flag_wait(user_loop, &e.event_flag, clock_ms() + FOREVER))
		abort();
	event_flag_destroy(&e.event_flag);
}

bool
user_wait_logged(const char *word, unsigned n)
{
	for (unsigned i = 0; i < FOREVER / 20; i++) {
		user_on_loop(nothing, NULL);
		if (user_logged(word) >= n)
			return true;
		usleep(20000);
	}
	return false;
}

static void
do_open(void *arg)
{
	struct client *c = arg;

	c->redis = redis_new(user_loop, &c->options);
}

static void
do_close(void *arg)
{
	struct client *c = arg;

	redis_free(c->redis);
}

struct client
user_open_at(const struct redis_options *options, int64_t patience)
{
	struct client c = {.options = *options};

	c.options.connect_ms = c.options.command_ms = patience;
	user_on_loop(do_open, &c);
	return c;
}

struct client
user_open(const char *url, const char *user, const char *password, int64_t patience)
{
	struct redis_options options = {0};
	char why[100];

	if (!redis_options_parse(&options, url, why, sizeof(why)))
		abort();
	options.user = user != NULL ? strdup(user) : NULL;
	options.password = password != NULL ? strdup(password) : NULL;
	return user_open_at(&options, patience);
}

void
user_close(struct client *c)
{
	user_on_loop(do_close, c);
	redis_options_clear(&c->options);
}

static void
on_answer(void *arg, const struct redis_value *value)
{
	struct question_key *k = arg;
	struct question *q = k->question;
	size_t i = k->index;

	q->early |= q->asking;
	q->state[i] = value->state;
	q->ends[i] = value->ends;
	q->len[i] = value->data != NULL ? (long)value->len : -1;
	q->value[i][0] = '\0';
	if (q->len[i] >= 0) {
		memcpy(q->value[i], value->data, value->len);
		q->value[i][value->len] = '\0';
	}
	if (++q->answers == q->n)
		event_flag_set(&q->event_flag);
}

static void
do_ask(void *arg)
{
	struct question *q = arg;

	q->asking = true;
	for (size_t i = 0; i < q->n; i++) {
		q->key[i] = (struct question_key){q, i};
		if (q->with_end)
			redis_get_with_end(q->redis, q->keys[i], on_answer, &q->key[i]);
		else
			redis_get(q->redis, q->keys[i], on_answer, &q->key[i]);
	}
	q->asking = false;
}

bool
user_wait(struct question *q)
{
	bool good = event_flag_wait(user_loop, &q->event_flag, clock_ms() + FOREVER);

	user_on_loop(nothing, NULL);
	event_flag_destroy(&q->event_flag);
	return good && q->answers == q->n && !q->early;
}

void
user_post(struct client *c, size_t n, const char *const *keys, struct question *q)
{
	*q = (struct question){.redis = c->redis, .n = n, .keys = keys};
	event_flag_init(&q->event_flag);
	loop_call(user_loop, do_ask, q);
}

bool
user_ask(struct client *c, size_t n, const char *const *keys, struct question *q)
{
	user_post(c, n, keys, q);
	return user_wait(q);
}

bool
user_ask_with_end(struct client *c, const char *const *key, struct question *q)
{
	*q = (struct question){.redis = c->redis, .n = 1, .keys = key, .with_end = true};
	event_flag_init(&q->event_flag);
	loop_call(user_loop, do_ask, q);
	return user_wait(q);
}

bool
user_holds(struct client *c, const char *key, const char *value)
{
	static struct question q;

	return user_ask(c, 1, &key, &q) && q.len[0] >= 0 && strcmp(q.value[0], value) == 0;
}

struct thing {
	struct client *client;
	const char *key, *value;
	uint32_t ttl;
};

static atomic_uint heard[2]; /* that were heard of, by whether they were good */

static void
take_put(void *arg, bool good)
{
	(void)arg;
	atomic_fetch_add(&heard[good], 1);
}

unsigned
user_puts(bool good)
{
	return atomic_load(&heard[good]);
}

static void
do_put(void *arg)
{
	const struct thing *t = arg;

	redis_set(t->client->redis, t->key, t->value, t->ttl, take_put, NULL);
}

void
user_put(struct client *c, const char *key, const char *value, uint32_t ttl)
{
	struct thing t = {c, key, value, ttl};
	static struct question q;

	user_on_loop(do_put, &t);
	user_ask(c, 1, &key, &q);
}

void
user_start(void)
{
	user_new_log();
	user_loop = loop_new();
	if (user_loop == NULL || !loop_start(user_loop))
		abort();
}

void
user_stop(void)
{
	loop_stop(user_loop);
	loop_free(user_loop);
	log_to_stream(stderr);
	end_log();
}
