/* SPDX-License-Identifier: BSD-2-Clause */
/* test_request.c - heads of requests, and what each comes to. */
#include "config.h"

#include "web/request.h"

#include "tap.h"

static const char *const tags[] = {"en", "de", "fr"};

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

static const struct {
	const char *head;
	int status;
	const char *language;
	const char *reader; /* behind a proxy */
} rows[] = {
    {"GET / HTTP/1.1\r\n\r\n", 200, "en", "unknown"},
    {"HEAD / HTTP/1.1\r\n\r\n", 200, "en", "unknown"},
    {"PUT / HTTP/1.1\r\n\r\n", 405, "en", "unknown"},
    {"POST / HTTP/1.1\r\n" FORM "Content-Length: 0\r\n\r\n", 405, "en", "unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "Content-Length: 4096\r\n\r\n", 200, "en", "unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "Content-Length: 4097\r\n\r\n", 413, "en", "unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "Content-Length: -1\r\n\r\n", 400, "en", "unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "Content-Length: 99999999999999999999\r\n\r\n", 400, "en",
	"unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "Content-Length:\r\n\r\n", 400, "en", "unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "\r\n", 400, "en", "unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400,
	"en", "unknown"},
    {"POST /remove HTTP/1.1\r\n" FORM "Transfer-Encoding: chunked\r\n\r\n", 400, "en",
	"unknown"},
    {"POST /remove HTTP/1.1\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\n", 405,
	"en", "unknown"},
    {"POST /remove HTTP/1.1\r\nContent-Length: 1\r\n\r\n", 405, "en", "unknown"},
    {"GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", 400, "en", "unknown"},
    {"GET / HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 200, "en", "unknown"},
    {"GET /nothing HTTP/1.1\r\nAccept-Language: de\r\n\r\n", 404, "de", "unknown"},
    {"GET /?l=fr HTTP/1.1\r\nAccept-Language: de\r\n\r\n", 200, "fr", "unknown"},
    {"GET /?l=xx HTTP/1.1\r\nAccept-Language: de\r\n\r\n", 200, "de", "unknown"},
    {"GET /?l=%3Cscript%3E HTTP/1.1\r\n\r\n", 200, "en", "unknown"},
    {"GET / HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n", 200, "en", "198.51.100.7"},
    {"GET / HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7, 192.0.2.1\r\n\r\n", 200, "en",
	"unknown"},
    {"GET / HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n",
	200, "en", "unknown"},
    {"nothing\r\n\r\n", 400, "en", "unknown"},
};

int
main(void)
{
	char text[IPADDR_STRLEN];
	struct web_request r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		request_read(&r, rows[i].head, strlen(rows[i].head), true, tags, 3);
		same_num(r.status, rows[i].status, rows[i].head);
		same_str(tags[r.language], rows[i].language, rows[i].head);
		same_str(ipaddr_format(&r.reader, text), rows[i].reader, rows[i].head);
	}
	request_read(&r, rows[20].head, strlen(rows[20].head), false, tags, 3);
	same_num(r.reader.bits, 0, "a proxy's word counts where there is one alone");
	request_read(&r, rows[1].head, strlen(rows[1].head), false, tags, 3);
	ok(r.head, "HEAD");
	return done();
}
