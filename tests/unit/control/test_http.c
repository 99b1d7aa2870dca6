/* SPDX-License-Identifier: BSD-2-Clause */
/* test_http.c - heads of all shapes, and what each comes to. */
#include "config.h"

#include "control/http.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tap.h"

static const struct {
	const char *head;
	int status;
	bool without_body;
} rows[] = {
    {"GET /m HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n", 200, false},
    {"GET /m HTTP/1.0\r\n\r\n", 200, false},
    {"GET /m?a=b HTTP/1.1\r\nHost:\r\n\r\n", 200, false},
    {"HEAD /m HTTP/1.1\r\n\r\n", 200, true},
    {"GET /mm HTTP/1.1\r\n\r\n", 404, false},
    {"GET / HTTP/1.1\r\n\r\n", 404, false},
    {"HEAD /x HTTP/1.1\r\n\r\n", 404, true},
    {"GET /M HTTP/1.1\r\n\r\n", 404, false},
    {"POST /m HTTP/1.1\r\nContent-Length: 4\r\n\r\n", 405, false},
    {"get /m HTTP/1.1\r\n\r\n", 405, false},
    {"GET /m HTTP/2.0\r\n\r\n", 400, false},
    {"GET /m HTTP/1.1 \r\n\r\n", 400, false},
    {"GET /m\r\n\r\n", 400, false},
    {"GET  /m HTTP/1.1\r\n\r\n", 400, false},
    {"GET http://x/m HTTP/1.1\r\n\r\n", 400, false},
    {" GET /m HTTP/1.1\r\n\r\n", 400, false},
    {"\r\n\r\n", 400, false},
    {"GET\r\n\r\n", 400, false},
    {"GET \r\n\r\n", 400, false},
    {"GET /m HTTP/1.1\n\r\n\r\n", 400, false},
    {"GET /m HTTP/1.1\r\nHost\r\n\r\n", 400, false},
    {"GET /m HTTP/1.1\r\nHo st: x\r\n\r\n", 400, false},
    {"GET /m HTTP/1.1\r\n: x\r\n\r\n", 400, false},
    {"GET /m HTTP/1.1\r\nA: b\n c\r\n\r\n", 400, false},
    {"GET /m HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400, false},
    {"{\"verb\":\"status\"}\r\n\r\n", 400, false},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_reply r = http_judge(rows[i].head, strlen(rows[i].head), "/m");

		ok(r.status == rows[i].status && r.head == rows[i].without_body,
		    "row %zu: %d, and not %d", i, rows[i].status, r.status);
	}
	same_num(http_judge("GET /m HTTP/1.1\r\nA: \0\r\n\r\n", 26, "/m").status, 400, "a NUL");
}

static void
test_fields(void)
{
	static const char head[] =
	    "POST /a?b HTTP/1.1\r\nHost: x\r\ncontent-LENGTH:\t 12 \r\nA:\r\nA: 2\r\n\r\n";
	struct http_part value = {0};
	struct http_head h;

	if (!ok(http_parse(&h, head, strlen(head)), "it is read"))
		return;
	ok(http_is(h.method, "POST") && http_is(h.target, "/a?b"), "method and target");
	same_num(http_field(&h, "Content-Length", &value), 1, "case of a name is nothing");
	ok(http_is(value, "12"), "nor are blanks round a value");
	same_num(http_field(&h, "A", &value), 2, "twice");
	ok(http_is(value, "2"), "the last one");
	same_num(http_field(&h, "Hos", &value), 0, "a part of a name is none");
	same_num(http_field(&h, "Host:", &value), 0, "nor is more");
}

/* What is sent in pieces, too long, or not to its end. */
static void
test_reading(void)
{
	static char head[HTTP_HEAD_MAX], many[HTTP_HEAD_MAX + 10];
	int fd[2];

	if (!ok(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0, "a pair"))
		return;
	(void)!write(fd[0], "GET /m HT", 9);
	(void)!write(fd[0], "TP/1.1\r\n\r\nmore", 14);
	same_num(http_read(fd[1], head, "/m").status, 200, "more behind it is not read");
	memset(many, 'a', sizeof(many));
	(void)!write(fd[0], many, sizeof(many));
	same_num(http_read(fd[1], head, "/m").status, 431, "too long");
	(void)!write(fd[0], "GET", 3);
	close(fd[0]);
	(void)http_read(fd[1], head, "/m");
	same_num(http_read(fd[1], head, "/m").status, 0, "gone");
	close(fd[1]);
}

static void
test_answers(void)
{
	char text[1024];
	ssize_t n;
	int fd[2];

	if (!ok(socketpair(AF_UNIX, SOCK_STREAM, 0, fd) == 0, "a pair"))
		return;
	shutdown(fd[0], SHUT_WR);
	http_answer(fd[1], &(struct http_reply){.status = 200}, "text/x", "body", 4);
	close(fd[1]);
	n = recv(fd[0], text, sizeof(text) - 1, MSG_WAITALL);
	text[n > 0 ? n : 0] = '\0';
	same_str(text,
	    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Type: text/x\r\n"
	    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
	    "Connection: close\r\n\r\nbody",
	    "an answer");
	close(fd[0]);
}

int
main(void)
{
	test_rows();
	test_fields();
	test_reading();
	test_answers();
	return done();
}
