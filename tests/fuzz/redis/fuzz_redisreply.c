/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_redisreply.c - whatever bytes the other end of the connection to Redis
 * sends: each question is answered once, and by values within their bounds; and
 * nobody is sent to what is no address.  The loop has no thread here; its events
 * are run in between.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "fuzz/fuzz.h"
#include "loop/loop.h"
#include "redis/node.h"
#include "redis/redis.h"
#include "redis/slotmap.h"

#define BYTES_MAX 8192
#define QUESTIONS 3
#define ROUNDS 4 /* of the loop, between two pieces */

struct question {
	bool with_end;
	unsigned answers;
};

static struct loop *loop;
static char path[108];
static int listener = -1;

static void
begin(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};

	snprintf(path, sizeof(path), "%s", fuzz_file("redis.sock", "", 0));
	unlink(path);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (listener < 0 || bind(listener, (struct sockaddr *)&un, sizeof(un)) != 0 ||
	    listen(listener, 16) != 0 || (loop = loop_new()) == NULL)
		abort();
}

static void
turn(void)
{
	for (int i = 0; i < ROUNDS; i++)
		event_base_loop(loop_base(loop), EVLOOP_NONBLOCK);
}

static void
on_value(void *arg, const struct redis_value *value)
{
	struct question *q = arg;
	unsigned sum = 0;

	q->answers++;
	MUST((value->data != NULL) == (value->state == REDIS_FOUND));
	MUST(value->data != NULL || value->len == 0);
	MUST(value->len <= REDIS_VALUE_MAX);
	MUST(q->with_end || value->ends == 0);
	for (size_t k = 0; k < value->len; k++)
		sum += (unsigned char)value->data[k];
	MUST(sum <= REDIS_VALUE_MAX * 255);
}

/* Send a piece of the input, if anybody still listens. */
static void
say(int fd, struct input *in, size_t n)
{
	n = n < in->left ? n : in->left;
	if (n > 0)
		(void)!send(fd, in->at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	in->at += n;
	in->left -= n;
	turn();
}

static void
ask(struct redis *redis, struct question *q, bool with_end)
{
	q->with_end = with_end;
	if (with_end)
		redis_get_with_end(redis, "a", on_value, q);
	else
		redis_get(redis, "a", on_value, q);
	turn();
}

/* The first byte says how the rest is cut and whether it greets well. */
static void
talk(struct redis *redis, int fd, struct input *in)
{
	uint8_t shape = input_byte(in);
	struct question question[QUESTIONS] = {0};
	size_t piece = (shape & 2) != 0 ? 1 + in->left / 5 : in->left;

	if ((shape & 1) != 0)
		(void)!send(fd, "+PONG\r\n", strlen("+PONG\r\n"), MSG_NOSIGNAL);
	turn();
	for (int i = 0; i < QUESTIONS; i++) {
		ask(redis, &question[i], (shape >> (4 + i) & 1) != 0);
		redis_set(redis, "k", "v", 60, NULL, NULL);
		say(fd, in, piece);
	}
	while (in->left > 0)
		say(fd, in, piece);
	if ((shape & 4) != 0)
		shutdown(fd, SHUT_WR);
	turn();
	redis_free(redis);
	for (int i = 0; i < QUESTIONS; i++)
		MUST(question[i].answers == 1);
}

/* --- What a Cluster says: the same bytes, as an error and as a tree --- */

static void
check_node(const struct endpoint *node)
{
	char text[ENDPOINT_STRLEN];
	struct endpoint again;

	MUST(node->port != 0);
	MUST(node->address.bits == 32 || node->address.bits == 128);
	MUST(endpoint_parse(&again, endpoint_format(node, text), 1, false));
	MUST(endpoint_equal(node, &again));
}

/* A tree that an input describes, no deeper than a reply may be. */
static struct redisreply *
grow(struct input *in, unsigned depth)
{
	static const char *const hosts[] = {"", "?", "127.0.0.1", "::1", "redis.example"};
	uint8_t kind = input_byte(in);
	struct redisreply *r;
	char *text;

	if (kind < 40)
		return redisreply_number(kind * 500);
	if (kind < 60)
		return redisreply_number((long long)input_number(in) - 1000);
	if (kind < 100)
		return redisreply_text(
		    REDISREPLY_STRING, hosts[kind % 5], strlen(hosts[kind % 5]));
	if (kind < 120) {
		text = input_text(in, 64);
		r = redisreply_text(REDISREPLY_STRING, text, strlen(text));
		free(text);
		return r;
	}
	if (kind < 130 || depth == 0)
		return redisreply_text(REDISREPLY_NIL, "", 0);
	r = redisreply_array(kind % 8);
	for (size_t i = 0; r != NULL && i < r->len; i++)
		r->element[i] = grow(in, depth - 1);
	return r;
}

static void
check_cluster(const uint8_t *data, size_t size)
{
	static struct slotmap map;
	struct endpoint from = {.port = 6379, .address = {.bits = 32, .byte = {127, 0, 0, 1}}};
	struct input in = {data, size}, again = {data, size};
	struct redirect redirect;
	char *text = input_text(&in, BYTES_MAX);
	struct redisreply *reply = grow(&again, 4);

	MUST(slotmap_slot(text) < REDIS_SLOTS);
	if (redirect_parse(&redirect, text, &from)) {
		MUST(redirect.slot < REDIS_SLOTS);
		check_node(&redirect.node);
	}
	if (endpoint_parse(&from, text, 1, false))
		check_node(&from);
	if (slotmap_read(&map, reply, &from)) {
		MUST(map.n <= SLOTMAP_NODES_MAX);
		for (unsigned i = 0; i < map.n; i++)
			check_node(&map.node[i]);
		for (unsigned i = 0; i < REDIS_SLOTS; i++)
			MUST(map.owner[i] < map.n || map.owner[i] == SLOTMAP_NOBODY);
	}
	redisreply_free(reply);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct redis_options options = {.connect_ms = 60000, .command_ms = 60000};
	struct input in = {data, size};
	struct redis *redis;
	struct paper log;
	int fd;

	if (size > BYTES_MAX)
		return 0;
	check_cluster(data, size);
	if (listener < 0)
		begin();
	options.path = path;
	paper_open(&log);
	log_to_stream(log.stream);
	redis = redis_new(loop, &options);
	fd = accept(listener, NULL, NULL);
	if (redis == NULL || fd < 0)
		abort();
	talk(redis, fd, &in);
	/* One that went well and was closed has been followed by another. */
	for (; fd >= 0; fd = accept(listener, NULL, NULL))
		close(fd);
	log_to_stream(stderr);
	paper_read(&log);
	fuzz_check_log(log.text);
	paper_close(&log);
	return 0;
}
