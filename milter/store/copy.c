/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/copy.c - a decision is "rg1:d:REFERENCE"; its value has five lines: version, time,
 * checksum of the configuration, policy, and the line of the log.
 */
#include "config.h"

#include "store/copy.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/number.h"
#include "base/random.h"
#include "base/strbuf.h"
#include "loop/loop.h"
#include "redis/redis.h"
#include "store/days.h"
#include "verdict/logrecord.h"

#define DAY_S 86400
_Static_assert(STORE_COPY_VALUE_MAX == REDIS_VALUE_MAX + 1, "values come back whole");

#define KEY_MAX 24
#define FORMAT "1"
#define TIME_MAX 999999999999
#define ITEMS_MAX 32768 /* that wait for the I/O thread */
#define TURN 100        /* that it puts at a time */
#define OVERHEAD 180    /* bytes that Redis takes for a key with a lifetime, beside its value */
#define FIND_MS 1000    /* how long an answer is waited for */

/* A value on its way; what it takes is counted for a day. */
struct item {
	struct item *next;
	struct store_copy *copy;
	int day;
	int64_t bytes;
	char key[KEY_MAX];
	char value[];
};

struct use {
	int day;
	int64_t bytes;
};

struct store_copy {
	struct loop *loop;
	struct redis_options options;
	struct redis *redis; /* the I/O thread's own */
	int keep;
	int64_t size;
	struct call begin, send;

	pthread_mutex_t lock; /* guards the rest; never held for long */
	struct item *first, **last;
	unsigned n;
	struct use use[DAYS_MAX];
	unsigned nuse;
};

/* --- How much there is --- */

/* Add to what was put on a day; days that Redis has forgotten make room for others. */
static void
add_locked(struct store_copy *c, int day, int64_t bytes)
{
	int gone = days_of(clock_wall() - (int64_t)(c->keep + 1) * DAY_S);
	unsigned n = 0, at;

	for (unsigned i = 0; i < c->nuse; i++)
		if (c->use[i].day > gone || c->use[i].day == day)
			c->use[n++] = c->use[i];
	c->nuse = n;
	for (at = 0; at < n && c->use[at].day != day; at++)
		continue;
	if (at == DAYS_MAX)
		return;
	if (at == n)
		c->use[c->nuse++] = (struct use){.day = day};
	c->use[at].bytes += bytes;
}

void
store_copy_remember(struct store_copy *c, int day, int64_t bytes)
{
	pthread_mutex_lock(&c->lock);
	add_locked(c, day, bytes);
	pthread_mutex_unlock(&c->lock);
}

int64_t
store_copy_used(struct store_copy *c, int day)
{
	int64_t bytes = 0;

	pthread_mutex_lock(&c->lock);
	for (unsigned i = 0; i < c->nuse; i++)
		if (c->use[i].day == day)
			bytes = c->use[i].bytes;
	pthread_mutex_unlock(&c->lock);
	return bytes;
}

/* Count an item for its day, if all have room for it. */
static bool
take_room(struct store_copy *c, const struct item *item)
{
	int64_t sum = item->bytes;
	bool good;

	pthread_mutex_lock(&c->lock);
	add_locked(c, item->day, 0);
	for (unsigned i = 0; i < c->nuse; i++)
		sum += c->use[i].bytes;
	good = sum <= c->size;
	if (good)
		add_locked(c, item->day, item->bytes);
	pthread_mutex_unlock(&c->lock);
	return good;
}

/* --- Putting --- */

static void
refuse(struct item *item)
{
	counter_add(COUNTER_COPIES_REFUSED);
	free(item);
}

static void
on_put(void *arg, bool good)
{
	struct item *item = arg;

	if (good) {
		counter_add(COUNTER_STORE_COPIES);
		free(item);
		return;
	}
	store_copy_remember(item->copy, item->day, -item->bytes);
	refuse(item);
}

/* The first items, as many as a turn may have; *more: there are others. */
static struct item *
take_turn(struct store_copy *c, bool *more)
{
	struct item *items, **end;
	unsigned n = 0;

	pthread_mutex_lock(&c->lock);
	items = c->first;
	for (end = &items; *end != NULL && n < TURN; n++)
		end = &(*end)->next;
	c->first = *end;
	*end = NULL;
	c->n -= n;
	if (c->first == NULL)
		c->last = &c->first;
	*more = c->first != NULL;
	pthread_mutex_unlock(&c->lock);
	return items;
}

