/* SPDX-License-Identifier: BSD-2-Clause */
/* web/address.c - nothing here says to whom an address has sent. */
#include "config.h"

#include "web/address.h"

#include <string.h>

#include "base/html.h"
#include "web/answer.h"
#include "web/form.h"
#include "web/listed.h"

#define TIME_SIZE 40
#define TYPED_SIZE 136 /* bytes of 45 letters of what is typed as an address, with the NUL */
#define EVIDENCE_SIZE 1001 /* bytes of what a nomination says, with the NUL */
#define EVIDENCE_LETTERS \
	"300" /* so many fit, of three bytes each, and encoded into the body of a request */

/* What was typed as an address, in the one way to write it; false: it is none. */
static bool
read_address(const struct web_request *r, const char *key, char out[IPADDR_STRLEN])
{
	struct ipaddr address;
	char text[IPADDR_STRLEN];

	if (!request_field(r, key, text, sizeof(text)) || !ipaddr_parse(&address, text))
		return false;
	ipaddr_format(&address, out);
	return true;
}

static json_t *
ask_address(
    struct view *v, const struct site *site, const struct web_request *r, const char *address)
{
	return pages_ask_seldom(v, site, r,
	    json_pack("{s:s, s:s}", "verb", "page-address", "address", address), NULL);
}

bool
address_has_list(struct view *v, const struct site *site)
{
	json_t *status = pages_ask(v, site, json_pack("{s:s}", "verb", "page-status"));
	bool has = json_is_true(json_object_get(status, "own_list"));

	if (status != NULL && !has)
		pages_note(v, 200, WORD_NO_LIST_TITLE, WORD_NO_LIST_TEXT);
	json_decref(status);
	return has;
}

/* --- What is known of it --- */

static void
write_hidden_address(struct view *v, const char *address)
{
	fputs("<input type=\"hidden\" name=\"a\" value=\"", v->out);
	html_text(v->out, address);
	fputs("\">\n", v->out);
}

static void
write_link(struct view *v, const char *path, enum word text)
{
	fputs("<p>", v->out);
	view_link(v, path, view_word(v, text));
	fputs("</p>\n", v->out);
}

/* Reasons that are no topic. */
static const struct {
	const char *name;
	enum word word;
} reasons_alone[] = {
    {"dictionary", WORD_REASON_DICTIONARY},
    {"nominated", WORD_REASON_NOMINATED},
    {"helo", WORD_REASON_HELO},
};

/* A reason in the reader's language; NULL: it is none of ours. */
static const char *
name_reason(const struct view *v, const char *reason)
{
	enum topic t = topic_parse(reason);

	if (t != TOPIC_MAX)
		return phrases_term(v->texts, v->language, t);
	for (size_t i = 0; i < sizeof(reasons_alone) / sizeof(reasons_alone[0]); i++)
		if (strcmp(reasons_alone[i].name, reason) == 0)
			return view_word(v, reasons_alone[i].word);
	return NULL;
}

static void
write_reasons(struct view *v, const json_t *reasons)
{
	fputs("<tr><th scope=\"row\">", v->out);
	view_line(v, view_word(v, WORD_ROW_REASONS));
	fputs("</th><td>", v->out);
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const char *reason = json_string_value(json_array_get(reasons, i));
		const char *name = reason != NULL ? name_reason(v, reason) : NULL;

		fputs(i > 0 ? ", " : "", v->out);
		if (name != NULL)
			view_line(v, name);
		else
			html_text(v->out, reason != NULL ? reason : "");
	}
	fputs("</td></tr>\n", v->out);
}

static void
write_local(struct view *v, const json_t *local)
{
	char since[TIME_SIZE], until[TIME_SIZE];

	view_time(since, sizeof(since), answer_text(local, "since"));
	view_time(until, sizeof(until), answer_text(local, "until"));
	fputs("<table>\n", v->out);
	write_reasons(v, json_object_get(local, "reasons"));
	view_row(v, WORD_ROW_SINCE, since);
	view_row(v, WORD_ROW_UNTIL, until);
	fputs("</table>\n", v->out);
}

/* What there is to say of it, in one notice: who is on the own list is not told that mail
 * should go through. */
