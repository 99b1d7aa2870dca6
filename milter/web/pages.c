/* SPDX-License-Identifier: BSD-2-Clause */
/* web/pages.c - one function for each page. */
#include "config.h"

#include "web/pages.h"

#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/html.h"
#include "base/random.h"
#include "web/form.h"
#include "web/token.h"

#define QUESTION_MAX 256 /* bytes of what is typed into the field of the first page */

void
pages_note(struct view *v, int status, enum word title, enum word text)
{
	v->status = status;
	view_begin(v, view_word(v, title));
	view_block(v, view_word(v, text));
	view_end(v);
}

void
pages_error(struct view *v, int status)
{
	if (status == 404)
		pages_note(v, status, WORD_MISSING_TITLE, WORD_MISSING_TEXT);
	else if (status == 429)
		pages_note(v, status, WORD_OFTEN_TITLE, WORD_OFTEN_TEXT);
	else if (status == 503)
		pages_note(v, status, WORD_DOWN_TITLE, WORD_DOWN_TEXT);
	else
		pages_note(v, status, WORD_BAD_TITLE, WORD_BAD_TEXT);
}

json_t *
pages_ask(struct view *v, const struct site *site, json_t *request)
{
	bool often;
	json_t *data = daemon_ask(site->daemon, request, &often);

	if (data == NULL)
		pages_error(v, often ? 429 : 503);
	return data;
}

json_t *
pages_ask_seldom(struct view *v, const struct site *site, const struct web_request *r,
    json_t *request, const char *key)
{
	int64_t now = clock_ms();
	json_t *data;

	if (!misses_take(site->misses, &r->reader, now)) {
		json_decref(request);
		pages_error(v, 429);
		return NULL;
	}
	data = pages_ask(v, site, request);
	if (data == NULL || (key != NULL && json_is_true(json_object_get(data, key))))
		misses_give_back(site->misses, &r->reader, now);
	return data;
}

void
pages_token(struct view *v, const char *action, const char *subject)
{
	char token[TOKEN_SIZE];

	token_make(action, subject, clock_wall(), token);
	fprintf(v->out, "<input type=\"hidden\" name=\"token\" value=\"%s\">\n", token);
}

bool
pages_is_fresh(
    struct view *v, const struct web_request *r, const char *action, const char *subject)
{
	char token[TOKEN_SIZE];

	if (request_field(r, "token", token, sizeof(token)) &&
	    token_is_good(token, action, subject, clock_wall()))
		return true;
	pages_note(v, 403, WORD_STALE_TITLE, WORD_STALE_TEXT);
	return false;
}

/* The reference that was typed, or is in a link of a notice. */
static bool
find_ref(const char *question, char out[ROUTE_REF_SIZE])
{
	static const char before[] = "/r/";
	const char *link = strstr(question, before);
	const char *ref = link != NULL ? link + strlen(before) : question;
	size_t n = 0;

	while (ascii_is_alnum(ref[n]) || ref[n] == '-')
		n++;
	return (link != NULL || ref[n] == '\0') && route_read_ref(ref, n, out);
}

/* Where the answer to what was typed is: a reference or an address.  False: it is neither. */
static bool
find_answer(struct view *v, const char *question)
{
	char ref[ROUTE_REF_SIZE], text[IPADDR_STRLEN];
	struct ipaddr address;

	if (find_ref(question, ref))
		snprintf(v->location, sizeof(v->location), "./r/%s", ref);
	else if (ipaddr_parse(&address, question))
		snprintf(
		    v->location, sizeof(v->location), "./a/%s", ipaddr_format(&address, text));
	else
		return false;
	v->status = 303;
	return true;
}

/* What is wrong with what was typed: the tag is missing, or all is. */
static void
say_unclear(struct view *v, const char *question)
{
	size_t n = 0;

	while (ascii_is_alnum(question[n]))
		n++;
	fputs("<p class=\"alert\" role=\"alert\">", v->out);
	view_line(v,
	    view_word(
		v, n == REF_LEN && question[n] == '\0' ? WORD_HOME_NO_TAG : WORD_HOME_UNCLEAR));
	fputs("</p>\n", v->out);
}

