/* SPDX-License-Identifier: BSD-2-Clause */
/* web/reader.c - reads a request, has its page written, and sends it with its length. */
#include "config.h"

#include "web/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "control/http.h"
#include "control/server.h"
#include "web/address.h"
#include "web/criteria.h"
#include "web/decision.h"
#include "web/pages.h"

#define POLICY                                                                        \
	"Content-Security-Policy: default-src 'none'; style-src 'self'; form-action " \
	"'self'; frame-ancestors 'none'; base-uri 'none'\r\n"

/* A request as it comes, and its form. */
struct arrival {
	char head[REQUEST_HEAD_MAX + 1], body[REQUEST_BODY_MAX + 1];
	struct web_request request;
};

static page_fn *
writer_of(enum page page)
{
	switch (page) {
	case PAGE_HOME:
		return pages_home;
	case PAGE_DECISION:
		return decision_show;
	case PAGE_PASS:
		return decision_pass;
	case PAGE_ADDRESS:
		return address_show;
	case PAGE_LIBRARY:
		return pages_library;
	case PAGE_TOPIC:
		return pages_topic;
	case PAGE_REMOVE:
		return address_remove;
	case PAGE_NOMINATE:
		return address_nominate;
	case PAGE_CRITERIA:
		return criteria_show;
	default:
		return pages_privacy;
	}
}

/* Read as much of a body as has been announced; have bytes of it are there.  False: it does
 * not come in time. */
static bool
read_body(int fd, struct arrival *a, const char *first, size_t have, int64_t deadline)
{
	size_t want = a->request.body;

	if (have > want)
		have = want;
	memcpy(a->body, first, have);
	while (have < want) {
		ssize_t n = server_receive(fd, a->body + have, want - have, deadline);

		if (n <= 0)
			return false;
		have += (size_t)n;
	}
	a->body[want] = '\0';
	a->request.form = a->body;
	a->request.form_len = want;
	return true;
}

/* The status of what has come; 0: nobody is there any more. */
static int
receive(int fd, struct arrival *a, const struct site *site, int64_t deadline)
{
	size_t len, end;
	int status = http_receive(fd, a->head, sizeof(a->head), deadline, &len, &end);
	unsigned n;
	const char *const *tags = phrases_tags(site->texts, &n);

	if (status != 200) {
		request_read(&a->request, "", 0, false, tags, n);
		return status;
	}
	request_read(&a->request, a->head, end, site->proxy, tags, n);
	if (a->request.status == 200 && a->request.post &&
	    !read_body(fd, a, a->head + end, len - end, deadline))
		return 408;
	return a->request.status;
}

static void
send_style(int fd, const struct site *site, const struct web_request *r, int64_t deadline)
{
	const struct http_reply reply = {.status = 200, .head = r->head};
	const char *style = phrases_style(site->texts);

	http_send(fd, &reply,
	    "Content-Type: text/css; charset=utf-8\r\nCache-Control: max-age=3600\r\n" POLICY,
	    style, strlen(style), deadline);
}

static void
send_page(int fd, const struct view *v, const struct web_request *r, const char *body,
    size_t len, int64_t deadline)
{
	const struct http_reply reply = {.status = v->status, .head = r->head};
	char fields[HTTP_FIELDS_MAX / 2];
	struct strbuf sb;
	unsigned n;

	strbuf_init(&sb, fields, sizeof(fields));
	strbuf_addf(&sb,
	    "Content-Type: text/html; charset=utf-8\r\nContent-Language: %s\r\n"
	    "Vary: Accept-Language\r\nCache-Control: no-store\r\n"
	    "Referrer-Policy: no-referrer\r\n" POLICY,
	    phrases_tags(v->texts, &n)[v->language]);
	if (v->status == 303)
		strbuf_addf(&sb, "Location: %s%s%s\r\n", v->location, v->chosen ? "?l=" : "",
		    v->chosen ? phrases_tags(v->texts, &n)[v->language] : "");
	if (v->status == 405)
		strbuf_add(&sb,
		    !r->route.post      ? "Allow: GET, HEAD\r\n"
			: !r->route.get ? "Allow: POST\r\n"
					: "Allow: GET, HEAD, POST\r\n");
	if (v->status == 429 || v->status == 503)
		strbuf_add(&sb, "Retry-After: 60\r\n");
	http_send(fd, &reply, fields, body, len, deadline);
}

/* Where a page that came of a form is found by a link. */
static const char *
path_of(const struct web_request *r, char out[ROUTE_PATH_MAX])
{
	const struct route *route = &r->route;

	if (route->page == PAGE_PASS || route->page == PAGE_DECISION)
		snprintf(out, ROUTE_PATH_MAX, "/r/%s", route->ref);
	else
		(void)strbuf_copy(
		    out, ROUTE_PATH_MAX, route->page != PAGE_NONE ? route->path : "/");
	return out;
}

static void
answer(
    int fd, const struct site *site, const struct web_request *r, int status, int64_t deadline)
{
	char path[ROUTE_PATH_MAX], *body = NULL;
	struct view v = {.texts = site->texts,
	    .language = r->language,
	    .chosen = r->chosen,
	    .path = path_of(r, path),
	    .status = 200};
	size_t len = 0;

	if ((v.out = open_memstream(&body, &len)) == NULL)
		return;
	if (status != 200)
		pages_error(&v, status);
	else
		writer_of(r->route.page)(&v, site, r);
	if (fclose(v.out) == 0)
		send_page(fd, &v, r, body, len, deadline);
	free(body);
}

void
reader_talk(int fd, void *arg)
{
	const int64_t deadline = clock_ms() + READER_MS;
	const struct site *site = arg;
	struct arrival *a = malloc(sizeof(*a));
	int status;

	if (a == NULL)
		return;
	status = receive(fd, a, site, deadline);
	if (status == 200 && a->request.route.page == PAGE_STYLE)
		send_style(fd, site, &a->request, deadline);
	else if (status != 0)
		answer(fd, site, &a->request, status, deadline + (status == 408 ? 1000 : 0));
	free(a);
}
