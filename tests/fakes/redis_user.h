/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis_user.h - the client of redis/redis.h, used from the thread of a test: each
 * call waits until the I/O thread has done it.  Also keeps what is logged.
 */
#ifndef RELAYGUARD_REDIS_USER_H
#define RELAYGUARD_REDIS_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/loop.h"
#include "redis/redis.h"

extern struct loop *user_loop;

/* Start the loop and a log; stop and free both. */
void user_start(void);
void user_stop(void);

/* Run fn on the I/O thread and wait for it; what was logged before can be read. */
void user_on_loop(loop_fn *fn, void *arg);

/* Forget what was logged; how often a word was; wait until it was n times. */
void user_new_log(void);
unsigned user_logged(const char *word);
bool user_wait_logged(const char *word, unsigned n);

struct client {
	struct redis_options options;
	struct redis *redis;
};

/* A client of that URL; user and password may be NULL.  Patience is for all it does. */
struct client user_open(
    const char *url, const char *user, const char *password, int64_t patience);

/* The same with options, which are taken over, but for the patience. */
struct client user_open_at(const struct redis_options *, int64_t patience);
void user_close(struct client *);

#define USER_KEYS_MAX 64 /* of one question */

struct question_key {
	struct question *question;
	size_t index;
};

struct question {
	struct event_flag event_flag;
	struct redis *redis;
	size_t n;
	const char *const *keys;
	bool asking, early;
	unsigned answers;
	bool with_end;
	struct question_key key[USER_KEYS_MAX];
	enum redis_value_state state[USER_KEYS_MAX];
	int64_t ends[USER_KEYS_MAX];
	long len[USER_KEYS_MAX]; /* -1: a miss */
	char value[USER_KEYS_MAX][REDIS_VALUE_MAX + 1];
};

/* Ask for each key, and wait; whether each was answered once, and not from within the call. */
bool user_ask(struct client *, size_t n, const char *const *keys, struct question *);

/* The same for one key, and when it ends. */
bool user_ask_with_end(struct client *, const char *const *key, struct question *);

/* The same in two parts, so that several can be under way. */
void user_post(struct client *, size_t n, const char *const *keys, struct question *);
bool user_wait(struct question *);

/* Whether a key is there and has that value. */
bool user_holds(struct client *, const char *key, const char *value);

/* Put, and wait until Redis has answered that. */
void user_put(struct client *, const char *key, const char *value, uint32_t ttl);

/* Of how many it was heard that they were put, or were not. */
unsigned user_puts(bool good);

#endif
