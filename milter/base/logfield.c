/* SPDX-License-Identifier: BSD-2-Clause */
/* base/logfield.c - the reverse of strbuf_add_value(). */
#include "config.h"

#include "base/logfield.h"

#include <string.h>

#include "base/ascii.h"
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

/* Two hexadecimal digits of a byte above 127; -1: they are none. */
static int
high_byte(const char *at)
{
	static const char digits[] = "0123456789abcdef";
	const char *high = *at != '\0' ? strchr(digits + 8, *at) : NULL;
	const char *low = high != NULL && at[1] != '\0' ? strchr(digits, at[1]) : NULL;

	return low != NULL ? (int)((high - digits) << 4 | (low - digits)) : -1;
}

void
logfield_unescape(char *value)
{
	char *out = value;

	while (*value != '\0') {
		const char *at = value;
		int byte = ascii_take(&at, "\\u00") ? high_byte(at) : -1;

		*out++ = byte >= 0 ? (char)byte : *value;
		value += byte >= 0 ? strlen("\\u00HH") : 1;
	}
	*out = '\0';
}
