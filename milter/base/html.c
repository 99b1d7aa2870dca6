/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/html.c - the one place where text becomes HTML.
 */
#include "config.h"

#include "base/html.h"

#include <stdbool.h>
#include <string.h>

/* What stands for a byte that is not to be written as it is. */
static const char *
escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return "?";
	}
}

static bool
is_plain(char c, bool words)
{
	if ((unsigned char)c >= 0x80)
		return words;
	return c >= ' ' && c <= '~' && c != '&' && c != '<' && c != '>' && c != '"' &&
	    c != '\'';
}

static void
put(FILE *out, const char *text, size_t n, bool words)
{
	for (size_t i = 0; i < n; i++) {
		size_t from = i;

		while (i < n && is_plain(text[i], words))
			i++;
		if (i > from)
			(void)fwrite(text + from, 1, i - from, out);
		if (i < n)
			fputs(escape_of(text[i]), out);
	}
}

void
html_text(FILE *out, const char *text)
{
	put(out, text, strlen(text), false);
}

void
html_words(FILE *out, const char *text, size_t n)
{
	put(out, text, n, true);
}
