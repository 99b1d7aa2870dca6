/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_probe.c - the watchdog's conversation, with milters that answer as they
 * should, wrongly, in part, too late, or not at all.
 */
#include "config.h"

#include "daemon/probe.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "tap.h"

#define LATE_MS 1000 /* long enough for a busy machine to say its part */

/* What libmilter asks for, for us: no answer to HELO and MAIL. */
#define NEGOTIATED "\0\0\0\015O\0\0\0\6\0\0\0\0\0\0\x60\0"
#define CONTINUE "\0\0\0\1c"

#define SCRIPT(text) text, sizeof(text) - 1

static const struct {
	const char *label;
	const char *says; /* all at once; then waits for the other side to leave */
	size_t len;
	bool leaves; /* instead */
	enum probe_result want;
	const char *heard; /* the commands that must have come */
} rows[] = {
    {"all is answered", SCRIPT(NEGOTIATED CONTINUE CONTINUE), false, PROBE_ANSWERED, "OCHMRQ"},
    {"let through at connect", SCRIPT(NEGOTIATED "\0\0\0\1a"), false, PROBE_ANSWERED, "OCQ"},
    {"a reply with a text", SCRIPT(NEGOTIATED CONTINUE "\0\0\0\7y550 x\0"), false,
	PROBE_ANSWERED, "OCHMRQ"},
    {"an old milter that answers all",
	SCRIPT("\0\0\0\015O\0\0\0\2\0\0\0\0\0\0\0\0" CONTINUE CONTINUE CONTINUE CONTINUE),
	false, PROBE_ANSWERED, "OCHMRQ"},
    {"one that wants nothing", SCRIPT("\0\0\0\015O\0\0\0\6\0\0\0\0\0\0\0\017"), false,
	PROBE_ANSWERED, "OQ"},
    {"nothing is answered", SCRIPT(""), false, PROBE_FAILED, "O"},
    {"it leaves at once", SCRIPT(""), true, PROBE_FAILED, NULL},
    {"it leaves after connect", SCRIPT(NEGOTIATED CONTINUE), true, PROBE_FAILED, NULL},
    {"recipients are not answered", SCRIPT(NEGOTIATED CONTINUE), false, PROBE_FAILED, "OCHMR"},
    {"half a packet", SCRIPT("\0\0\0\015O\0\0"), false, PROBE_FAILED, "O"},
    {"an empty packet", SCRIPT("\0\0\0\0"), false, PROBE_FAILED, "O"},
    {"a huge packet", SCRIPT("\177\377\377\377O"), false, PROBE_FAILED, "O"},
    {"a short negotiation", SCRIPT("\0\0\0\5O\0\0\0\6"), false, PROBE_FAILED, "O"},
    {"another answer to negotiation", SCRIPT("\0\0\0\015X\0\0\0\6\0\0\0\0\0\0\0\0"), false,
	PROBE_FAILED, "O"},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int listener;
static char heard[32];

/* Note the commands of all packets in n bytes. */
static void
note_commands(const unsigned char *bytes, size_t n)
{
	size_t count = 0;

	for (size_t at = 0; at + 5 <= n && count < sizeof(heard) - 1;) {
		uint32_t size;

		memcpy(&size, bytes + at, sizeof(size));
		heard[count++] = (char)bytes[at + 4];
		at += sizeof(size) + ntohl(size);
	}
	heard[count] = '\0';
}

static void *
milter(void *arg)
{
	size_t row = *(const size_t *)arg, n = 0;
	unsigned char bytes[4096];
	int fd = accept(listener, NULL, NULL);
	ssize_t more = 0;

	if (send(fd, rows[row].says, rows[row].len, MSG_NOSIGNAL) < 0)
		close(fd);
	while (!rows[row].leaves && n < sizeof(bytes) &&
	    (more = recv(fd, bytes + n, sizeof(bytes) - n, 0)) > 0)
		n += (size_t)more;
	note_commands(bytes, n);
	close(fd);
	return NULL;
}

/* Listen somewhere on loopback, and write where as libmilter does. */
static void
listen_somewhere(char spec[64])
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&sin, &len) != 0)
		ok(false, "a socket to listen on");
	snprintf(spec, 64, "inet:%u@127.0.0.1", (unsigned)ntohs(sin.sin_port));
}

static void
test_rows(const char *spec, int quiet)
{
	for (size_t i = 0; i < ROWS; i++) {
		pthread_t thread;
		int64_t patience = rows[i].want == PROBE_FAILED ? LATE_MS : 10000;

		pthread_create(&thread, NULL, milter, &i);
		same_num(probe_run(spec, "watchdog.invalid", quiet, clock_ms() + patience),
		    rows[i].want, rows[i].label);
		pthread_join(thread, NULL);
		if (rows[i].heard != NULL)
			same_str(heard, rows[i].heard, rows[i].label);
	}
}

int
main(void)
{
	char spec[64];
	int quiet[2], loud[2];
	int64_t begin;

	if (pipe(quiet) != 0 || pipe(loud) != 0 || write(loud[1], "x", 1) != 1)
		return 99;
	listen_somewhere(spec);
	test_rows(spec, quiet[0]);
	begin = clock_ms();
	same_num(probe_run(spec, "x", loud[0], begin + 60000), PROBE_DISTURBED, "disturbed");
	ok(clock_ms() - begin < 30000, "which ends it at once");
	close(listener);
	same_num(
	    probe_run(spec, "x", quiet[0], clock_ms() + 10000), PROBE_FAILED, "nobody listens");
	same_num(probe_run("unix:/nonexistent/socket", "x", quiet[0], clock_ms() + 10000),
	    PROBE_FAILED, "no such socket");
	same_num(probe_wait(quiet[0], POLLIN, quiet[0], clock_ms() - 1), PROBE_FAILED,
	    "a deadline that is over");
	return done();
}
