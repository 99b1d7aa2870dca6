/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_logfield.c - a line that is taken apart: each step goes on within the line and its
 * room; and what a log line was made of is what comes out of it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/logfield.h"
#include "base/strbuf.h"
#include "fuzz/fuzz.h"

#define LINE_MAX 4000
#define VALUE_MAX 700

static void
take_apart(const char *line)
{
	char key[LOGFIELD_KEY_MAX], value[VALUE_MAX], found[VALUE_MAX];
	const char *at = line, *before = line, *end = line + strlen(line);

	while (logfield_next(&at, key, value, sizeof(value))) {
		MUST(at > before && at <= end);
		MUST(key[0] != '\0' && strlen(key) < sizeof(key));
		MUST(strlen(value) < sizeof(value) && strlen(value) <= (size_t)(at - before));
		MUST(logfield_find(line, key, found, sizeof(found)));
		before = at;
	}
	MUST(at == before);
}

/* Write a line of two values and take it apart. */
static void
put_together(const char *first, const char *second)
{
	char line[2 * 6 * VALUE_MAX], value[VALUE_MAX];
	struct strbuf sb;

	strbuf_init(&sb, line, sizeof(line));
	strbuf_add(&sb, "helo=");
	strbuf_add_value(&sb, first, VALUE_MAX);
	strbuf_add(&sb, " to=");
	strbuf_add_value(&sb, second, VALUE_MAX);
	MUST(!sb.cut);
	MUST(logfield_find(line, "helo", value, sizeof(value)));
	MUST(!fuzz_printable(first) || strcmp(value, first) == 0);
	MUST(logfield_find(line, "to", value, sizeof(value)));
	MUST(!fuzz_printable(second) || strcmp(value, second) == 0);
	MUST(!logfield_find(line, "from", value, sizeof(value)) && value[0] == '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	while (in.left > 0) {
		char *line = input_text(&in, LINE_MAX);
		char *first = input_text(&in, VALUE_MAX / 2),
		     *second = input_text(&in, VALUE_MAX / 2);

		take_apart(line);
		put_together(first, second);
		free(line);
		free(first);
		free(second);
	}
	return 0;
}
