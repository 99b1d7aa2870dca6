/* SPDX-License-Identifier: BSD-2-Clause */
/* control/http.c - the little of HTTP that a page needs. */
#include "config.h"

#include "control/http.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "control/server.h"

#define LINGER_MS \
	200 /* for what a client has sent too much: unread, it would cost the answer */

static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* The length of the line at text without its CR LF; false: it has none, or bytes in it that
 * no line has. */
static bool
find_line(const char *text, size_t len, size_t *line)
{
	for (size_t i = 0; i + 1 < len; i++) {
		if (text[i] == '\r' && text[i + 1] == '\n') {
			*line = i;
			return true;
		}
		if ((unsigned char)text[i] < ' ' && text[i] != '\t')
			return false;
	}
	return false;
}

/* Whether each line after the first is "name: value", up to the empty one. */
static bool
has_good_fields(const char *at, size_t len)
{
	size_t line;

	while (find_line(at, len, &line) && line > 0) {
		size_t name = strspn(at, token);

		if (name == 0 || name >= line || at[name] != ':')
			return false;
		at += line + 2;
		len -= line + 2;
	}
	return len == 2 && memcmp(at, "\r\n", 2) == 0;
}

static bool
is(const char *text, size_t len, const char *word)
{
	return strlen(word) == len && memcmp(text, word, len) == 0;
}

struct http_reply
http_judge(const char *head, size_t len, const char *path)
{
	static const struct http_reply bad = {.status = 400};
	const char *end, *target, *version;
	size_t line, method;

	if (memchr(head, '\0', len) != NULL || !find_line(head, len, &line))
		return bad;
	end = head + line;
	method = strspn(head, token);
	target = head + method + 1;
	if (method == 0 || target >= end || target[-1] != ' ' ||
	    (version = memchr(target, ' ', (size_t)(end - target))) == NULL)
		return bad;
	if (!is(version, (size_t)(end - version), " HTTP/1.1") &&
	    !is(version, (size_t)(end - version), " HTTP/1.0"))
		return bad;
	if (target[0] != '/' || !has_good_fields(end + 2, len - line - 2))
		return bad;
	if (!is(target, strcspn(target, "? "), path))
		return (struct http_reply){.status = 404, .head = is(head, method, "HEAD")};
	if (is(head, method, "GET"))
		return (struct http_reply){.status = 200};
	if (is(head, method, "HEAD"))
		return (struct http_reply){.status = 200, .head = true};
	return (struct http_reply){.status = 405};
}

/* Where the head ends, in text with a NUL behind it; 0: it does not yet. */
static size_t
end_of_head(const char *text, size_t len)
{
	for (size_t i = 3; i < len; i++)
		if (memcmp(text + i - 3, "\r\n\r\n", 4) == 0)
			return i + 1;
	return 0;
}

struct http_reply
http_read(int fd, char head[HTTP_HEAD_MAX], const char *path)
{
	int64_t deadline = clock_ms() + HTTP_HEAD_MS;
	size_t len = 0, end = 0;

	while (end == 0 && len < HTTP_HEAD_MAX - 1) {
		ssize_t n = server_receive(fd, head + len, HTTP_HEAD_MAX - 1 - len, deadline);

		if (n <= 0)
			return (struct http_reply){.status = n < 0 ? 408 : 0};
		len += (size_t)n;
		head[len] = '\0';
		end = end_of_head(head, len);
	}
	if (end == 0)
		return (struct http_reply){.status = 431};
	head[end] = '\0';
	return http_judge(head, end, path);
}

static const char *
reason_of(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

/* Read what is left of a request that was not read, for a moment, and only so much. */
static void
linger(int fd)
{
	int64_t deadline = clock_ms() + LINGER_MS;
	char text[HTTP_HEAD_MAX];

	(void)shutdown(fd, SHUT_WR);
	for (int i = 0; i < 16 && server_receive(fd, text, sizeof(text), deadline) > 0; i++)
		continue;
}

void
http_answer(
    int fd, const struct http_reply *reply, const char *type, const char *body, size_t len)
{
	char head[512], said[64];
	int n;

	if (reply->status == 0)
		return;
	if (reply->status != 200) {
		len = (size_t)snprintf(said, sizeof(said), "%s\n", reason_of(reply->status));
		body = said;
		type = "text/plain; charset=utf-8";
	}
	n = snprintf(head, sizeof(head),
	    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%s"
	    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
	    "Connection: close\r\n\r\n",
	    reply->status, reason_of(reply->status), type, len,
	    reply->status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (server_send(fd, head, (size_t)n) && !reply->head)
		(void)server_send(fd, body, len);
	linger(fd);
}
