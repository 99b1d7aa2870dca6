/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_gate.c - the gate of the listening socket: its degrees, and who gets in.
 */
#include "config.h"

#include "loop/throttle.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "tap.h"

#define FILES 100

static const struct {
	const char *label;
	int used; /* descriptors, as the lowest free one tells */
	enum shortage want;
	bool shut;
	int after_ms; /* since the row before */
} rows[] = {
    {"hardly any are in use", 40, SHORTAGE_NONE, false, 0},
    {"just below four fifths", 79, SHORTAGE_NONE, false, 0},
    {"four fifths", 80, SHORTAGE_NEAR, false, 0},
    {"nine tenths", 90, SHORTAGE_HERE, false, 0},
    {"19 of 20: shut", 95, SHORTAGE_TOTAL, true, 0},
    {"all of them", 99, SHORTAGE_TOTAL, true, 0},
    {"fewer, but nine tenths: still shut", 92, SHORTAGE_HERE, true, 0},
    {"less than that, too soon: still shut", 89, SHORTAGE_NEAR, true, 999},
    {"a second later: open", 89, SHORTAGE_NEAR, false, 1},
    {"none to speak of", 40, SHORTAGE_NONE, false, 0},
};

static struct sockaddr_in address = {.sin_family = AF_INET};

static int
make_listener(void)
{
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) != 0)
		return -1;
	return fd;
}

/* Use descriptors until want is the lowest free one. */
static void
use(int want)
{
	static int highest = -1;
	int fd;

	for (; highest >= want; highest--)
		close(highest);
	while ((fd = dup(STDOUT_FILENO)) >= 0 && fd < want)
		highest = fd;
	close(fd);
}

static bool
readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* Whether a client that comes now is seen by who listens at fd. */
static void
visit(int listener, bool shut, const char *label)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server;

	same_num(connect(client, (struct sockaddr *)&address, sizeof(address)), 0, label);
	same_num(readable(listener), !shut, label);
	if (shut) {
		close(client);
		return;
	}
	server = accept(listener, NULL, NULL);
	ok(server >= 0, "%s", label);
	close(server);
	close(client);
}

static void
drain(int listener)
{
	int fd;

	while (readable(listener) && (fd = accept(listener, NULL, NULL)) >= 0)
		close(fd);
}

/* A glance looks when it must, and not before. */
static void
test_glance(void)
{
	use(40);
	same_num(throttle_check(), SHORTAGE_NONE, "40 of 100");
	use(90);
	for (int i = 0; i < FILES / 100; i++)
		same_num(
		    throttle_check_now(), SHORTAGE_NONE, "one comes: the last look will do");
	same_num(throttle_check_now(), SHORTAGE_HERE, "one more: it looks");
	use(40);
	clock_advance(9);
	same_num(throttle_check_now(), SHORTAGE_HERE, "9 ms after a look");
	(void)throttle_check();
	use(90);
	clock_advance(10);
	same_num(throttle_check_now(), SHORTAGE_HERE, "10 ms after it");
	use(40);
}

/* Low ones are free again, while the others are in use. */
static void
test_holes(void)
{
	enum { FIRST = 20, HOLES = 5 };

	use(92);
	for (int fd = FIRST; fd < FIRST + HOLES; fd++)
		close(fd);
	same_num(throttle_check(), SHORTAGE_NEAR, "87 of 100, but not the lowest");
	for (int fd = FIRST; fd < FIRST + HOLES; fd++)
		same_num(dup(STDOUT_FILENO), fd, "a low one is in use");
	same_num(throttle_check(), SHORTAGE_HERE, "92 again");
	use(40);
}

int
main(void)
{
	FILE *stream = tmpfile();
	char text[2000];
	int listener;

	log_to_stream(stream);
	clock_freeze(1000000, 1700000000);
	same_num(throttle_check(), SHORTAGE_NONE, "no gate yet: no shortage");
	ok(!throttle_init(FILES), "nothing to guard: it says so");
	same_num(throttle_check(), SHORTAGE_NONE, "and there is no shortage");
	listener = make_listener();
	ok(throttle_init(FILES), "there is a socket to guard");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		use(rows[i].used);
		clock_advance(rows[i].after_ms);
		same_num(throttle_check(), rows[i].want, rows[i].label);
		same_num(throttle_is_closed(), rows[i].shut, rows[i].label);
		if (!rows[i].shut)
			drain(listener); /* who waited, and what woke the listener */
		if (rows[i].used < FILES - 1)
			visit(listener, rows[i].shut, rows[i].label);
	}
	test_glance();
	test_holes();
	use(96);
	(void)throttle_check();
	ok(throttle_is_closed(), "shut again");
	throttle_open();
	ok(!throttle_is_closed(), "opened at the end");
	(void)throttle_check();
	ok(!throttle_is_closed(), "it stays open");
	rewind(stream);
	text[fread(text, 1, sizeof(text) - 1, stream)] = '\0';
	ok(strstr(text, "event=files-short used=95 max=100 accepting=no\n") != NULL,
	    "the log says when it is shut");
	ok(strstr(text, "used=99") == NULL, "once a minute for each degree");
	log_to_stream(stderr);
	return done();
}
