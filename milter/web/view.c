/* SPDX-License-Identifier: BSD-2-Clause */
/* web/view.c - what every page has, and how texts are written. */
#include "config.h"

#include "web/view.h"

#include <string.h>

#include "base/html.h"
#include "base/strbuf.h"

#define DEPTH_MAX 8
#define BLANK "____" /* to be filled in by hand */

const char *
view_word(const struct view *v, enum word w)
{
	return phrases_word(v->texts, v->language, w);
}

/* Words of ours fill the reason; all else may be by strangers. */
static void
fill(struct view *v, enum slot s)
{
	const char *text = v->slot[s] != NULL && v->slot[s][0] != '\0' ? v->slot[s] : BLANK;

	if (s == SLOT_REASON)
		html_words(v->out, text, strlen(text));
	else
		html_text(v->out, text);
}

/* Write up to end, with the blanks filled in. */
static void
write_part(struct view *v, const char *text, const char *end)
{
	while (text < end) {
		const char *mark = strstr(text, "%{");
		enum slot s;

		if (mark == NULL || mark >= end)
			mark = end;
		html_words(v->out, text, (size_t)(mark - text));
		if ((text = mark) < end && (s = slot_take(&text)) != SLOT_MAX)
			fill(v, s);
	}
}

/* Whether a line is about the list, where there is none. */
static bool
lacks_list(const struct view *v, const char *line, const char *end)
{
	const char *list = v->slot[SLOT_LIST], *mark = line;

	if (list == NULL || list[0] != '\0')
		return false;
	while ((mark = strstr(mark, "%{")) != NULL && mark < end)
		if (slot_take(&mark) == SLOT_LIST)
			return true;
	return false;
}

/* Write text with each of its line ends as that. */
static void
write_lines(struct view *v, const char *text, const char *line_end)
{
	const char *between = "";

	for (;;) {
		const char *end = text + strcspn(text, "\n");

		if (!lacks_list(v, text, end)) {
			fputs(between, v->out);
			write_part(v, text, end);
			between = line_end;
		}
		if (*end == '\0')
			return;
		text = end + 1;
	}
}

void
view_line(struct view *v, const char *text)
{
	write_lines(v, text, " ");
}

void
view_lines(struct view *v, const char *text)
{
	write_lines(v, text, "\n\n");
}

void
view_block(struct view *v, const char *text)
{
	bool list = false;

	for (;;) {
		const char *end = text + strcspn(text, "\n");
		bool item = strncmp(text, "- ", 2) == 0;

		if (item != list)
			fputs(item ? "<ul>\n" : "</ul>\n", v->out);
		list = item;
		fputs(item ? "<li>" : "<p>", v->out);
		write_part(v, item ? text + 2 : text, end);
		fputs(item ? "</li>\n" : "</p>\n", v->out);
		if (*end == '\0')
			break;
		text = end + 1;
	}
	if (list)
		fputs("</ul>\n", v->out);
}

void
view_tag(struct view *v, const char *tag, const char *text)
{
	fprintf(v->out, "<%s>", tag);
	view_line(v, text);
	fprintf(v->out, "</%.*s>\n", (int)strcspn(tag, " "), tag);
}

void
view_path(const struct view *v, FILE *out, const char *path)
{
	/* No page is as deep: who asks for none gets links that are short. */
	unsigned depth = v->depth <= DEPTH_MAX ? v->depth : 0;

	for (unsigned i = 0; i < depth; i++)
		fputs("../", out);
	if (depth == 0)
		fputs("./", out);
	html_text(out, path + 1);
}

/* The language of a link stays what the reader has chosen. */
static void
write_href(struct view *v, const char *path, const char *tag)
{
	fputs(" href=\"", v->out);
	view_path(v, v->out, path);
	if (tag != NULL)
		fprintf(v->out, "?l=%s", tag);
	fputc('"', v->out);
}

static const char *
tag_of(const struct view *v, unsigned language)
{
	unsigned n;

	return phrases_tags(v->texts, &n)[language];
}

