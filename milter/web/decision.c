/* SPDX-License-Identifier: BSD-2-Clause */
/* web/decision.c - first what to do, for who has sent it; what it rests on, for who can mend it. */
#include "config.h"

#include "web/decision.h"

#include <string.h>

#include "base/html.h"
#include "base/strbuf.h"
#include "web/answer.h"
#include "web/listed.h"

#define TIME_SIZE 40
#define NUMBER_SIZE 24
#define URL_SIZE 320
#define CONTACT_SIZE 320

/* A decision, and what of it fills the blanks of texts. */
struct shown {
	const json_t *decision, *list; /* the list that mattered, or NULL */
	const char *ref;               /* with its tag */
	enum topic topic;
	bool deferred, clear;
	char time[TIME_SIZE], until[TIME_SIZE], url[URL_SIZE];
	char score[NUMBER_SIZE], limit[NUMBER_SIZE];
};

static const char *
text_or(const char *text, const char *other)
{
	return text[0] != '\0' ? text : other;
}

static void
prepare(struct view *v, struct shown *s, const json_t *status)
{
	const char *page = answer_text(status, "page");
	size_t len = strlen(page);

	s->topic = answer_topic(s->decision);
	if (s->topic != TOPIC_SPF && strcmp(answer_text(s->decision, "reason"), "deny") != 0)
		s->list = answer_decisive(s->decision);
	s->deferred = strcmp(answer_text(s->decision, "action"), "defer") == 0;
	s->clear = answer_is_clear(s->decision);
	view_time(s->time, sizeof(s->time), answer_text(s->decision, "time"));
	view_time(s->until, sizeof(s->until), answer_text(s->list, "until"));
	snprintf(s->url, sizeof(s->url), "%.*s/r/%s",
	    (int)(len > 0 && page[len - 1] == '/' ? len - 1 : len), page, s->ref);
	v->slot[SLOT_CLIENT] = answer_text(s->decision, "client");
	v->slot[SLOT_DOMAIN] = answer_text(s->decision, "to_domain");
	v->slot[SLOT_TIME] = s->time;
	v->slot[SLOT_UNTIL] = s->until;
	v->slot[SLOT_REASON] = phrases_term(v->texts, v->language, s->topic);
	v->slot[SLOT_LIST] =
	    text_or(answer_text(s->list, "label"), answer_text(s->list, "name"));
	v->slot[SLOT_URL] = s->url;
	v->slot[SLOT_REF] = s->ref;
	v->slot[SLOT_CONTACT] = answer_text(s->decision, "contact");
	(void)answer_number(s->decision, "score", s->score, sizeof(s->score));
	(void)answer_number(s->decision, "refuse_at", s->limit, sizeof(s->limit));
}

static void
write_notice(struct view *v, const char *kind, enum word title, enum word text)
{
	fprintf(v->out, "<section class=\"notice %s\">\n", kind);
	view_tag(v, "h2", view_word(v, title));
	view_block(v, view_word(v, text));
	fputs("</section>\n", v->out);
}

/* The pass: taken, to be taken, or nothing at all. */
static void
write_pass(struct view *v, const struct shown *s)
{
	const json_t *pass = json_object_get(s->decision, "pass");
	const char *until = answer_text(pass, "granted_until");
	char text[TIME_SIZE], path[ROUTE_PATH_MAX];

	if (until[0] != '\0') {
		view_time(text, sizeof(text), until);
		v->slot[SLOT_UNTIL] = text;
		write_notice(v, "good", WORD_GRANTED_TITLE, WORD_GRANTED_TEXT);
		v->slot[SLOT_UNTIL] = s->until;
		return;
	}
	if (!json_is_true(json_object_get(pass, "offered")) || s->clear)
		return;
	fputs("<section class=\"notice\">\n", v->out);
	view_tag(v, "h2", view_word(v, WORD_PASS_TITLE));
	view_block(v, view_word(v, WORD_PASS_TEXT));
	snprintf(path, sizeof(path), "/r/%s/pass", s->ref);
	view_form(v, NULL, true, path);
	pages_token(v, "pass", s->ref);
	view_tag(v, "button", view_word(v, WORD_PASS_BUTTON));
	fputs("</form>\n</section>\n", v->out);
}

