/* SPDX-License-Identifier: BSD-2-Clause */
/* test_arrival.c - requests in pieces, and what is too much. */
#include "config.h"

#include "web/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define FORM                                                                           \
	"POST /remove HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n" \
	"Content-Length: 3\r\n\r\n"

static const char *const tags[] = {"en"};

/* The status when text has come in pieces of so many bytes; 0: it takes more. */
static int
take(struct arrival *a, const char *text, size_t len, size_t piece)
{
	int status = 0;

	arrival_begin(a);
	for (size_t at = 0; at < len && status == 0; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		if (n > arrival_room(a))
			n = arrival_room(a);
		memcpy(a->text + a->len, text + at, n);
		status = arrival_take(a, n, false, tags, 1);
	}
	return status;
}

static const struct {
	const char *text;
	int status;
	bool whole;
	const char *form;
} rows[] = {
    {"GET /privacy HTTP/1.1\r\n\r\n", 200, true, ""},
    {"GET /privacy?a=b HTTP/1.1\r\n\r\n", 200, true, "a=b"},
    {"GET /privacy HTTP/1.1\r\n", 0, false, NULL},
    {"GET /privacy HTTP/1.1\r\n\r", 0, false, NULL},
    {"GET /nothing HTTP/1.1\r\n\r\n", 404, true, NULL},
    {"PUT / HTTP/1.1\r\n\r\n", 405, true, NULL},
    {"x\r\n\r\n", 400, false, NULL},
    {FORM "a=b", 200, true, "a=b"},
    {FORM "a=", 0, false, NULL},
};

static void
test_rows(struct arrival *a)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t piece = 1; piece < 200; piece += 66) {
			int status = take(a, rows[i].text, strlen(rows[i].text), piece);

			same_num(status, rows[i].status, rows[i].text);
			ok(a->whole == rows[i].whole, "whole or not: %s", rows[i].text);
			if (status == 200)
				ok(a->request.form_len == strlen(rows[i].form) &&
					memcmp(a->request.form, rows[i].form,
					    a->request.form_len) == 0,
				    "its form: %s", rows[i].text);
		}
}

static void
test_limits(struct arrival *a)
{
	static char text[3 * REQUEST_HEAD_MAX];
	static const char start[] = "GET / HTTP/1.1\r\nA: ";

	memset(text, 'x', sizeof(text));
	memcpy(text, start, strlen(start));
	memcpy(text + REQUEST_HEAD_MAX - 4, "\r\n\r\n", 4);
	same_num(take(a, text, REQUEST_HEAD_MAX, 1000), 200, "a head as long as it may be");
	same_num(take(a, text, REQUEST_HEAD_MAX + 1, sizeof(text)), 200, "and a byte more");
	ok(!a->whole, "which is not of it");
	memset(text + REQUEST_HEAD_MAX - 4, 'x', 4);
	same_num(take(a, text, REQUEST_HEAD_MAX, 1), 431, "a head without an end");
	memcpy(text + REQUEST_HEAD_MAX - 3, "\r\n\r\n", 4);
	same_num(
	    take(a, text, sizeof(text), sizeof(text)), 431, "a head that is a byte too long");
	take(a, FORM "a=bc", strlen(FORM) + 4, 1000);
	ok(!a->whole && a->request.form_len == 3, "more than a form has announced");
}

int
main(void)
{
	struct arrival *a = malloc(sizeof(*a));

	if (ok(a != NULL, "memory")) {
		test_rows(a);
		test_limits(a);
	}
	free(a);
	return done();
}
