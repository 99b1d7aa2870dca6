/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fixed.c - libevent's evhttp with one page of so many bytes, whatever is asked for: what the
 * page of relayguard-web is measured against.
 *
 *	fixed PORT BYTES
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

struct page {
	char *text;
	size_t len;
};

static void
on_request(struct evhttp_request *request, void *arg)
{
	const struct page *page = arg;
	struct evbuffer *body = evbuffer_new();

	if (body == NULL)
		return;
	(void)evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
	    "text/html; charset=utf-8");
	(void)evbuffer_add(body, page->text, page->len);
	evhttp_send_reply(request, 200, "OK", body);
	evbuffer_free(body);
}

int
main(int argc, char **argv)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = base != NULL ? evhttp_new(base) : NULL;
	struct page page;

	if (argc != 3 || http == NULL)
		return 1;
	page.len = strtoul(argv[2], NULL, 10);
	if ((page.text = malloc(page.len + 1)) == NULL)
		return 1;
	memset(page.text, 'x', page.len);
	evhttp_set_gencb(http, on_request, &page);
	if (evhttp_bind_socket(http, "127.0.0.1", (uint16_t)strtoul(argv[1], NULL, 10)) != 0)
		return 1;
	puts("started");
	fflush(stdout);
	return event_base_dispatch(base) < 0;
}