/* What SPF came to: keys and values of the daemon's, for who runs the server. */
static void
write_spf(struct view *v, const json_t *spf)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)spf, key, value)
	{
		if (!json_is_string(value))
			continue;
		fputs("<tr><th scope=\"row\">SPF ", v->out);
		html_text(v->out, key);
		fputs("</th><td>", v->out);
		html_text(v->out, json_string_value(value));
		fputs("</td></tr>\n", v->out);
	}
}

static void
write_evidence(struct view *v, const struct shown *s)
{
	char score[2 * NUMBER_SIZE + 4] = "";
	const char *note = answer_text(s->decision, "note");
	const json_t *lists = json_object_get(s->decision, "lists");

	if (s->score[0] != '\0' && s->limit[0] != '\0')
		snprintf(score, sizeof(score), "%s / %s", s->score, s->limit);
	view_tag(v, "h3", view_word(v, WORD_EVIDENCE_HEAD));
	fputs("<table>\n", v->out);
	view_row(v, WORD_ROW_CLIENT, v->slot[SLOT_CLIENT]);
	view_row(v, WORD_ROW_FROM, answer_text(s->decision, "from_domain"));
	view_row(v, WORD_ROW_TO, v->slot[SLOT_DOMAIN]);
	view_row(v, WORD_ROW_TIME, s->time);
	view_row(v, WORD_ROW_REF, s->ref);
	if (s->list != NULL)
		listed_rows(v, s->list, json_array_size(lists) > 1);
	view_row(v, WORD_ROW_SCORE, score);
	view_row(v, WORD_ROW_POLICY, answer_text(s->decision, "policy"));
	view_row(v, WORD_ROW_NOTE, note);
	write_spf(v, json_object_get(s->decision, "spf"));
	fputs("</table>\n", v->out);
	if (s->list != NULL)
		listed_removal(v, s->list);
	else
		listed_link(v, s->decision, WORD_REMOVAL_DENY);
}

static void
write_columns(struct view *v, const struct shown *s)
{
	fputs("<div class=\"columns\">\n<section class=\"you\">\n", v->out);
	view_tag(v, "h2", view_word(v, WORD_YOU_HEAD));
	view_block(v, phrases_part(v->texts, v->language, s->topic, PART_YOU));
	pages_handoff(v, s->deferred);
	fputs("</section>\n<section class=\"admin\">\n", v->out);
	view_tag(v, "h2", view_word(v, WORD_ADMIN_HEAD));
	view_block(v, phrases_part(v->texts, v->language, s->topic, PART_ADMIN));
	write_evidence(v, s);
	fputs("</section>\n</div>\n", v->out);
}

static void
write_end(struct view *v, const struct shown *s)
{
	bool retries = json_is_true(json_object_get(s->decision, "retries_by_itself"));

	if (s->clear && !retries)
		return;
	fputs("<section>\n", v->out);
	view_tag(v, "h2", view_word(v, WORD_ENDS_HEAD));
	view_block(v, view_word(v, retries ? WORD_RETRIES : WORD_NO_RETRIES));
	if (!s->clear)
		view_block(v, phrases_part(v->texts, v->language, s->topic, PART_ENDS));
	if (s->until[0] != '\0' && !s->clear)
		view_block(v, view_word(v, WORD_UNTIL));
	fputs("</section>\n", v->out);
}

static void
write_others(struct view *v, const struct shown *s)
{
	const json_t *lists = json_object_get(s->decision, "lists");

	if (json_array_size(lists) <= (s->list != NULL ? 1 : 0))
		return;
	fputs("<section>\n", v->out);
	view_tag(v, "h2", view_word(v, WORD_OTHERS_HEAD));
	view_block(v, view_word(v, WORD_OTHERS_TEXT));
	listed_others(v, lists, s->list);
	fputs("</section>\n", v->out);
}

static void
write_wrong(struct view *v, const struct shown *s)
{
	char path[ROUTE_PATH_MAX];

	fputs("<section>\n", v->out);
	view_tag(v, "h2", view_word(v, WORD_WRONG_HEAD));
	view_block(v, phrases_part(v->texts, v->language, s->topic, PART_WRONG));
	if (v->slot[SLOT_CONTACT][0] != '\0')
		view_block(v, view_word(v, WORD_CONTACT));
	snprintf(path, sizeof(path), "/c/%s", topic_name(s->topic));
	fputs("<p>", v->out);
	view_link(v, path, view_word(v, WORD_MORE));
	fputs("</p>\n</section>\n", v->out);
}

