/* SPDX-License-Identifier: BSD-2-Clause */
/* web/route.c - an exact table: what is not in it is no page. */
#include "config.h"

#include "web/route.h"

#include <string.h>

#include "base/ascii.h"
#include "base/random.h"

#define REF_HYPHEN REF_LEN

static const struct {
	const char *path;
	enum page page;
	bool post;
} plain[] = {
    {"/", PAGE_HOME, false},
    {"/style.css", PAGE_STYLE, false},
    {"/c/", PAGE_LIBRARY, false},
    {"/remove", PAGE_REMOVE, true},
    {"/nominate", PAGE_NOMINATE, true},
    {"/criteria", PAGE_CRITERIA, false},
    {"/privacy", PAGE_PRIVACY, false},
};

bool
route_read_ref(const char *text, size_t len, char out[ROUTE_REF_SIZE])
{
	if (len != ROUTE_REF_SIZE - 1 || text[REF_HYPHEN] != '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (i != REF_HYPHEN && !ascii_is_alnum(text[i]))
			return false;
		out[i] = ascii_is_letter(text[i]) ? (char)(text[i] & ~ASCII_CASE) : text[i];
	}
	out[len] = '\0';
	return true;
}

/* "REF-TAG" and, for a pass, "/pass". */
static void
find_decision(struct route *r, const char *at)
{
	size_t len = strcspn(at, "/");

	if (!route_read_ref(at, len, r->ref))
		return;
	if (at[len] == '\0') {
		r->page = PAGE_DECISION;
		r->get = true;
	} else if (strcmp(at + len, "/pass") == 0) {
		r->page = PAGE_PASS;
		r->post = true;
	}
}

static void
find_address(struct route *r, const char *at)
{
	struct ipaddr address;

	if (!ipaddr_parse(&address, at))
		return;
	r->page = PAGE_ADDRESS;
	r->get = true;
	ipaddr_format(&address, r->address);
}

static void
find_topic(struct route *r, const char *at)
{
	if ((r->topic = topic_parse(at)) == TOPIC_MAX)
		return;
	r->page = PAGE_TOPIC;
	r->get = true;
}

static void
find_plain(struct route *r)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		if (strcmp(r->path, plain[i].path) != 0)
			continue;
		r->page = plain[i].page;
		r->get = true;
		r->post = plain[i].post;
	}
}

struct route
route_find(const char *target, size_t len)
{
	const char *mark = memchr(target, '?', len);
	size_t n = mark != NULL ? (size_t)(mark - target) : len;
	struct route r = {.page = PAGE_NONE, .topic = TOPIC_MAX, .query = ""};
	const char *at = r.path;

	for (size_t i = 1; i < n; i++)
		r.depth += target[i] == '/';
	if (n >= sizeof(r.path) || memchr(target, '\0', n) != NULL)
		return r;
	memcpy(r.path, target, n);
	if (mark != NULL) {
		r.query = mark + 1;
		r.query_len = len - n - 1;
	}
	find_plain(&r);
	if (r.page != PAGE_NONE)
		return r;
	if (ascii_take(&at, "/r/"))
		find_decision(&r, at);
	else if (ascii_take(&at, "/a/"))
		find_address(&r, at);
	else if (ascii_take(&at, "/c/"))
		find_topic(&r, at);
	return r;
}
