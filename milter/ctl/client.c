/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/client.c - over a unix socket; a line is bounded, and so is the wait for all of them. */
#include "config.h"

#include "ctl/client.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"

#define REQUEST_MAX 4096
#define REPLY_MAX 65536 /* bytes of a line */
#define CONNECT_S 20

static const char *usual; /* socket */

void
client_use(const char *path)
{
	usual = path;
}

static int
complain(const char *socket, int error)
{
	if (error == ENOENT || error == ECONNREFUSED)
		fprintf(stderr,
		    "relayguardctl: nobody listens at %s: relayguard does not run (systemctl "
		    "status relayguard), has no control socket (control in relayguard.conf), or "
		    "another one (-s)\n",
		    socket);
	else
		fprintf(stderr, "relayguardctl: %s: %s\n", socket, strerror(error));
	if (error == EAGAIN)
		return EX_TEMPFAIL; /* who listens there does not accept */
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = CONNECT_S};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

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
	char text[REQUEST_MAX];
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
	int64_t left = deadline != INT64_MAX ? deadline - clock_ms() : CLIENT_FOR_EVER;

	if (left == 0 || left < CLIENT_FOR_EVER || poll(&p, 1, (int)left) <= 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	return read(fd, text, size);
}

static int
take_reply(int fd, int64_t deadline, client_line_fn *take, void *arg)
{
	static char text[REPLY_MAX];
	size_t len = 0;
	int status = -1;
	ssize_t n = 0;
	char *end;

	while (status < 0 &&
	    (n = read_more(fd, text + len, sizeof(text) - len - 1, deadline)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		while (status < 0 && (end = strchr(text, '\n')) != NULL) {
			*end++ = '\0';
			status = take(text, arg);
			len -= (size_t)(end - text);
			memmove(text, end, len + 1);
		}
		if (len == sizeof(text) - 1)
			break;
	}
	if (status >= 0)
		return status;
	fprintf(stderr, "relayguardctl: %s\n",
	    n == 0 || (n < 0 && errno == ECONNRESET)
		? "relayguard has stopped, or waits no more for what it says to be read"
		: "the daemon has not answered to the end");
	return EX_TEMPFAIL;
}

int
client_ask(
    const char *path, const json_t *request, int patience, client_line_fn *take, void *arg)
{
	int fd, status;

	if (path == NULL)
		path = usual;
	if ((fd = connect_to(path)) < 0)
		return complain(path, errno);
	if (send_request(fd, request)) {
		status = take_reply(fd,
		    patience != CLIENT_FOR_EVER ? clock_ms() + patience : INT64_MAX, take, arg);
	} else {
		fprintf(stderr, "relayguardctl: the request is too long, or not in UTF-8\n");
		status = EX_USAGE;
	}
	close(fd);
	return status;
}