static void
write_decision(struct view *v, const struct shown *s)
{
	view_begin(v, view_word(v, s->deferred ? WORD_DEFERRED_TITLE : WORD_REFUSED_TITLE));
	view_tag(v, "p class=\"lead\"",
	    view_word(v, s->deferred ? WORD_DEFERRED_LEAD : WORD_REFUSED_LEAD));
	if (s->clear)
		write_notice(v, "good", WORD_CLEAR_TITLE, WORD_CLEAR_TEXT);
	fputs("<section class=\"why\">\n", v->out);
	view_tag(v, "h2", view_word(v, WORD_WHAT_HEAD));
	view_block(v, phrases_part(v->texts, v->language, s->topic, PART_WHAT));
	fputs("</section>\n", v->out);
	write_pass(v, s);
	write_columns(v, s);
	write_end(v, s);
	write_others(v, s);
	write_wrong(v, s);
	view_end(v);
}

/* The decision of the request's reference; NULL: a page says why there is none. */
static json_t *
ask_decision(struct view *v, const struct site *site, const struct web_request *r)
{
	json_t *decision = pages_ask_seldom(v, site, r,
	    json_pack("{s:s, s:s}", "verb", "page-decision", "ref", r->route.ref), "found");

	if (decision == NULL || json_is_true(json_object_get(decision, "found")))
		return decision;
	json_decref(decision);
	pages_note(v, 404, WORD_UNKNOWN_TITLE, WORD_UNKNOWN_TEXT);
	return NULL;
}

void
decision_show(struct view *v, const struct site *site, const struct web_request *r)
{
	struct shown s = {.ref = r->route.ref};
	json_t *decision = ask_decision(v, site, r), *status = NULL;

	if (decision != NULL &&
	    (status = pages_ask(v, site, json_pack("{s:s}", "verb", "page-status"))) != NULL) {
		s.decision = decision;
		prepare(v, &s, status);
		write_decision(v, &s);
	}
	json_decref(status);
	json_decref(decision);
}

/* What became of a pass that was asked for, with a way back to the message. */
static void
write_outcome(struct view *v, const struct web_request *r, const json_t *outcome)
{
	const char *why = answer_text(outcome, "why_not");
	bool granted = json_is_true(json_object_get(outcome, "granted"));
	char until[TIME_SIZE], path[ROUTE_PATH_MAX];

	view_time(until, sizeof(until), answer_text(outcome, "until"));
	v->slot[SLOT_UNTIL] = until;
	view_begin(v, view_word(v, granted ? WORD_GRANTED_TITLE : WORD_NOPASS_TITLE));
	view_block(v,
	    view_word(v,
		granted                            ? WORD_GRANTED_TEXT
		    : strcmp(why, "used") == 0     ? WORD_NOPASS_USED
		    : strcmp(why, "accepted") == 0 ? WORD_NOPASS_ACCEPTED
						   : WORD_NOPASS_OTHER));
	snprintf(path, sizeof(path), "/r/%s", r->route.ref);
	fputs("<p>", v->out);
	view_link(v, path, view_word(v, WORD_TO_MESSAGE));
	fputs("</p>\n", v->out);
	view_end(v);
}

void
decision_pass(struct view *v, const struct site *site, const struct web_request *r)
{
	json_t *decision, *outcome = NULL;

	if (!pages_is_fresh(v, r, "pass", r->route.ref) ||
	    (decision = ask_decision(v, site, r)) == NULL)
		return;
	outcome = pages_ask(
	    v, site, json_pack("{s:s, s:s}", "verb", "page-pass", "ref", r->route.ref));
	if (outcome != NULL) {
		v->slot[SLOT_CLIENT] = answer_text(decision, "client");
		v->slot[SLOT_DOMAIN] = answer_text(decision, "to_domain");
		write_outcome(v, r, outcome);
	}
	json_decref(outcome);
	json_decref(decision);
}
