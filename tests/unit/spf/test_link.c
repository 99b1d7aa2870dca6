/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spflink.c - real processes at the other end: what they say arrives, and
 * what is odd is their end.
 */
#include "config.h"

#include "spf/link.h"

#include <sys/socket.h>

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "os/spawn.h"

#include "tap.h"

#define PATIENCE_MS 20000

static struct loop *loop;
static int spawner;

/* Listen to nothing, until nobody is there any more. */
static _Noreturn void
sulk(int fd)
{
	struct pollfd gone = {.fd = fd};

	(void)poll(&gone, 1, -1);
	_exit(0);
}

/* A process does as the HELO of a check tells it. */
static void
obey(int fd, const struct spf_message *heard)
{
	static unsigned char packet[SPFWIRE_MAX + 1];
	struct spf_message says = {
	    .verb = SPF_RESULT, .number = heard->number, .as.outcome = {SPF_PASS, ""}};
	const char *order = heard->as.check.helo;
	size_t len = spfwire_write(packet, &says);

	if (strcmp(order, "die") == 0)
		_exit(0);
	if (strcmp(order, "sulk") == 0)
		sulk(fd);
	if (strcmp(order, "babble") == 0)
		packet[0] ^= 0xff;
	if (strcmp(order, "shout") == 0)
		len = sizeof(packet);
	if (strcmp(order, "stutter") == 0)
		(void)!send(fd, packet, len, MSG_NOSIGNAL);
	if (strcmp(order, "nothing") == 0)
		len = 0;
	(void)!send(fd, packet, len, MSG_NOSIGNAL);
}

static void
serve(int fd)
{
	static unsigned char packet[SPFWIRE_MAX];
	struct spf_message message;
	ssize_t n;

	while ((n = recv(fd, packet, sizeof(packet), 0)) > 0)
		if (spfwire_read(&message, packet, (size_t)n))
			obey(fd, &message);
	_exit(0);
}

/* What has come of a process. */
static struct exchange {
	const char *order;
	struct spflink *link;
	unsigned heard;
	atomic_uint state; /* of the wait of the main thread: 1 is its end */
	bool ended, sent;
} exchange;

static void
finish_trial(void)
{
	spflink_free(exchange.link);
	exchange.link = NULL;
	atomic_store(&exchange.state, 1);
}

static void
on_heard(void *arg, const struct spf_message *message)
{
	struct exchange *t = arg;

	t->heard += message->verb == SPF_RESULT && message->number == 77 &&
	    message->as.outcome.result == SPF_PASS;
	if (strcmp(t->order, "stutter") != 0 || t->heard == 2)
		finish_trial();
}

static void
on_ended(void *arg)
{
	struct exchange *t = arg;

	t->ended = true;
	finish_trial();
}

static void
begin(void *arg)
{
	struct exchange *t = arg;
	struct spf_message message = {.verb = SPF_CHECK, .number = 77};

	message.as.check = (struct spf_check){.helo = t->order, .sender = "", .receiver = "r"};
	ipaddr_parse(&message.as.check.client, "198.51.100.7");
	t->link = spflink_new(loop, spawner, on_heard, on_ended, t);
	t->sent = t->link != NULL && spflink_send(t->link, &message);
	if (t->link == NULL)
		atomic_store(&t->state, 1);
}

static const struct {
	const char *order;
	unsigned heard;
	bool ended;
} rows[] = {
    {"say", 1, false},
    {"stutter", 2, false},
    {"babble", 0, true},
    {"shout", 0, true},
    {"nothing", 0, true},
    {"die", 0, true},
};

static void
run(const char *order)
{
	int64_t until = clock_ms() + PATIENCE_MS;

	memset(&exchange, 0, sizeof(exchange));
	exchange.order = order;
	loop_call(loop, begin, &exchange);
	while (atomic_load(&exchange.state) == 0 && clock_ms() < until)
		usleep(1000);
}

/* One that does not listen: the socket fills, and that is its end. */
static void
flood(void *arg)
{
	struct exchange *t = arg;
	struct spf_message message = {.verb = SPF_CHECK, .number = 77};
	unsigned n = 0;

	message.as.check = (struct spf_check){.helo = "sulk", .sender = "", .receiver = "r"};
	ipaddr_parse(&message.as.check.client, "198.51.100.7");
	t->link = spflink_new(loop, spawner, on_heard, on_ended, t);
	while (t->link != NULL && n < 100000 && spflink_send(t->link, &message))
		n++;
	t->heard = n;
	message.as.check.helo = "not\nallowed";
	t->sent = t->link != NULL && spflink_send(t->link, &message);
	finish_trial();
}

static void
test_flood(void)
{
	memset(&exchange, 0, sizeof(exchange));
	exchange.order = "sulk";
	loop_call(loop, flood, &exchange);
	while (atomic_load(&exchange.state) == 0)
		usleep(1000);
	ok(exchange.heard > 0 && exchange.heard < 100000, "a full socket is not waited for");
	ok(!exchange.sent, "nor is what is no message sent");
}

int
main(void)
{
	spawner = spawn_start("test-spflink", serve);
	if (spawner < 0 || !spawn_become(spawner, NULL, NULL))
		return 1;
	loop = loop_new();
	loop_start(loop);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run(rows[i].order);
		ok(exchange.sent, "%s: sent", rows[i].order);
		same_num(exchange.heard, rows[i].heard, rows[i].order);
		same_num(exchange.ended, rows[i].ended, rows[i].order);
	}
	test_flood();
	loop_stop(loop);
	loop_free(loop);
	close(spawner);
	return done();
}