static void
write_summary(struct view *v, bool held, bool is_local)
{
	fprintf(v->out, "<section class=\"notice %s\">\n", held || is_local ? "bad" : "good");
	if (held || !is_local)
		view_block(v, view_word(v, held ? WORD_ADDRESS_LISTED : WORD_ADDRESS_CLEAR));
	if (is_local)
		view_block(v, view_word(v, WORD_ADDRESS_LOCAL));
	fputs("</section>\n", v->out);
}

/* Why it is on the own list, and the way off it. */
static void
write_way_off(struct view *v, const char *address, const json_t *local)
{
	write_local(v, local);
	view_form(v, NULL, false, "/remove");
	write_hidden_address(v, address);
	view_tag(v, "button", view_word(v, WORD_REMOVE_TITLE));
	fputs("</form>\n", v->out);
	write_link(v, "/criteria", WORD_CRITERIA_TITLE);
}

void
address_show(struct view *v, const struct site *site, const struct web_request *r)
{
	json_t *data = ask_address(v, site, r, r->route.address), *lists, *local;

	if (data == NULL)
		return;
	lists = json_object_get(data, "lists");
	local = json_object_get(data, "local");
	v->slot[SLOT_CLIENT] = r->route.address;
	view_begin(v, view_word(v, WORD_ADDRESS_TITLE));
	write_summary(v, listed_count(lists) > 0, json_is_object(local));
	if (json_is_object(local))
		write_way_off(v, r->route.address, local);
	listed_others(v, lists, NULL);
	fputs("<div class=\"hint\">", v->out);
	view_block(v, view_word(v, WORD_ADDRESS_HINT));
	fputs("</div>\n", v->out);
	view_end(v);
	json_decref(data);
}

/* --- Forms --- */

static void
alert(struct view *v, enum word text)
{
	fputs("<p class=\"alert\" role=\"alert\">", v->out);
	view_line(v, view_word(v, text));
	fputs("</p>\n", v->out);
}

/* The field for an address. */
static void
write_field(struct view *v, enum word label, const char *value)
{
	fputs("<label for=\"a\">", v->out);
	view_line(v, view_word(v, label));
	fputs(
	    "</label>\n<div class=\"field\"><input id=\"a\" name=\"a\" type=\"text\" required "
	    "maxlength=\"45\" autocomplete=\"off\" spellcheck=\"false\" value=\"",
	    v->out);
	html_text(v->out, value);
	fputs("\">\n", v->out);
}

/* Where the address is on the list, why, and the button that takes it off. */
static void
write_removal(struct view *v, const char *address, const json_t *data)
{
	const json_t *local = json_object_get(data, "local");

	v->slot[SLOT_CLIENT] = address;
	if (!json_is_object(local)) {
		view_block(v, view_word(v, WORD_REMOVE_NONE));
		return;
	}
	view_block(v, view_word(v, WORD_ADDRESS_LOCAL));
	write_local(v, local);
	view_form(v, NULL, true, "/remove");
	pages_token(v, "remove", address);
	write_hidden_address(v, address);
	view_tag(v, "button", view_word(v, WORD_REMOVE_BUTTON));
	fputs("</form>\n", v->out);
}

static void
show_removal(struct view *v, const struct site *site, const struct web_request *r)
{
	char address[IPADDR_STRLEN] = "", typed[TYPED_SIZE] = "";
	bool asked =
	    form_get(r->form, r->form_len, "a", false, typed, sizeof(typed)) == FORM_BAD ||
	    typed[0] != '\0';
	bool good = read_address(r, "a", address);
	json_t *data = NULL;

	if (good && (data = ask_address(v, site, r, address)) == NULL)
		return;
	view_begin(v, view_word(v, WORD_REMOVE_TITLE));
	view_tag(v, "p class=\"lead\"", view_word(v, WORD_REMOVE_LEAD));
	if (asked && !good)
		alert(v, WORD_REMOVE_BAD);
	if (good)
		write_removal(v, address, data);
	view_form(v, "ask", false, "/remove");
	write_field(v, WORD_REMOVE_FIELD, typed);
	view_tag(v, "button", view_word(v, WORD_REMOVE_LOOK));
	fputs("</div>\n</form>\n", v->out);
	write_link(v, "/criteria", WORD_CRITERIA_TITLE);
	view_end(v);
	json_decref(data);
}