void
pages_home(struct view *v, const struct site *site, const struct web_request *r)
{
	char question[QUESTION_MAX];
	const enum form_found found =
	    form_get(r->form, r->form_len, "q", false, question, sizeof(question));

	(void)site;
	if (found == FORM_GOOD && find_answer(v, question))
		return;
	view_begin(v, view_word(v, WORD_HOME_TITLE));
	view_tag(v, "p class=\"lead\"", view_word(v, WORD_HOME_LEAD));
	if (found == FORM_BAD || question[0] != '\0')
		say_unclear(v, question);
	view_form(v, "ask", false, "/");
	fputs("<label for=\"q\">", v->out);
	view_line(v, view_word(v, WORD_HOME_FIELD));
	fputs(
	    "</label>\n<div class=\"field\"><input id=\"q\" name=\"q\" type=\"text\" required "
	    "maxlength=\"200\" autocomplete=\"off\" autocapitalize=\"characters\" "
	    "spellcheck=\"false\" aria-describedby=\"hint\" value=\"",
	    v->out);
	html_text(v->out, question);
	fputs("\">\n", v->out);
	view_tag(v, "button", view_word(v, WORD_HOME_BUTTON));
	fputs("</div>\n<div class=\"hint\" id=\"hint\">", v->out);
	view_block(v, view_word(v, WORD_HOME_HINT));
	fputs("</div>\n</form>\n<p>", v->out);
	view_link(v, "/c/", view_word(v, WORD_LIBRARY_TITLE));
	fputs("</p>\n", v->out);
	view_end(v);
}

void
pages_library(struct view *v, const struct site *site, const struct web_request *r)
{
	(void)site;
	(void)r;
	view_begin(v, view_word(v, WORD_LIBRARY_TITLE));
	view_tag(v, "p class=\"lead\"", view_word(v, WORD_LIBRARY_LEAD));
	fputs("<ul class=\"library\">\n", v->out);
	for (unsigned t = 0; t < TOPIC_MAX; t++) {
		char path[ROUTE_PATH_MAX];

		if (!topic_has_page((enum topic)t))
			continue;
		snprintf(path, sizeof(path), "/c/%s", topic_name((enum topic)t));
		fputs("<li>", v->out);
		view_link(
		    v, path, phrases_part(v->texts, v->language, (enum topic)t, PART_TITLE));
		fputs("</li>\n", v->out);
	}
	fputs("</ul>\n", v->out);
	view_end(v);
}

void
pages_handoff(struct view *v, bool deferred)
{
	fputs("<div class=\"handoff\">\n", v->out);
	view_tag(v, "h3", view_word(v, WORD_HANDOFF_HEAD));
	fputs("<pre tabindex=\"0\">", v->out);
	view_lines(v, view_word(v, deferred ? WORD_HANDOFF_DEFERRED : WORD_HANDOFF));
	fputs("</pre>\n</div>\n", v->out);
}

/* Whether what a topic is about is never said by a list of others. */
static bool
is_without_list(enum topic t)
{
	return t == TOPIC_SPF || t == (enum topic)CATEGORY_LOCAL;
}

/* A part of a topic under a heading; with the text to hand on, where it speaks of that. */
static void
write_part(struct view *v, const char *element, enum topic t, enum word head, enum part p)
{
	fprintf(v->out, "<%s>\n", element);
	view_tag(v, "h2", view_word(v, head));
	view_block(v, phrases_part(v->texts, v->language, t, p));
	if (p == PART_YOU)
		pages_handoff(v, t == TOPIC_DOUBT);
	fputs("</section>\n", v->out);
}

void
pages_topic(struct view *v, const struct site *site, const struct web_request *r)
{
	enum topic t = r->route.topic;

	(void)site;
	v->slot[SLOT_REASON] = phrases_term(v->texts, v->language, t);
	v->slot[SLOT_LIST] = is_without_list(t) ? "" : NULL;
	view_begin(v, phrases_part(v->texts, v->language, t, PART_TITLE));
	fputs("<div class=\"lead\">\n", v->out);
	view_block(v, phrases_part(v->texts, v->language, t, PART_WHAT));
	fputs("</div>\n<div class=\"columns\">\n", v->out);
	write_part(v, "section class=\"you\"", t, WORD_YOU_HEAD, PART_YOU);
	write_part(v, "section class=\"admin\"", t, WORD_ADMIN_HEAD, PART_ADMIN);
	fputs("</div>\n", v->out);
	write_part(v, "section", t, WORD_ENDS_HEAD, PART_ENDS);
	write_part(v, "section", t, WORD_WRONG_HEAD, PART_WRONG);
	view_end(v);
}

void
pages_privacy(struct view *v, const struct site *site, const struct web_request *r)
{
	(void)site;
	(void)r;
	pages_note(v, 200, WORD_PRIVACY_TITLE, WORD_PRIVACY_TEXT);
}
