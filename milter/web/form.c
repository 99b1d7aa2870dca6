/* SPDX-License-Identifier: BSD-2-Clause */
/* web/form.c - one value at a time: forms here have three at most. */
#include "config.h"

#include "web/form.h"

#include <string.h>

#include "base/ascii.h"
#include "base/strbuf.h"

static int
hex(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next byte, which is gone past; -1: it is badly encoded. */
static int
decode(const char **at, const char *end)
{
	char c = *(*at)++;
	int high, low;

	if (c == '+')
		return ' ';
	if (c != '%')
		return (unsigned char)c;
	if (end - *at < 2 || (high = hex((*at)[0])) < 0 || (low = hex((*at)[1])) < 0)
		return -1;
	*at += 2;
	return high * 16 + low;
}

static enum form_found
read_value(const char *at, const char *end, bool lines, char *out, size_t size)
{
	struct strbuf sb;

	strbuf_init(&sb, out, size);
	while (at < end) {
		int c = decode(&at, end);

		if (c == '\r' && lines)
			continue; /* its newline follows */
		if (c < 0 || c == 0x7f || (c < ' ' && !(c == '\n' && lines)))
			return FORM_BAD;
		if (sb.len > 0 || (c != ' ' && c != '\n'))
			strbuf_addc(&sb, (char)c);
	}
	while (sb.len > 0 && (sb.data[sb.len - 1] == ' ' || sb.data[sb.len - 1] == '\n'))
		sb.data[--sb.len] = '\0';
	return sb.cut ? FORM_BAD : FORM_GOOD;
}

enum form_found
form_get(const char *text, size_t len, const char *key, bool lines, char *out, size_t size)
{
	const char *at = text, *end = text + len;
	size_t nkey = strlen(key);
	enum form_found found = FORM_NONE;

	while (at < end && found != FORM_BAD) {
		const char *next = memchr(at, '&', (size_t)(end - at));
		const char *stop = next != NULL ? next : end;

		if ((size_t)(stop - at) > nkey && memcmp(at, key, nkey) == 0 && at[nkey] == '=')
			found = found == FORM_NONE
			    ? read_value(at + nkey + 1, stop, lines, out, size)
			    : FORM_BAD;
		at = next != NULL ? next + 1 : end;
	}
	if (found != FORM_GOOD)
		out[0] = '\0';
	return found;
}