/* It comes off later, by itself. */
static void
show_held(struct view *v, const json_t *outcome)
{
	char until[TIME_SIZE];

	view_time(until, sizeof(until), answer_text(outcome, "until"));
	v->slot[SLOT_UNTIL] = until;
	pages_note(v, 200, WORD_NOT_REMOVED_TITLE, WORD_NOT_REMOVED_TEXT);
}

static void
do_remove(struct view *v, const struct site *site, const struct web_request *r)
{
	char address[IPADDR_STRLEN];
	json_t *outcome;

	if (!read_address(r, "a", address)) {
		pages_error(v, 400);
		return;
	}
	if (!pages_is_fresh(v, r, "remove", address) ||
	    (outcome = pages_ask(v, site,
		 json_pack("{s:s, s:s}", "verb", "page-remove", "address", address))) == NULL)
		return;
	v->slot[SLOT_CLIENT] = address;
	if (json_is_true(json_object_get(outcome, "removed")))
		pages_note(v, 200, WORD_REMOVED_TITLE, WORD_REMOVED_TEXT);
	else if (strcmp(answer_text(outcome, "why_not"), "none") == 0)
		pages_note(v, 200, WORD_REMOVE_TITLE, WORD_REMOVE_NONE);
	else
		show_held(v, outcome);
	json_decref(outcome);
}

void
address_remove(struct view *v, const struct site *site, const struct web_request *r)
{
	if (!address_has_list(v, site))
		return;
	if (r->post)
		do_remove(v, site, r);
	else
		show_removal(v, site, r);
}

/* What the reader has written, back into the field: no text of others. */
static void
write_back(struct view *v, const char *text)
{
	json_t *words = json_string(text); /* NULL: it is not in UTF-8 */

	while (words != NULL && *text != '\0') {
		size_t n = strcspn(text, "\n");

		html_words(v->out, text, n);
		fputs(text[n] == '\n' ? "\n" : "", v->out);
		text += n + (text[n] == '\n');
	}
	json_decref(words);
}

static void
show_nomination(struct view *v, int status, const char *typed, const char *evidence)
{
	v->status = status;
	view_begin(v, view_word(v, WORD_NOMINATE_TITLE));
	view_tag(v, "p class=\"lead\"", view_word(v, WORD_NOMINATE_LEAD));
	if (status != 200)
		alert(v, WORD_NOMINATE_BAD);
	view_form(v, "ask", true, "/nominate");
	pages_token(v, "nominate", "");
	write_field(v, WORD_NOMINATE_FIELD, typed);
	fputs("</div>\n<label for=\"e\">", v->out);
	view_line(v, view_word(v, WORD_NOMINATE_EVIDENCE));
	fputs("</label>\n<textarea id=\"e\" name=\"e\" rows=\"8\" maxlength=\"" EVIDENCE_LETTERS
	      "\" required>",
	    v->out);
	write_back(v, evidence);
	fputs("</textarea>\n", v->out);
	view_tag(v, "button", view_word(v, WORD_NOMINATE_BUTTON));
	fputs("</form>\n", v->out);
	write_link(v, "/criteria", WORD_CRITERIA_TITLE);
	view_end(v);
}

static void
do_nominate(struct view *v, const struct site *site, const struct web_request *r)
{
	char address[IPADDR_STRLEN], typed[TYPED_SIZE], evidence[EVIDENCE_SIZE];
	json_t *outcome, *request = NULL;

	if (!pages_is_fresh(v, r, "nominate", ""))
		return;
	(void)request_field(r, "a", typed, sizeof(typed));
	(void)form_get(r->form, r->form_len, "e", true, evidence, sizeof(evidence));
	if (read_address(r, "a", address) && evidence[0] != '\0')
		request = json_pack("{s:s, s:s, s:s}", "verb", "page-nominate", "address",
		    address, "evidence", evidence);
	if (request == NULL) {
		show_nomination(v, 400, typed, evidence);
		return;
	}
	/* Each is noted somewhere: nobody is to fill that place. */
	if ((outcome = pages_ask_seldom(v, site, r, request, NULL)) == NULL)
		return;
	v->slot[SLOT_CLIENT] = address;
	pages_note(v, 200, WORD_NOMINATED_TITLE, WORD_NOMINATED_TEXT);
	json_decref(outcome);
}

void
address_nominate(struct view *v, const struct site *site, const struct web_request *r)
{
	if (!address_has_list(v, site))
		return;
	if (r->post)
		do_nominate(v, site, r);
	else
		show_nomination(v, 200, "", "");
}
