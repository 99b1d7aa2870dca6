/* SPDX-License-Identifier: BSD-2-Clause */
/* control/http.c - the little of HTTP that a page needs. */
#include "config.h"

#include "control/http.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "control/server.h"

#define LINGER_MS 1000   /* for what a client has sent too much */
#define LINGER_READS 256 /* of HTTP_HEAD_MAX bytes: a megabyte */

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

bool
http_parse(struct http_head *h, const char *head, size_t len)
{
	const char *end, *target, *version;
	size_t line, method;

	if (memchr(head, '\0', len) != NULL || !find_line(head, len, &line))
		return false;
	end = head + line;
	method = strspn(head, token);
	target = head + method + 1;
	if (method == 0 || target >= end || target[-1] != ' ' ||
	    (version = memchr(target, ' ', (size_t)(end - target))) == NULL)
		return false;
	if (!is(version, (size_t)(end - version), " HTTP/1.1") &&
	    !is(version, (size_t)(end - version), " HTTP/1.0"))
		return false;
	if (target[0] != '/' || !has_good_fields(end + 2, len - line - 2))
		return false;
	*h = (struct http_head){.method = {head, method},
	    .target = {target, (size_t)(version - target)},
	    .fields = {end + 2, len - line - 4}};
	return true;
}

bool
http_is(struct http_part part, const char *word)
{
	return is(part.at, part.len, word);
}

/* Without blanks at its ends. */
static struct http_part
trim(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct http_part){at, (size_t)(end - at)};
}

unsigned
http_field(const struct http_head *h, const char *name, struct http_part *value)
{
	const char *at = h->fields.at, *end = at + h->fields.len;
	size_t len = strlen(name), line;
	unsigned n = 0;

	for (; find_line(at, (size_t)(end - at), &line); at += line + 2) {
		if (line <= len || at[len] != ':' || strncasecmp(at, name, len) != 0)
			continue;
		*value = trim(at + len + 1, at + line);
		n++;
	}
	return n;
}

struct http_reply
http_judge(const char *text, size_t len, const char *path)
{
	struct http_head h;
	bool head;

	if (!http_parse(&h, text, len))
		return (struct http_reply){.status = 400};
	head = http_is(h.method, "HEAD");
	if (!is(h.target.at, strcspn(h.target.at, "? "), path))
		return (struct http_reply){.status = 404, .head = head};
	if (!head && !http_is(h.method, "GET"))
		return (struct http_reply){.status = 405};
	return (struct http_reply){.status = 200, .head = head};
}

size_t
http_end_of_head(const char *text, size_t before, size_t len)
{
	for (size_t i = before > 3 ? before : 3; i < len; i++)
		if (text[i] == '\n' && memcmp(text + i - 3, "\r\n\r", 3) == 0)
			return i + 1;
	return 0;
}

struct http_reply
http_read(int fd, char head[HTTP_HEAD_MAX], const char *path)
{
	const int64_t deadline = clock_ms() + HTTP_HEAD_MS;
	size_t len = 0, end = 0;

	while (end == 0 && len < HTTP_HEAD_MAX - 1) {
		ssize_t n = server_receive(fd, head + len, HTTP_HEAD_MAX - 1 - len, deadline);

		if (n <= 0)
			return (struct http_reply){.status = n < 0 ? 408 : 0};
		end = http_end_of_head(head, len, len + (size_t)n);
		len += (size_t)n;
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
	case 303:
		return "See Other";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 413:
		return "Content Too Large";
	case 429:
		return "Too Many Requests";
	case 431:
		return "Request Header Fields Too Large";
	case 503:
		return "Service Unavailable";
	default:
		return "Bad Request";
	}
}

size_t
http_head(char out[HTTP_FIELDS_MAX], int status, const char *fields, size_t len)
{
	struct strbuf sb;

	strbuf_init(&sb, out, HTTP_FIELDS_MAX);
	strbuf_addf(&sb,
	    "HTTP/1.1 %d %s\r\nContent-Length: %zu\r\n%s"
	    "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
	    status, reason_of(status), len, fields);
	return sb.cut ? 0 : sb.len;
}

/* Read what is left of a request that was not read, for a moment, and only so much: unread, it
 * would cost the client the answer. */
static void
linger(int fd)
{
	const int64_t deadline = clock_ms() + LINGER_MS;
	char text[HTTP_HEAD_MAX];

	(void)shutdown(fd, SHUT_WR);
	for (int i = 0;
	     i < LINGER_READS && server_receive(fd, text, sizeof(text), deadline) > 0; i++)
		continue;
}

void
http_answer(
    int fd, const struct http_reply *reply, const char *type, const char *body, size_t len)
{
	const int64_t deadline = clock_ms() + HTTP_SEND_MS;
	char head[HTTP_FIELDS_MAX], fields[256], said[64];
	size_t head_len;

	if (reply->status == 0)
		return;
	if (reply->status != 200) {
		len = (size_t)snprintf(said, sizeof(said), "%s\n", reason_of(reply->status));
		body = said;
		type = "text/plain; charset=utf-8";
	}
	snprintf(fields, sizeof(fields), "Content-Type: %s\r\n%sCache-Control: no-store\r\n",
	    type, reply->status == 405 ? "Allow: GET, HEAD\r\n" : "");
	head_len = http_head(head, reply->status, fields, len);
	if (server_send_until(fd, head, head_len, deadline) && !reply->head)
		(void)server_send_until(fd, body, len, deadline);
	linger(fd);
}
