/* SPDX-License-Identifier: BSD-2-Clause */
/* web/arrival.c - first the head, then as much of a body as it has announced. */
#include "config.h"

#include "web/arrival.h"

#include "control/http.h"

void
arrival_begin(struct arrival *a)
{
	a->len = a->end = 0;
	a->whole = false;
	request_read(&a->request, "", 0, false, NULL, 0);
}

size_t
arrival_room(const struct arrival *a)
{
	return sizeof(a->text) - 1 - a->len;
}

/* The status of a body, of which there is nothing that a head would not announce. */
static int
take_body(struct arrival *a)
{
	struct web_request *r = &a->request;

	if (a->len - a->end < r->body)
		return 0;
	a->whole = a->len == a->end + r->body;
	if (r->post) {
		r->form = a->text + a->end;
		r->form_len = r->body;
		a->text[a->end + r->body] = '\0';
	}
	return 200;
}

int
arrival_take(
    struct arrival *a, size_t bytes, bool proxy, const char *const languages[], unsigned n)
{
	size_t before = a->len;

	a->len += bytes;
	if (a->end != 0)
		return take_body(a);
	a->end = http_end_of_head(a->text, before, a->len);
	if (a->end == 0 ? a->len >= REQUEST_HEAD_MAX : a->end > REQUEST_HEAD_MAX)
		return 431;
	if (a->end == 0)
		return 0;
	request_read(&a->request, a->text, a->end, proxy, languages, n);
	if (a->request.status == 200)
		return take_body(a);
	/* Whether there is a body is known only of what is not badly said. */
	a->whole = a->len == a->end && !a->request.post &&
	    (a->request.status == 404 || a->request.status == 405);
	return a->request.status;
}
