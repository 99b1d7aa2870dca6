/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_webrequest.c - a request of anybody's, and its form: a page is found or none is, what is
 * found is what the path says, nothing of it can break out of a page, a form's values are
 * text, and it is the same in whatever pieces it comes.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "web/arrival.h"
#include "web/form.h"
#include "web/request.h"

static const char *const languages[] = {"en", "de", "zh-Hans"};
#define LANGUAGES (sizeof(languages) / sizeof(languages[0]))

static void
check_route(const struct route *r)
{
	struct ipaddr address;

	MUST(r->query != NULL && strlen(r->path) < sizeof(r->path));
	if (r->page == PAGE_NONE)
		return;
	MUST(r->get || r->post);
	MUST(r->path[0] == '/' && strpbrk(r->path, "%<>\"'& ") == NULL);
	if (r->page == PAGE_DECISION || r->page == PAGE_PASS)
		MUST(strlen(r->ref) == ROUTE_REF_SIZE - 1 && fuzz_printable(r->ref));
	if (r->page == PAGE_ADDRESS)
		MUST(ipaddr_parse(&address, r->address));
	MUST((r->page == PAGE_TOPIC) == (r->topic != TOPIC_MAX));
}

static void
check_form(const char *text, size_t len)
{
	static const char *const keys[] = {"l", "q", "a", "e", "token", ""};
	char out[32];

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		enum form_found found =
		    form_get(text, len, keys[i], i % 2 == 0, out, sizeof(out));

		MUST(strlen(out) < sizeof(out));
		MUST(found == FORM_GOOD || out[0] == '\0');
		MUST(strpbrk(out, i % 2 == 0 ? "\r\t\x7f" : "\r\n\t\x7f") == NULL);
	}
}

/* What it comes to in pieces of so many bytes. */
static int
arrive(struct arrival *a, const uint8_t *data, size_t size, size_t piece)
{
	int status = 0;

	arrival_begin(a);
	for (size_t at = 0; at < size && status == 0; at += piece) {
		size_t n = size - at < piece ? size - at : piece;

		MUST(arrival_room(a) > 0);
		if (n > arrival_room(a))
			n = arrival_room(a);
		memcpy(a->text + a->len, data + at, n);
		status = arrival_take(a, n, true, languages, LANGUAGES);
		MUST(a->end <= a->len && a->len < sizeof(a->text));
	}
	return status;
}

static void
check_arrival(const uint8_t *data, size_t size)
{
	struct arrival *one = malloc(sizeof(*one)), *many = malloc(sizeof(*many));
	size_t piece = size > 0 ? data[0] % 64 + 1 : 1;
	int status;

	MUST(one != NULL && many != NULL);
	status = arrive(one, data, size, sizeof(one->text));
	MUST(arrive(many, data, size, piece) == status);
	MUST(one->request.route.page == many->request.route.page);
	if (status == 200)
		MUST(one->request.form_len == many->request.form_len &&
		    memcmp(one->request.form, many->request.form, one->request.form_len) == 0);
	free(one);
	free(many);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct web_request r;

	request_read(&r, text, size, true, languages, LANGUAGES);
	MUST(r.language < LANGUAGES);
	MUST(r.status == 200 || r.status == 400 || r.status == 404 || r.status == 405 ||
	    r.status == 413);
	MUST(r.body <= REQUEST_BODY_MAX);
	if (r.status == 200)
		MUST(r.route.page != PAGE_NONE && (r.post ? r.route.post : r.route.get));
	check_route(&r.route);
	check_form(r.form, r.form_len);
	check_form(text, size);
	free(text);
	check_arrival(data, size);
	return 0;
}
