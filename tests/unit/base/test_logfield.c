/* SPDX-License-Identifier: BSD-2-Clause */
/* test_logfield.c - a line of the log and its parts; and what is none. */
#include "config.h"

#include "base/logfield.h"

#include "tap.h"

static const struct {
	const char *label, *line, *key, *value; /* NULL: it is not found */
} rows[] = {
    {"the first", "ref=A1 verdict=refuse", "ref", "A1"},
    {"the last", "ref=A1 verdict=refuse", "verdict", "refuse"},
    {"one that is not there", "ref=A1", "verdict", NULL},
    {"part of a key", "ref=A1", "re", NULL},
    {"quoted", "a=\"b c=d\" c=e", "c", "e"},
    {"with quotes and backslashes", "a=\"x\\\"y\\\\z\"", "a", "x\"y\\z"},
    {"a byte that cannot be seen", "a=\"\\u00ff\"", "a", "\\u00ff"},
    {"no value", "a= b=c", "a", ""},
    {"a quote that is not closed", "a=\"b", "a", NULL},
    {"a backslash at the end", "a=\"b\\", "a", NULL},
    {"no key", "=b a=c", "a", NULL},
    {"nothing", "", "a", NULL},
};

int
main(void)
{
	char value[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool found = logfield_find(rows[i].line, rows[i].key, value, sizeof(value));

		same_str(found ? value : NULL, rows[i].value, rows[i].label);
	}
	ok(logfield_find("a=0123456789", "a", value, 4) && strcmp(value, "012") == 0,
	    "what does not fit is cut");
	strcpy(value, "m\\u00c3\\u00bcn\\u001b\\u00g1\\u00");
	logfield_unescape(value);
	same_str(value, "m\xc3\xbcn\\u001b\\u00g1\\u00", "bytes above 127, and nothing else");
	return done();
}
