/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/html.c - the one place where text becomes HTML.
 */
#include "config.h"

#include "ctl/html.h"

void
html_text(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		switch (*text) {
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
			/* The log is printable ASCII: what is not has come some other way. */
			fputc(*text >= ' ' && *text <= '~' ? *text : '?', out);
		}
}
