/* SPDX-License-Identifier: BSD-2-Clause */
/* web/reader.c - has a page written, and puts its head before it. */
#include "config.h"

#include "web/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "control/http.h"
#include "web/address.h"
#include "web/criteria.h"
#include "web/decision.h"
#include "web/pages.h"

#define POLICY                                                                        \
	"Content-Security-Policy: default-src 'none'; style-src 'self'; form-action " \
	"'self'; frame-ancestors 'none'; base-uri 'none'\r\n"

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

bool
reader_waits(const struct web_request *r, int status)
{
	switch (r->route.page) {
	case PAGE_DECISION:
	case PAGE_PASS:
	case PAGE_ADDRESS:
	case PAGE_REMOVE:
	case PAGE_NOMINATE:
	case PAGE_CRITERIA:
		return status == 200;
	default:
		return false;
	}
}

/* A head, and the body unless only the head is wanted. */
static struct reader_answer
join(int status, const char *fields, const char *body, size_t len, bool head_alone)
{
	struct reader_answer a = {.text = NULL};
	char head[HTTP_FIELDS_MAX];
	size_t n = http_head(head, status, fields, len);

	if (head_alone)
		len = 0;
	if (n == 0 || (a.text = malloc(n + len)) == NULL)
		return a;
	memcpy(a.text, head, n);
	memcpy(a.text + n, body, len);
	a.len = n + len;
	return a;
}

static struct reader_answer
make_style(const struct site *site, const struct web_request *r)
{
	const char *style = phrases_style(site->texts);

	return join(200,
	    "Content-Type: text/css; charset=utf-8\r\nCache-Control: max-age=3600\r\n" POLICY,
	    style, strlen(style), r->head);
}

static void
write_fields(struct strbuf *sb, const struct view *v, const struct web_request *r)
{
	unsigned n;

	strbuf_addf(sb,
	    "Content-Type: text/html; charset=utf-8\r\nContent-Language: %s\r\n"
	    "Vary: Accept-Language\r\nCache-Control: no-store\r\n"
	    "Referrer-Policy: no-referrer\r\n" POLICY,
	    phrases_tags(v->texts, &n)[v->language]);
	if (v->status == 303)
		strbuf_addf(sb, "Location: %s%s%s\r\n", v->location, v->chosen ? "?l=" : "",
		    v->chosen ? phrases_tags(v->texts, &n)[v->language] : "");
	if (v->status == 405)
		strbuf_add(sb,
		    !r->route.post      ? "Allow: GET, HEAD\r\n"
			: !r->route.get ? "Allow: POST\r\n"
					: "Allow: GET, HEAD, POST\r\n");
	if (v->status == 429 || v->status == 503)
		strbuf_add(sb, "Retry-After: 60\r\n");
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

struct reader_answer
reader_make(const struct site *site, const struct web_request *r, int status)
{
	char path[ROUTE_PATH_MAX], fields[HTTP_FIELDS_MAX / 2], *body = NULL;
	struct reader_answer a = {.text = NULL};
	struct view v = {.texts = site->texts,
	    .language = r->language,
	    .chosen = r->chosen,
	    .path = path_of(r, path),
	    .depth = r->route.depth,
	    .status = 200};
	struct strbuf sb;
	size_t len = 0;

	if (status == 200 && r->route.page == PAGE_STYLE)
		return make_style(site, r);
	if ((v.out = open_memstream(&body, &len)) == NULL)
		return a;
	if (status != 200)
		pages_error(&v, status);
	else
		writer_of(r->route.page)(&v, site, r);
	if (fclose(v.out) == 0) {
		strbuf_init(&sb, fields, sizeof(fields));
		write_fields(&sb, &v, r);
		a = join(v.status, fields, body, len, r->head);
	}
	free(body);
	return a;
}
