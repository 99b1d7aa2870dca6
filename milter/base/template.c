/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/template.c - texts with blanks in them.  Who writes one is told at once what is
 * wrong with it, for the reader of a refusal cannot be asked.
 */
#include "config.h"

#include "base/template.h"

#include <string.h>

#include "base/strbuf.h"

#define TEXT_OF(macro) TEXT_OF_VALUE(macro)
#define TEXT_OF_VALUE(value) #value

#define FILLED_MAX 512 /* bytes of what fills a blank, encoded: more than a line has */

static const char *const blank_text[BLANKS] = {
    [BLANK_IP] = "%{ip}",
    [BLANK_DOMAIN] = "%{domain}",
    [BLANK_LIST] = "%{list}",
    [BLANK_NAME] = "%{name}",
    [BLANK_CATEGORY] = "%{category}",
    [BLANK_REF] = "%{ref}",
};

static bool
printable(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

void
template_add_clean(struct strbuf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		strbuf_addc(out, printable(text[i]) ? text[i] : '?');
}

static void
add_encoded(struct strbuf *out, const char *text)
{
	char storage[FILLED_MAX];
	struct strbuf url;

	strbuf_init(&url, storage, sizeof(storage));
	strbuf_add_url(&url, text);
	template_add_clean(out, url.data, url.len);
	out->cut |= url.cut;
}

/* The blank that text begins with, or BLANKS. */
static enum blank
blank_at(const char *text)
{
	unsigned i;

	for (i = 0; i < BLANKS; i++)
		if (strncmp(text, blank_text[i], strlen(blank_text[i])) == 0)
			break;
	return (enum blank)i;
}

void
template_fill(struct strbuf *out, const char *template, size_t len,
    const char *const filling[BLANKS], bool url)
{
	const char *end = template + len;

	while (template <end) {
		enum blank blank = blank_at(template);

		if (blank == BLANKS) {
			template_add_clean(out, template ++, 1);
			continue;
		}
		template += strlen(blank_text[blank]);
		if (url)
			add_encoded(out, filling[blank]);
		else
			template_add_clean(out, filling[blank], strlen(filling[blank]));
	}
}

/* What is wrong with the byte of a template at text, or NULL. */
static const char *
fault_at(const char *text, bool newline)
{
	if (text[0] == '\n')
		return newline ? NULL : "has a line too many";
	if (!printable(text[0]))
		return "has a byte that is not printable ASCII";
	if (strncmp(text, "%{", 2) == 0 && blank_at(text) == BLANKS)
		return "has a placeholder other than %{ip}, %{domain}, %{list}, %{name}, "
		       "%{category}, %{ref}";
	return NULL;
}

/* What is wrong with a template, or NULL. */
static const char *
find_fault(const char *template, bool lines)
{
	size_t len = strlen(template);
	const char *fault = NULL;

	if (len == 0)
		return "is empty";
	if (len > TEMPLATE_MAX)
		return "is longer than " TEXT_OF(TEMPLATE_MAX) " bytes";
	if (template[0] == '\n' || template[len - 1] == '\n')
		return "has an empty line";
	for (size_t i = 0; i < len && fault == NULL; i++) {
		fault = fault_at(template + i, lines);
		lines = lines && template[i] != '\n';
	}
	return fault;
}

bool
template_check(const char *template, bool lines, char *why, size_t whysize)
{
	const char *fault = find_fault(template, lines);

	return fault == NULL || strbuf_fail(why, whysize, "the text %s", fault);
}
