/* SPDX-License-Identifier: BSD-2-Clause */
/* control/ask.c - over a unix socket; a line is bounded, and so is the wait for all of them. */
#include "config.h"

#include "control/ask.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "control/server.h"

#define REPLY_MAX 65536 /* bytes of a line */
#define CLOSE_MS 1000   /* for who replied to close */

static int
connect_to(const char *path, int ms)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const struct timeval patience = {
	    .tv_sec = ms / 1000, .tv_usec = (suseconds_t)(ms % 1000) * 1000};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	/* It bounds connect(), too, where who listens does not accept. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!strbuf_copy(sun.sun_path, sizeof(sun.sun_path), path))
		errno = ENAMETOOLONG;
	else if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool
send_request(int fd, const json_t *request)
{
	char text[SERVER_REQUEST_MAX];
	size_t len = json_dumpb(request, text, sizeof(text) - 1, JSON_COMPACT);

	if (len == 0 || len >= sizeof(text))
		return false;
	text[len++] = '\n';
	(void)send(fd, text, len, MSG_NOSIGNAL); /* who is sent away has an answer already */
	return true;
}

/* Wait for more of the reply, until clock_ms() reaches deadline. */
static ssize_t
read_more(int fd, char *text, size_t size, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	bool for_ever = deadline == INT64_MAX;
	int64_t left = for_ever ? 0 : deadline - clock_ms();

	if ((left <= 0 && !for_ever) || poll(&p, 1, for_ever ? -1 : (int)left) <= 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	return read(fd, text, size);
}

/* The status; ASK_GONE, ASK_SILENT, or ASK_MEMORY. */
static int
take_reply(int fd, int64_t deadline, ask_line_fn *take, void *arg)
{
	char *text = malloc(REPLY_MAX), *end;
	int status = -1;
	size_t len = 0;
	ssize_t n = 0;

	if (text == NULL)
		return ASK_MEMORY;
	while (status < 0 && len < REPLY_MAX - 1 &&
	    (n = read_more(fd, text + len, REPLY_MAX - len - 1, deadline)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		while (status < 0 && (end = strchr(text, '\n')) != NULL) {
			*end++ = '\0';
			status = take(text, arg);
			len -= (size_t)(end - text);
			memmove(text, end, len + 1);
		}
	}
	if (status < 0)
		status = n == 0 || (n < 0 && errno == ECONNRESET) ? ASK_GONE : ASK_SILENT;
	free(text);
	return status;
}

/* Until the other end is closed, which is when it has a place for another client again. */
static void
await_close(int fd, int64_t deadline)
{
	int64_t soon = clock_ms() + CLOSE_MS;
	char rest[256];

	while (read_more(fd, rest, sizeof(rest), soon < deadline ? soon : deadline) > 0)
		;
}

int
ask_daemon(const char *path, const json_t *request, struct ask_patience p, ask_line_fn *take,
    void *arg)
{
	int fd = connect_to(path, p.connect_ms), status = ASK_TOO_LONG;
	int64_t deadline;

	if (fd < 0)
		return ASK_NOBODY;
	if (send_request(fd, request)) {
		deadline = p.reply_ms != ASK_FOR_EVER ? clock_ms() + p.reply_ms : INT64_MAX;
		status = take_reply(fd, deadline, take, arg);
		if (status >= 0)
			await_close(fd, deadline);
	}
	close(fd);
	return status;
}
