/* SPDX-License-Identifier: BSD-2-Clause */
/* web/listed.c - the texts of lists are those of strangers. */
#include "config.h"

#include "web/listed.h"

#include <string.h>

#include "base/html.h"
#include "base/strbuf.h"
#include "web/answer.h"

#define SHOWN_MAX 256

const char *
listed_category(const struct view *v, const json_t *list)
{
	enum topic t = topic_parse(answer_text(list, "category"));

	return t != TOPIC_MAX ? phrases_term(v->texts, v->language, t) : "";
}

static enum word
now_word(const json_t *list)
{
	const char *now = answer_text(list, "now");

	if (strcmp(now, "listed") == 0)
		return WORD_NOW_LISTED;
	return strcmp(now, "clear") == 0 ? WORD_NOW_CLEAR : WORD_NOW_UNKNOWN;
}

static const char *
label_of(const json_t *list)
{
	const char *label = answer_text(list, "label");

	return label[0] != '\0' ? label : answer_text(list, "name");
}

static void
add_codes(struct strbuf *sb, const json_t *codes)
{
	for (size_t i = 0; i < json_array_size(codes); i++) {
		const char *code = json_string_value(json_array_get(codes, i));

		if (code == NULL)
			continue;
		strbuf_add(sb, sb->len > 0 ? ", " : "");
		strbuf_add(sb, code);
	}
}

/* Its name and, where others spoke too, that it was the one that mattered. */
static void
write_label(struct view *v, const json_t *list, bool others)
{
	fputs("<tr><th scope=\"row\">", v->out);
	view_line(v, view_word(v, WORD_ROW_LIST));
	fputs("</th><td>", v->out);
	html_text(v->out, label_of(list));
	if (others && json_is_true(json_object_get(list, "decided"))) {
		fputs(" &#183; ", v->out);
		view_line(v, view_word(v, WORD_DECIDED));
	}
	fputs("</td></tr>\n", v->out);
}

/* A row in words of ours. */
static void
write_words(struct view *v, enum word heading, const char *words)
{
	fputs("<tr><th scope=\"row\">", v->out);
	view_line(v, view_word(v, heading));
	fputs("</th><td>", v->out);
	html_words(v->out, words, strlen(words));
	fputs("</td></tr>\n", v->out);
}

void
listed_rows(struct view *v, const json_t *list, bool others)
{
	const char *category = listed_category(v, list);
	char codes[SHOWN_MAX], until[SHOWN_MAX];
	struct strbuf sb;

	write_label(v, list, others);
	if (category[0] != '\0')
		write_words(v, WORD_ROW_SAYS, category);
	strbuf_init(&sb, codes, sizeof(codes));
	add_codes(&sb, json_object_get(list, "codes"));
	view_row(v, WORD_ROW_ANSWER, codes);
	write_words(v, WORD_ROW_NOW, view_word(v, now_word(list)));
	view_time(until, sizeof(until), json_string_value(json_object_get(list, "until")));
	if (now_word(list) != WORD_NOW_CLEAR)
		view_row(v, WORD_ROW_UNTIL, until);
}

void
listed_link(struct view *v, const json_t *listed, enum word text)
{
	const char *url = answer_text(listed, "removal");

	if (!answer_is_link(url))
		return;
	fputs("<p><a class=\"removal\" rel=\"noreferrer nofollow\" href=\"", v->out);
	html_text(v->out, url);
	fputs("\">", v->out);
	view_line(v, view_word(v, text));
	fputs("</a></p>\n", v->out);
}

void
listed_removal(struct view *v, const json_t *list)
{
	bool own = json_is_true(json_object_get(list, "own"));

	if (now_word(list) != WORD_NOW_CLEAR)
		listed_link(v, list, own ? WORD_REMOVE_TITLE : WORD_REMOVAL);
}

/* "Label: category, not listed any more. Removal" */
static void
write_other(struct view *v, const json_t *list)
{
	const char *category = listed_category(v, list);
	const enum word now = now_word(list);

	fputs("<li><strong>", v->out);
	html_text(v->out, label_of(list));
	fputs(category[0] != '\0' ? "</strong> &#183; " : "</strong>", v->out);
	html_words(v->out, category, strlen(category));
	fprintf(
	    v->out, " &#183; <span class=\"%s\">", now == WORD_NOW_LISTED ? "listed" : "clear");
	view_line(v, view_word(v, now));
	fputs("</span>\n", v->out);
	listed_removal(v, list);
	fputs("</li>\n", v->out);
}

unsigned
listed_others(struct view *v, const json_t *lists, const json_t *but)
{
	unsigned n = 0;

	for (size_t i = 0; i < json_array_size(lists); i++) {
		const json_t *list = json_array_get(lists, i);

		if (list == but)
			continue;
		if (n++ == 0)
			fputs("<ul class=\"lists\">\n", v->out);
		write_other(v, list);
	}
	if (n > 0)
		fputs("</ul>\n", v->out);
	return n;
}

unsigned
listed_count(const json_t *lists)
{
	unsigned n = 0;

	for (size_t i = 0; i < json_array_size(lists); i++)
		n += now_word(json_array_get(lists, i)) == WORD_NOW_LISTED;
	return n;
}
