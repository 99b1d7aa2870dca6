/* SPDX-License-Identifier: BSD-2-Clause */
/* test_html.c - text of others is nothing but text. */
#include "config.h"

#include "base/html.h"

#include <stdlib.h>

#include "tap.h"

static const struct {
	const char *text, *want;
} rows[] = {
    {"", ""},
    {"zen.example", "zen.example"},
    {"<script>", "&lt;script&gt;"},
    {"\" onload='x'", "&quot; onload=&#39;x&#39;"},
    {"&lt;", "&amp;lt;"},
    {"a\nb\xe9", "a?b?"},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		html_text(out, rows[i].text);
		fclose(out);
		same_str(text, rows[i].want, rows[i].want);
		free(text);
	}
	{
		const char words[] = "<Gr\xc3\xbc\xc3\x9f\x65>\n&";
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		html_words(out, words, strlen(words));
		fclose(out);
		same_str(text, "&lt;Gr\xc3\xbc\xc3\x9f\x65&gt;?&amp;", "words of ours");
		free(text);
	}
	return done();
}
