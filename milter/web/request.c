/* SPDX-License-Identifier: BSD-2-Clause */
/* web/request.c - strict: what could be read in two ways is an error. */
#include "config.h"

#include "web/request.h"

#include <string.h>

#include "base/number.h"
#include "control/http.h"
#include "web/form.h"
#include "web/language.h"

#define DIGITS_MAX 18

/* Bytes of a body; -1: the field is no number, -2: they are too many. */
static int
read_length(struct http_part value)
{
	char text[DIGITS_MAX + 1];
	const char *at = text;
	int64_t length;

	if (value.len == 0 || value.len > DIGITS_MAX)
		return -1;
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	if (strspn(text, "0123456789") != value.len)
		return -1;
	length = number_read(&at, REQUEST_BODY_MAX);
	return length >= 0 && *at == '\0' ? (int)length : -2;
}

/* The status of a request with a body, whose length goes to *body. */
static int
judge_body(const struct http_head *h, bool post, size_t *body)
{
	struct http_part value = {0};
	unsigned n = http_field(h, "Content-Length", &value);
	int length;

	if (http_field(h, "Transfer-Encoding", &(struct http_part){0}) != 0)
		return 400;
	if (n == 0)
		return post ? 400 : 200;
	if (n > 1 || (length = read_length(value)) == -1)
		return 400;
	if (length == -2)
		return 413;
	if (!post && length > 0)
		return 400;
	*body = (size_t)length;
	return 200;
}

/* A form is the only thing that is taken, and no other site's script can send one so. */
static bool
is_form(const struct http_head *h)
{
	static const char form[] = "application/x-www-form-urlencoded";
	struct http_part type = {0};

	return http_field(h, "Content-Type", &type) == 1 && type.len >= strlen(form) &&
	    memcmp(type.at, form, strlen(form)) == 0 &&
	    (type.len == strlen(form) || type.at[strlen(form)] == ';');
}

static int
judge_method(struct web_request *r, const struct http_head *h)
{
	r->head = http_is(h->method, "HEAD");
	r->post = http_is(h->method, "POST");
	if (r->route.page == PAGE_NONE)
		return 404;
	if (r->post)
		return r->route.post && is_form(h) ? 200 : 405;
	return r->route.get && (r->head || http_is(h->method, "GET")) ? 200 : 405;
}

static void
find_language(
    struct web_request *r, const struct http_head *h, const char *const languages[], unsigned n)
{
	struct http_part accept = {"", 0};
	char tag[LANGUAGE_TAG_MAX];
	unsigned found = n;

	if (form_get(r->route.query, r->route.query_len, "l", false, tag, sizeof(tag)) ==
	    FORM_GOOD)
		found = language_find(tag, strlen(tag), languages, n);
	if ((r->chosen = found < n)) {
		r->language = found;
		return;
	}
	(void)http_field(h, "Accept-Language", &accept);
	r->language = language_choose(accept.at, accept.len, languages, n);
}

void
request_read(struct web_request *r, const char *head, size_t len, bool proxy,
    const char *const languages[], unsigned n)
{
	struct http_part reader = {0};
	struct http_head h;
	int status;

	*r = (struct web_request){.status = 400, .form = ""};
	r->route.topic = TOPIC_MAX;
	r->route.query = "";
	if (!http_parse(&h, head, len))
		return;
	r->route = route_find(h.target.at, h.target.len);
	find_language(r, &h, languages, n);
	if (proxy && http_field(&h, "X-Forwarded-For", &reader) == 1)
		(void)ipaddr_parse_part(&r->reader, reader.at, reader.len);
	r->status = judge_method(r, &h);
	status = judge_body(&h, r->post, &r->body);
	if (status != 200)
		r->status = status;
	r->form = r->route.query;
	r->form_len = r->route.query_len;
}

bool
request_field(const struct web_request *r, const char *key, char *out, size_t size)
{
	return form_get(r->form, r->form_len, key, false, out, size) == FORM_GOOD;
}