/* On the I/O thread, which has other things to do between two turns. */
static void
send_items(void *arg)
{
	struct store_copy *c = arg;
	bool more;

	for (struct item *item = take_turn(c, &more), *next; item != NULL; item = next) {
		next = item->next;
		if (c->redis == NULL || !take_room(c, item))
			refuse(item);
		else
			redis_set(c->redis, item->key, item->value, (uint32_t)(c->keep * DAY_S),
			    on_put, item);
	}
	if (more)
		loop_post(c->loop, &c->send, send_items, c);
}

/* What is not one line of plain text is left out. */
static const char *
plain(const char *text)
{
	const char *at = text;

	while (at != NULL && *at >= ' ' && *at <= '~')
		at++;
	return at != NULL && *at == '\0' ? text : "";
}

static void
make_key(char key[KEY_MAX], const char *ref)
{
	struct strbuf sb;

	strbuf_init(&sb, key, KEY_MAX);
	strbuf_add(&sb, "rg1:d:");
	for (; *ref != '\0'; ref++)
		strbuf_addc(&sb, *ref >= 'a' && *ref <= 'z' ? (char)(*ref - 'a' + 'A') : *ref);
}

bool
store_copy_write(char value[STORE_COPY_VALUE_MAX], const struct store_row *row)
{
	char line[LOG_LINE_MAX];
	struct strbuf sb;

	logrecord_hide_people(row->line, line, sizeof(line));
	strbuf_init(&sb, value, STORE_COPY_VALUE_MAX);
	strbuf_addf(&sb, FORMAT "\n%" PRId64 "\n%s\n%s\n%s\n%s", row->time, plain(row->conf),
	    plain(row->policy), plain(row->at), plain(line));
	return !sb.cut;
}

static struct item *
new_item(struct store_copy *c, const struct store_row *row)
{
	char value[STORE_COPY_VALUE_MAX];
	bool good = store_copy_write(value, row);
	size_t len = strlen(value);
	struct item *item = good ? malloc(sizeof(*item) + len + 1) : NULL;

	if (item == NULL)
		return NULL;
	item->next = NULL;
	item->copy = c;
	item->day = days_of(row->time);
	item->bytes = (int64_t)len + OVERHEAD;
	make_key(item->key, row->ref);
	memcpy(item->value, value, len + 1);
	return item;
}

void
store_copy_put(struct store_copy *c, const struct store_row *row)
{
	struct item *item = new_item(c, row);
	bool good;

	pthread_mutex_lock(&c->lock);
	good = item != NULL && c->n < ITEMS_MAX;
	if (good) {
		*c->last = item;
		c->last = &item->next;
		c->n++;
	}
	pthread_mutex_unlock(&c->lock);
	if (good)
		loop_post(c->loop, &c->send, send_items, c);
	else
		refuse(item);
}

/* --- Finding --- */

/* A question on its way; two hold it, who asks and who answers. */
struct look {
	struct call call;
	struct store_copy *copy;
	atomic_uint refs;
	struct event_flag answered;
	char key[KEY_MAX];
	enum store_copy_answer answer;
	char value[STORE_COPY_VALUE_MAX];
};

static void
look_unref(struct look *l)
{
	if (atomic_fetch_sub(&l->refs, 1) != 1)
		return;
	event_flag_destroy(&l->answered);
	free(l);
}

static void
settle(struct look *l, enum store_copy_answer answer)
{
	l->answer = answer;
	event_flag_set(&l->answered);
	look_unref(l);
}

static void
on_value(void *arg, size_t n, const struct redis_value *value)
{
	struct look *l = arg;

	(void)n;
	if (value->data == NULL) {
		settle(l, redis_is_up(l->copy->redis) ? STORE_COPY_NONE : STORE_COPY_SILENT);
		return;
	}
	memcpy(l->value, value->data, value->len);
	l->value[value->len] = '\0';
	if (strlen(l->value) != value->len)
		l->value[0] = '\0';
	settle(l, STORE_COPY_FOUND);
}

static void
on_deleted(void *arg, int64_t n)
{
	settle(arg, n < 0 ? STORE_COPY_SILENT : n > 0 ? STORE_COPY_FOUND : STORE_COPY_NONE);
}

static bool
has_items(struct store_copy *c)
{
	bool some;

	pthread_mutex_lock(&c->lock);
	some = c->first != NULL;
	pthread_mutex_unlock(&c->lock);
	return some;
}

