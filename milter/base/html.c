/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/html.c - the one place where text becomes HTML.
 */
#include "config.h"

#include "base/html.h"

#include <stdbool.h>

static void
put(FILE *out, char c, bool words)
{
	switch (c) {
	case '&':
		fputs("&amp;", out);
		break;
	case '<':
		fputs("&lt;", out);
		break;
	case '>':
		fputs("&gt;", out);
		break;
	case '"':
		fputs("&quot;", out);
		break;
	case '\'':
		fputs("&#39;", out);
		break;
	default:
		fputc((c >= ' ' && c <= '~') || (words && (unsigned char)c >= 0x80) ? c : '?',
		    out);
	}
}

void
html_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		put(out, *text, false);
}

void
html_words(FILE *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(out, text[i], true);
}
