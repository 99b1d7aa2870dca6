/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/smtptalk.c - a line out, lines in (RFC 5321, 4.2.1). */
#include "config.h"

#include "ctl/smtptalk.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/strbuf.h"

#define LINES_MAX 64 /* of a reply: more are of no server that we want to know */
#define COMMAND_MAX 1024

static bool
await(int fd, short events, int ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, ms) > 0;
}

static bool
connect_in_time(int fd, const struct sockaddr_storage *ss, unsigned size)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (connect(fd, (const struct sockaddr *)ss, size) == 0)
		return true;
	if (errno != EINPROGRESS)
		return false;
	if (!await(fd, POLLOUT, SMTPTALK_MS))
		error = ETIMEDOUT;
	else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	errno = error;
	return error == 0;
}

int
smtptalk_dial(const struct endpoint *to, const struct ipaddr *from)
{
	const struct endpoint source = {.address = *from};
	struct sockaddr_storage ss, own;
	unsigned size = endpoint_sockaddr(to, &ss), own_size = endpoint_sockaddr(&source, &own);
	int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&own, own_size) == 0 &&
	    connect_in_time(fd, &ss, size))
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

size_t
smtptalk_receive(int fd, void *out, size_t size, int ms)
{
	ssize_t n;

	if (!await(fd, POLLIN, ms))
		return 0;
	n = recv(fd, out, size, 0);
	return n > 0 ? (size_t)n : 0;
}

static void
hang_up(struct smtptalk *t)
{
	close(t->fd);
	t->fd = -1;
}

/* Take a line of what has come, without its end; false: there is none in time.  What is
 * longer than there is room for comes in pieces. */
static bool
read_line(struct smtptalk *t, int64_t deadline, char out[sizeof(t->in) + 1])
{
	for (;;) {
		const char *end = memchr(t->in, '\n', t->len);
		size_t len = end != NULL ? (size_t)(end - t->in) : t->len, got;
		int64_t left = deadline - clock_ms();

		if (end != NULL || t->len == sizeof(t->in)) {
			memcpy(out, t->in, len);
			out[len] = '\0';
			out[strcspn(out, "\r")] = '\0';
			len += end != NULL;
			t->len -= len;
			memmove(t->in, t->in + len, t->len);
			return true;
		}
		if (left <= 0)
			return false;
		got =
		    smtptalk_receive(t->fd, t->in + t->len, sizeof(t->in) - t->len, (int)left);
		if (got == 0)
			return false;
		t->len += got;
	}
}

static bool
read_reply(struct smtptalk *t, struct smtptalk_reply *reply)
{
	int64_t deadline = clock_ms() + SMTPTALK_MS;
	char line[sizeof(t->in) + 1];
	struct strbuf text;

	reply->code = 0;
	strbuf_init(&text, reply->text, sizeof(reply->text));
	for (int i = 0; i < LINES_MAX && read_line(t, deadline, line); i++) {
		if (sscanf(line, "%3u", &reply->code) != 1 || strlen(line) < 3)
			break;
		strbuf_addf(&text, "%s\n", line[3] != '\0' ? line + 4 : "");
		if (line[3] != '-')
			return true;
	}
	reply->code = 0;
	hang_up(t);
	return false;
}

bool
smtptalk_open(struct smtptalk *t, const struct endpoint *to, const struct ipaddr *from,
    struct smtptalk_reply *greeting)
{
	*greeting = (struct smtptalk_reply){0};
	t->len = 0;
	t->fd = smtptalk_dial(to, from);
	if (t->fd < 0) {
		(void)strbuf_copy(greeting->text, sizeof(greeting->text), strerror(errno));
		return false;
	}
	if (!read_reply(t, greeting))
		return false;
	if (greeting->code == 220)
		return true;
	smtptalk_close(t);
	return false;
}

bool
smtptalk_say(struct smtptalk *t, struct smtptalk_reply *reply, const char *fmt, ...)
{
	char line[COMMAND_MAX];
	struct strbuf sb;
	va_list ap;
	int n;

	*reply = (struct smtptalk_reply){0};
	if (t->fd < 0)
		return false;
	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 2, fmt, ap);
	va_end(ap);
	strbuf_init(&sb, line + strlen(line), 3);
	strbuf_add(&sb, "\r\n");
	if (n < 0 || (size_t)n >= sizeof(line) - 2 ||
	    send(t->fd, line, strlen(line), MSG_NOSIGNAL) != (ssize_t)strlen(line)) {
		hang_up(t);
		return false;
	}
	return read_reply(t, reply);
}

void
smtptalk_close(struct smtptalk *t)
{
	struct smtptalk_reply reply;

	if (smtptalk_say(t, &reply, "QUIT"))
		hang_up(t);
}

bool
smtptalk_offers(const struct smtptalk_reply *reply, const char *word)
{
	for (const char *line = reply->text; *line != '\0'; line += *line == '\n') {
		size_t len = strcspn(line, "\n");

		if (strncasecmp(line, word, strlen(word)) == 0 &&
		    (line[strlen(word)] == ' ' || line[strlen(word)] == '=' ||
			line[strlen(word)] == '\n'))
			return true;
		line += len;
	}
	return false;
}

const char *
smtptalk_line(const struct smtptalk_reply *reply, char out[SMTPTALK_TEXT_MAX])
{
	(void)strbuf_copy(out, SMTPTALK_TEXT_MAX, reply->text);
	out[strcspn(out, "\n")] = '\0';
	return out;
}
