/* SPDX-License-Identifier: BSD-2-Clause */
/* base/logfield.c - the reverse of strbuf_add_value(). */
#include "config.h"

#include "base/logfield.h"

#include <string.h>

#include "base/strbuf.h"

/* Up to the quote that ends it; NULL: there is none. */
static const char *
read_quoted(const char *p, struct strbuf *out)
{
	for (; *p != '\0' && *p != '"'; p++) {
		if (p[0] == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		strbuf_addc(out, *p);
	}
	return *p == '"' ? p + 1 : NULL;
}

bool
logfield_next(const char **at, char key[LOGFIELD_KEY_MAX], char *value, size_t size)
{
	const char *p = *at + strspn(*at, " "), *end = p + strcspn(p, "= ");
	struct strbuf sb;

	if (*end != '=' || end == p)
		return false;
	strbuf_init(&sb, key, LOGFIELD_KEY_MAX);
	strbuf_addn(&sb, p, (size_t)(end - p));
	strbuf_init(&sb, value, size);
	p = end + 1;
	if (*p == '"') {
		p = read_quoted(p + 1, &sb);
	} else {
		strbuf_addn(&sb, p, strcspn(p, " "));
		p += strcspn(p, " ");
	}
	if (p != NULL)
		*at = p;
	return p != NULL;
}

bool
logfield_find(const char *line, const char *key, char *value, size_t size)
{
	char name[LOGFIELD_KEY_MAX];

	while (logfield_next(&line, name, value, size))
		if (strcmp(name, key) == 0)
			return true;
	value[0] = '\0';
	return false;
}
