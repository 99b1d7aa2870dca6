/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/http.h - a page over HTTP/1.1, one request a connection.  A thread of the client's.
 *
 * libevent's evhttp is not used: it has no limit of clients, of time or, as it comes, of
 * size, and was the place of several CVEs in 2026.  What one page needs is little: a head of
 * HTTP_HEAD_MAX bytes within HTTP_HEAD_MS, read strictly, an answer with its length, and the
 * end.  Bodies, chunks, pipelining and compression are none of it.
 */
#ifndef RELAYGUARD_CONTROL_HTTP_H
#define RELAYGUARD_CONTROL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX 4096
#define HTTP_HEAD_MS 5000
#define HTTP_SEND_MS 10000
#define HTTP_FIELDS_MAX 2048 /* bytes of the head of an answer */

/* Text within a head. */
struct http_part {
	const char *at;
	size_t len;
};

/* A head that is well-formed, in its parts. */
struct http_head {
	struct http_part method, target; /* the target begins with / */
	struct http_part fields;         /* each with its CR LF */
};

/* Read a head of len bytes, which ends with an empty line; false: it is no HTTP/1.  Pure. */
bool http_parse(struct http_head *, const char *head, size_t len);

/* Whether it is that word.  Pure. */
bool http_is(struct http_part, const char *word);

/* How many fields have that name; value is the last one's, without blanks round it.  Pure. */
unsigned http_field(const struct http_head *, const char *name, struct http_part *value);

struct http_reply {
	int status; /* 0: the client is gone, or too slow, and nobody is answered */
	bool head;  /* without its body */
};

/*
 * What a head of len bytes, which ends with an empty line, comes to: 200 for GET and HEAD of
 * that path, with or without a query; 400 for what is no HTTP/1, 404, 405.  Pure.
 */
struct http_reply http_judge(const char *head, size_t len, const char *path);

/* How long the head is that text of len bytes begins with; 0: its end has not come yet, as it
 * had not in the first before bytes of it.  Pure. */
size_t http_end_of_head(const char *text, size_t before, size_t len);

/* Read a head and judge it; 431: it is too long, 408: not in time.  May wait. */
struct http_reply http_read(int fd, char head[HTTP_HEAD_MAX], const char *path);

/* Send an answer: body of that type for 200, else a short text.  May wait for the client. */
void http_answer(
    int fd, const struct http_reply *, const char *type, const char *body, size_t len);

/*
 * The head of an answer with these fields (each with its CR LF) and a body of len bytes, after
 * which the connection ends, in out: its length; 0: it is too long.  Pure.
 */
size_t http_head(char out[HTTP_FIELDS_MAX], int status, const char *fields, size_t len);

#endif