/* After what waits to be put, for it may be among that. */
static void
ask_to_delete(void *arg)
{
	struct look *l = arg;

	if (l->copy->redis == NULL)
		settle(l, STORE_COPY_SILENT);
	else if (has_items(l->copy))
		loop_post(l->copy->loop, &l->call, ask_to_delete, l);
	else
		redis_delete(l->copy->redis, 1, &(const char *){l->key}, on_deleted, l);
}

static void
ask(void *arg)
{
	struct look *l = arg;

	if (l->copy->redis == NULL)
		settle(l, STORE_COPY_SILENT);
	else
		redis_get(l->copy->redis, 1, &(const char *){l->key}, on_value, l);
}

/* Anybody may have written it. */
bool
store_copy_read(char *text, const char *ref, struct store_row *row)
{
	const char *version = strsep(&text, "\n"), *time = strsep(&text, "\n");
	const char *conf = strsep(&text, "\n"), *policy = strsep(&text, "\n");
	const char *at = strsep(&text, "\n");
	const char *field = text != NULL ? text : "";

	if (text == NULL || strcmp(version, FORMAT) != 0 ||
	    (row->time = number_read(&time, TIME_MAX)) < 0 || *time != '\0' ||
	    plain(conf) != conf || plain(policy) != policy || plain(at) != at ||
	    plain(text) != text || strlen(text) >= LOG_LINE_MAX)
		return false;
	row->line = text;
	row->conf = conf[0] != '\0' ? conf : NULL;
	row->policy = policy[0] != '\0' ? policy : NULL;
	row->at = at[0] != '\0' ? at : NULL;
	row->copied = true;
	return strncmp(field, "ref=", 4) == 0 && strncmp(field + 4, ref, REF_LEN) == 0 &&
	    field[4 + REF_LEN] == ' ';
}

/* What was answered. */
static enum store_copy_answer
read_answer(struct look *l, void (*fn)(void *arg, const struct store_row *), void *arg)
{
	struct store_row row = {0};

	if (l->answer != STORE_COPY_FOUND)
		return l->answer;
	row.ref = l->key + strlen("rg1:d:");
	if (!store_copy_read(l->value, row.ref, &row)) {
		counter_add(COUNTER_REDIS_GARBAGE);
		return STORE_COPY_NONE;
	}
	fn(arg, &row);
	return STORE_COPY_FOUND;
}

/* Have the I/O thread ask about a reference; NULL: out of memory. */
static struct look *
begin_look(struct store_copy *c, const char *ref, loop_fn *fn)
{
	struct look *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->copy = c;
	atomic_init(&l->refs, 2);
	event_flag_init(&l->answered);
	make_key(l->key, ref);
	loop_post(c->loop, &l->call, fn, l);
	return l;
}

enum store_copy_answer
store_copy_find(struct store_copy *c, const char *ref,
    void (*fn)(void *arg, const struct store_row *), void *arg)
{
	enum store_copy_answer answer = STORE_COPY_SILENT;
	struct look *l = begin_look(c, ref, ask);

	if (l == NULL)
		return STORE_COPY_SILENT;
	if (event_flag_wait(c->loop, &l->answered, clock_ms() + FIND_MS))
		answer = read_answer(l, fn, arg);
	look_unref(l);
	return answer;
}

bool
store_copy_forget(struct store_copy *c, const char *ref)
{
	struct look *l = begin_look(c, ref, ask_to_delete);
	bool good;

	if (l == NULL)
		return false;
	good = event_flag_wait(c->loop, &l->answered, clock_ms() + FIND_MS) &&
	    l->answer != STORE_COPY_SILENT;
	look_unref(l);
	return good;
}

/* --- Its life --- */

const char *
store_copy_server(const struct store_copy *c, char out[REDIS_SERVER_MAX])
{
	return redis_options_server(&c->options, out);
}

static void
begin(void *arg)
{
	struct store_copy *c = arg;

	c->redis = redis_new(c->loop, &c->options);
}

struct store_copy *
store_copy_new(struct loop *loop, const struct redis_options *options, int keep, int64_t size)
{
	struct store_copy *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	if (!redis_options_copy(&c->options, options)) {
		free(c);
		return NULL;
	}
	c->loop = loop;
	c->keep = keep;
	c->size = size;
	c->last = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	loop_post(loop, &c->begin, begin, c);
	return c;
}

void
store_copy_free(struct store_copy *c)
{
	if (c == NULL)
		return;
	redis_free(c->redis);
	for (struct item *item = c->first, *next; item != NULL; item = next) {
		next = item->next;
		refuse(item);
	}
	pthread_mutex_destroy(&c->lock);
	redis_options_clear(&c->options);
	free(c);
}
