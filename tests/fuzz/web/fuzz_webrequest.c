/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_webrequest.c - a request of anybody's, and its form: a page is found or none is, what is
 * found is what the path says, nothing of it can break out of a page, and a form's values are
 * text.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
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
	return 0;
}
