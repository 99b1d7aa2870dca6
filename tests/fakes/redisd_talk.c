/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redisd_talk.c - what the Redis server for tests answers, right or wrong.  It
 * shares no code with the client under test.
 */
#include "config.h"

#include "fakes/redisd_talk.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "redis/redis.h"

#define ARGS 80

struct words {
	size_t n;
	const char *at[ARGS];
	size_t len[ARGS];
};

/* How a mode goes about its answer. */
enum {
	RIGHT = 1 << 0, /* as Redis does */
	TWICE = 1 << 1,
	HALF = 1 << 2,
	SLOWLY = 1 << 3,
	LONGER = 1 << 4, /* values longer than they should be */
	INTEGERS = 1 << 5,
	ONE_MORE = 1 << 6,
	REPEAT = 1 << 7,
	POUR = 1 << 8,   /* bytes without end */
	END = 1 << 9,    /* then close */
	TO_SET = 1 << 10 /* to other commands, the right answer */
};

static const struct {
	const char *name, *text;
	unsigned ways;
} modes[REDISD_MODES] = {
#define X(id, name, text, ways) {name, text, ways},
    REDISD_TABLE(X)
#undef X
};

const char *
redisd_mode_name(enum redisd_mode mode)
{
	return modes[mode].name;
}

static void
say(struct client *c, const char *bytes, size_t len)
{
	if (c->out + len > sizeof(c->outbuf)) {
		c->closing = true;
		return;
	}
	memcpy(c->outbuf + c->out, bytes, len);
	c->out += len;
}

static __attribute__((format(printf, 2, 3))) void
sayf(struct client *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert(n >= 0 && (size_t)n < sizeof(text));
	say(c, text, (size_t)n);
}

static void
say_bulk(struct client *c, const char *bytes, size_t len)
{
	sayf(c, "$%zu\r\n", len);
	say(c, bytes, len);
	say(c, "\r\n", 2);
}

struct item *
redisd_find(struct redisd *d, unsigned db, const char *key, size_t len)
{
	for (size_t i = 0; i < d->nitems; i++) {
		struct item *it = &d->item[i];

		if (it->db == db && strlen(it->key) == len && memcmp(it->key, key, len) == 0)
			return it;
	}
	return NULL;
}

void
redisd_keep(struct redisd *d, unsigned db, const char *key, size_t keylen, const char *value,
    size_t len, long ttl)
{
	struct item *it = redisd_find(d, db, key, keylen);

	if (it == NULL) {
		assert(d->nitems < KEYS);
		it = &d->item[d->nitems++];
		it->db = db;
		it->key = strndup(key, keylen);
		it->value = NULL;
	}
	free(it->value);
	it->value = malloc(len + 1);
	assert(it->key != NULL && it->value != NULL);
	memcpy(it->value, value, len);
	it->value[len] = '\0';
	it->len = len;
	it->ttl = ttl;
}

static bool
is(const struct words *w, size_t i, const char *text)
{
	return i < w->n && w->len[i] == strlen(text) &&
	    strncasecmp(w->at[i], text, w->len[i]) == 0;
}

static void
say_value(struct redisd *d, struct client *c, const char *key, size_t len)
{
	const struct item *it = redisd_find(d, c->db, key, len);
	char longer[REDIS_VALUE_MAX + 1];

	if ((modes[d->mode].ways & LONGER) != 0) {
		memset(longer, 'v', sizeof(longer));
		say_bulk(c, longer, sizeof(longer));
	} else if (it == NULL) {
		sayf(c, "$-1\r\n");
	} else {
		say_bulk(c, it->value, it->len);
	}
}

static void
do_auth(struct redisd *d, struct client *c, const struct words *w)
{
	bool good = d->password[0] != '\0' && w->n >= 2 && is(w, w->n - 1, d->password) &&
	    (w->n == 2 ? strcmp(d->user, "default") == 0 : is(w, 1, d->user));

	c->authenticated |= good;
	if (d->password[0] == '\0')
		sayf(c, "-ERR AUTH <password> called without any password configured\r\n");
	else
		sayf(c, "%s", good ? "+OK\r\n" : modes[REDISD_WRONGPASS].text);
}

static void
do_set(struct redisd *d, struct client *c, const struct words *w)
{
	bool if_new = w->n == 6 && is(w, 5, "NX");

	if ((w->n != 5 && !if_new) || !is(w, 3, "EX") || atol(w->at[4]) < 1) {
		sayf(c, "-ERR syntax error\r\n");
		return;
	}
	if (if_new && redisd_find(d, c->db, w->at[1], w->len[1]) != NULL) {
		sayf(c, "$-1\r\n");
		return;
	}
	redisd_keep(d, c->db, w->at[1], w->len[1], w->at[2], w->len[2], atol(w->at[4]));
	sayf(c, "+OK\r\n");
}

