/* SPDX-License-Identifier: BSD-2-Clause */
/* test_route.c - targets, and the pages they name. */
#include "config.h"

#include "web/route.h"

#include "tap.h"

static const struct {
	const char *target;
	enum page page;
	const char *subject;
} rows[] = {
    {"/", PAGE_HOME, NULL},
    {"/?q=a", PAGE_HOME, NULL},
    {"//", PAGE_NONE, NULL},
    {"/style.css", PAGE_STYLE, NULL},
    {"/style.css/", PAGE_NONE, NULL},
    {"/r/7F3K2Q9M-ABCDE", PAGE_DECISION, "7F3K2Q9M-ABCDE"},
    {"/r/7f3k2q9m-abcde?l=de", PAGE_DECISION, "7F3K2Q9M-ABCDE"},
    {"/r/7F3K2Q9M-ABCDE/pass", PAGE_PASS, "7F3K2Q9M-ABCDE"},
    {"/r/7F3K2Q9M-ABCDE/", PAGE_NONE, NULL},
    {"/r/7F3K2Q9M-ABCDE/passe", PAGE_NONE, NULL},
    {"/r/7F3K2Q9M-ABCD", PAGE_NONE, NULL},
    {"/r/7F3K2Q9M", PAGE_NONE, NULL},
    {"/r/7F3K2Q9M-ABC%44", PAGE_NONE, NULL},
    {"/r/", PAGE_NONE, NULL},
    {"/a/198.51.100.7", PAGE_ADDRESS, "198.51.100.7"},
    {"/a/2001:DB8:0::7", PAGE_ADDRESS, "2001:db8::7"},
    {"/a/::ffff:198.51.100.7", PAGE_ADDRESS, "198.51.100.7"},
    {"/a/198.51.100.7/", PAGE_NONE, NULL},
    {"/a/198.51.100.256", PAGE_NONE, NULL},
    {"/a/fe80::1%25lo", PAGE_NONE, NULL},
    {"/a/", PAGE_NONE, NULL},
    {"/c/", PAGE_LIBRARY, NULL},
    {"/c", PAGE_NONE, NULL},
    {"/c/open-relay", PAGE_TOPIC, "open-relay"},
    {"/c/spf", PAGE_TOPIC, "spf"},
    {"/c/doubt", PAGE_TOPIC, "doubt"},
    {"/c/allow", PAGE_NONE, NULL},
    {"/c/OPEN-RELAY", PAGE_NONE, NULL},
    {"/c/../remove", PAGE_NONE, NULL},
    {"/remove", PAGE_REMOVE, NULL},
    {"/remove?a=198.51.100.7", PAGE_REMOVE, NULL},
    {"/nominate", PAGE_NOMINATE, NULL},
    {"/criteria", PAGE_CRITERIA, NULL},
    {"/privacy", PAGE_PRIVACY, NULL},
    {"/%70rivacy", PAGE_NONE, NULL},
    {"/privacy%00", PAGE_NONE, NULL},
    {"/etc/passwd", PAGE_NONE, NULL},
    {"/r/0123456789012345678901234567890123456789012345678901234567890123456789012345",
	PAGE_NONE, NULL},
    {"/r/01234567890123456789012345678901234567890123456789012345678901234567890123456",
	PAGE_NONE, NULL},
};

static const char *
subject(const struct route *r)
{
	if (r->topic != TOPIC_MAX)
		return topic_name(r->topic);
	if (r->ref[0] != '\0' && r->page != PAGE_NONE)
		return r->ref;
	return r->address[0] != '\0' ? r->address : NULL;
}

int
main(void)
{
	struct route r;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = route_find(rows[i].target, strlen(rows[i].target));
		same_num(r.page, rows[i].page, rows[i].target);
		same_str(subject(&r), rows[i].subject, rows[i].target);
	}
	r = route_find("/remove?a=b?c", 13);
	ok(r.query_len == 5 && memcmp(r.query, "a=b?c", 5) == 0, "the query");
	ok(r.get && r.post, "GET and POST");
	r = route_find("/r/7F3K2Q9M-ABCDE/pass", 22);
	ok(!r.get && r.post, "POST alone");
	r = route_find("/privacy\0x", 10);
	same_num(r.page, PAGE_NONE, "a NUL");
	same_num(route_find("/", 1).depth, 0, "no folder");
	same_num(route_find("/remove?a=/", 11).depth, 0, "none in a query");
	same_num(route_find("/c/", 3).depth, 1, "a folder");
	same_num(route_find("/r/7F3K2Q9M-ABCDE/pass", 22).depth, 2, "two");
	same_num(route_find("//", 2).depth, 1, "one without a name");
	return done();
}