void
view_href(struct view *v, const char *path)
{
	write_href(v, path, v->chosen ? tag_of(v, v->language) : NULL);
}

void
view_form(struct view *v, const char *css, bool post, const char *path)
{
	const char *tag = tag_of(v, v->language);

	fprintf(v->out, "<form method=\"%s\" action=\"", post ? "post" : "get");
	view_path(v, v->out, path);
	if (post && v->chosen)
		fprintf(v->out, "?l=%s", tag);
	fputs("\"", v->out);
	if (css != NULL)
		fprintf(v->out, " class=\"%s\"", css);
	fputs(">\n", v->out);
	if (!post && v->chosen)
		fprintf(v->out, "<input type=\"hidden\" name=\"l\" value=\"%s\">\n", tag);
}

void
view_link(struct view *v, const char *path, const char *text)
{
	fputs("<a", v->out);
	view_href(v, path);
	fputc('>', v->out);
	view_line(v, text);
	fputs("</a>", v->out);
}

void
view_row(struct view *v, enum word heading, const char *text)
{
	if (text == NULL || text[0] == '\0')
		return;
	fputs("<tr><th scope=\"row\">", v->out);
	view_line(v, view_word(v, heading));
	fputs("</th><td>", v->out);
	html_text(v->out, text);
	fputs("</td></tr>\n", v->out);
}

void
view_begin(struct view *v, const char *title)
{
	fprintf(v->out,
	    "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<link rel=\"stylesheet\"",
	    tag_of(v, v->language));
	write_href(v, "/style.css", NULL);
	fputs(">\n<title>", v->out);
	view_line(v, title);
	fputs("</title>\n</head>\n<body>\n<header><p class=\"site\">", v->out);
	view_link(v, "/", view_word(v, WORD_SITE));
	fputs("</p></header>\n<main>\n", v->out);
	view_tag(v, "h1", title);
}

/* Links to this page in all other languages. */
static void
write_languages(struct view *v)
{
	unsigned n;
	const char *const *tags = phrases_tags(v->texts, &n);

	fputs("<nav class=\"languages\" aria-label=\"", v->out);
	view_line(v, view_word(v, WORD_LANGUAGES));
	fputs("\">\n<ul>\n", v->out);
	for (unsigned i = 0; i < n; i++) {
		fprintf(v->out, "<li><a lang=\"%s\" hreflang=\"%s\"", tags[i], tags[i]);
		write_href(v, v->path, tags[i]);
		fputs(i == v->language ? " aria-current=\"true\">" : ">", v->out);
		view_line(v, phrases_word(v->texts, i, WORD_LANGUAGE));
		fputs("</a></li>\n", v->out);
	}
	fputs("</ul>\n</nav>\n", v->out);
}

void
view_end(struct view *v)
{
	fputs("</main>\n<footer>\n<nav><ul>\n<li>", v->out);
	view_link(v, "/", view_word(v, WORD_BACK));
	fputs("</li>\n<li>", v->out);
	view_link(v, "/c/", view_word(v, WORD_LIBRARY_TITLE));
	fputs("</li>\n<li>", v->out);
	view_link(v, "/privacy", view_word(v, WORD_PRIVACY_TITLE));
	fputs("</li>\n</ul></nav>\n", v->out);
	write_languages(v);
	fputs("</footer>\n</body>\n</html>\n", v->out);
}

void
view_time(char *out, size_t size, const char *text)
{
	struct strbuf sb;

	strbuf_init(&sb, out, size);
	if (text == NULL)
		return;
	/* "2026-11-28T18:40:00Z" */
	if (strlen(text) < 17 || text[10] != 'T') {
		strbuf_add(&sb, text);
		return;
	}
	strbuf_addn(&sb, text, 10);
	strbuf_addc(&sb, ' ');
	strbuf_addn(&sb, text + 11, 5);
	strbuf_add(&sb, " UTC");
}