/* "XADD KEY MAXLEN ~ N * FIELD VALUE"; nothing is ever taken out. */
static void
do_xadd(struct redisd *d, struct client *c, const struct words *w)
{
	struct entry *e = &d->entry[d->nentries];

	if (w->n != 8 || !is(w, 2, "MAXLEN") || !is(w, 3, "~") || !is(w, 5, "*")) {
		sayf(c, "-ERR syntax error\r\n");
		return;
	}
	if (redisd_find(d, c->db, w->at[1], w->len[1]) != NULL) {
		sayf(c, "-WRONGTYPE not a stream\r\n");
		return;
	}
	assert(d->nentries < ENTRIES);
	*e = (struct entry){.db = c->db, .ms = (unsigned)++d->nentries, .len = w->len[7]};
	e->key = strndup(w->at[1], w->len[1]);
	e->field = strndup(w->at[6], w->len[6]);
	e->value = malloc(e->len + 1);
	assert(e->key != NULL && e->field != NULL && e->value != NULL);
	memcpy(e->value, w->at[7], e->len);
	sayf(c, "$%d\r\n%u-0\r\n", snprintf(NULL, 0, "%u-0", e->ms), e->ms);
}

static bool
is_in(const struct client *c, const struct words *w, const struct entry *e, bool last)
{
	unsigned from = last ? 0 : (unsigned)atoi(w->at[2]);
	const char *dash = memchr(w->at[2], '-', w->len[2]);
	bool after =
	    dash != NULL && dash[1] != '0' && !last; /* "MS-1": what comes after MS-0 */

	return e->db == c->db && strlen(e->key) == w->len[1] &&
	    memcmp(e->key, w->at[1], w->len[1]) == 0 && (after ? e->ms > from : e->ms >= from);
}

/* "XRANGE KEY FROM + COUNT N", or "XREVRANGE KEY + - COUNT 1". */
static void
do_xrange(struct redisd *d, struct client *c, const struct words *w, bool last)
{
	size_t n = 0, most = w->n == 6 ? (size_t)atoi(w->at[5]) : 0, at[ENTRIES];

	if (redisd_find(d, c->db, w->at[1], w->len[1]) != NULL) {
		sayf(c, "-WRONGTYPE not a stream\r\n");
		return;
	}
	for (size_t i = 0; i < d->nentries && n < most; i++) {
		size_t k = last ? d->nentries - 1 - i : i;

		if (is_in(c, w, &d->entry[k], last))
			at[n++] = k;
	}
	sayf(c, "*%zu\r\n", n);
	for (size_t i = 0; i < n; i++) {
		const struct entry *e = &d->entry[at[i]];

		sayf(c, "*2\r\n$%d\r\n%u-0\r\n*2\r\n", snprintf(NULL, 0, "%u-0", e->ms), e->ms);
		say_bulk(c, e->field, strlen(e->field));
		say_bulk(c, e->value, e->len);
	}
}

static void
do_right(struct redisd *d, struct client *c, const struct words *w)
{
	if (is(w, 0, "AUTH")) {
		do_auth(d, c, w);
	} else if (d->password[0] != '\0' && !c->authenticated) {
		sayf(c, "%s", modes[REDISD_NOAUTH].text);
	} else if (is(w, 0, "PING")) {
		sayf(c, "+PONG\r\n");
	} else if (is(w, 0, "SELECT") && w->n == 2 && atoi(w->at[1]) < 16) {
		c->db = (unsigned)atoi(w->at[1]);
		sayf(c, "+OK\r\n");
	} else if (is(w, 0, "SELECT")) {
		sayf(c, "-ERR DB index is out of range\r\n");
	} else if (is(w, 0, "GET") && w->n == 2) {
		say_value(d, c, w->at[1], w->len[1]);
	} else if (is(w, 0, "MGET") && w->n > 1) {
		sayf(c, "*%zu\r\n", w->n - 1);
		for (size_t i = 1; i < w->n; i++)
			say_value(d, c, w->at[i], w->len[i]);
	} else if (is(w, 0, "ASKING")) {
		sayf(c, "+OK\r\n");
	} else if (is(w, 0, "SET")) {
		do_set(d, c, w);
	} else if (is(w, 0, "XADD")) {
		do_xadd(d, c, w);
	} else if (is(w, 0, "XRANGE") || is(w, 0, "XREVRANGE")) {
		do_xrange(d, c, w, is(w, 0, "XREVRANGE"));
	} else if (is(w, 0, "EXPIRE")) {
		sayf(c, ":1\r\n");
	} else {
		sayf(c, "-ERR unknown command\r\n");
	}
}

static void
say_integers(struct client *c, size_t n)
{
	sayf(c, "*%zu\r\n", n);
	for (size_t i = 0; i < n; i++)
		sayf(c, ":1\r\n");
}

static void
say_nils(struct client *c, size_t n)
{
	sayf(c, "*%zu\r\n", n);
	for (size_t i = 0; i < n; i++)
		sayf(c, "$-1\r\n");
}

static void
say_echo(struct client *c, const struct words *w)
{
	sayf(c, "-ERR unknown command, with args beginning with:");
	for (size_t i = 0; i < w->n; i++) {
		sayf(c, " '");
		say(c, w->at[i], w->len[i]);
		sayf(c, "'");
	}
	sayf(c, "\r\n");
}

static void
do_as_told(struct redisd *d, struct client *c, const struct words *w)
{
	unsigned ways = modes[d->mode].ways;
	size_t before = c->out;

	if ((ways & TO_SET) != 0 && !is(w, 0, "SET"))
		ways = RIGHT;
	else if (modes[d->mode].text != NULL)
		sayf(c, "%s", modes[d->mode].text);
	if ((ways & RIGHT) != 0)
		do_right(d, c, w);
	if ((ways & TWICE) != 0)
		do_right(d, c, w);
	if ((ways & HALF) != 0)
		c->out = before + (c->out - before) / 2;
	if ((ways & INTEGERS) != 0)
		say_integers(c, w->n - 1);
	if ((ways & ONE_MORE) != 0)
		say_nils(c, w->n);
	if ((ways & REPEAT) != 0)
		say_echo(c, w);
	c->pouring |= (ways & POUR) != 0;
	c->dripping = (ways & SLOWLY) != 0;
	c->closing |= (ways & END) != 0;
}

static void
count(struct redisd *d, const struct words *w)
{
	size_t i;

	for (i = 0; i < COMMANDS - 1 && d->count[i].n > 0; i++)
		if (is(w, 0, d->count[i].name))
			break;
	if (d->count[i].n++ == 0)
		(void)snprintf(d->count[i].name, sizeof(d->count[i].name), "%.*s",
		    (int)w->len[0], w->at[0]);
}

static const char *
saying(const struct redisd *d, const struct words *w)
{
	for (size_t i = 0; i < SAYINGS; i++)
		if (d->saying[i].text != NULL && is(w, 0, d->saying[i].command))
			return d->saying[i].text;
	return NULL;
}

static void
do_command(struct redisd *d, struct client *c, const struct words *w)
{
	bool greeting = is(w, 0, "AUTH") || is(w, 0, "SELECT") || is(w, 0, "PING");
	const char *text = saying(d, w);

	count(d, w);
	if (text != NULL)
		say(c, text, strlen(text));
	else if (greeting && !d->always)
		do_right(d, c, w);
	else
		do_as_told(d, c, w);
}

/* Read "<kind>number\r\n" at *at; false: not all here.  What is wrong closes. */
static bool
number(struct client *c, size_t *at, char kind, long *n)
{
	char *start = c->inbuf + *at;
	char *end = memchr(start, '\n', c->in - *at);

	if (end == NULL)
		return false;
	*n = strtol(start + 1, NULL, 10);
	*at += (size_t)(end - start) + 1;
	c->closing |= *start != kind || *n < 0;
	return !c->closing;
}

/* Read one command at *at, and go past it; false: not all here. */
static bool
command(struct client *c, size_t *at, struct words *w)
{
	size_t pos = *at;
	long n, len;

	if (!number(c, &pos, '*', &n))
		return false;
	if (n < 1 || n > ARGS) {
		c->closing = true;
		return false;
	}
	for (w->n = 0; w->n < (size_t)n; w->n++) {
		if (!number(c, &pos, '$', &len) || c->in - pos < (size_t)len + 2)
			return false;
		w->at[w->n] = c->inbuf + pos;
		w->len[w->n] = (size_t)len;
		pos += (size_t)len + 2;
	}
	*at = pos;
	return true;
}

void
redisd_hear(struct redisd *d, struct client *c)
{
	ssize_t n = read(c->fd, c->inbuf + c->in, sizeof(c->inbuf) - c->in);
	struct words w;
	size_t at = 0;

	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
			c->out = c->sent = 0;
			c->pouring = false;
			c->closing = true;
		}
		return;
	}
	c->in += (size_t)n;
	while (!c->closing && command(c, &at, &w))
		do_command(d, c, &w);
	memmove(c->inbuf, c->inbuf + at, c->in - at);
	c->in -= at;
}
