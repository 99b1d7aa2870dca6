/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/reply.c - a verdict in lines that survive the senders they go to.  What does not
 * fit is left out in one piece, so that no URL is ever cut.
 */
#include "config.h"

#include "verdict/reply.h"

#include <assert.h>
#include <string.h>

#include "base/ascii.h"
#include "base/mailbox.h"
#include "base/random.h"
#include "base/strbuf.h"

/* How the last line begins. */
#define LAST "Not the administrator? Send this to whoever is:"

#define BEFORE_MAX 60 /* of what stands before a line: where that is longer, so is the line */

/* A line as the client gets it, without its code. */
struct line {
	char text[REPLY_TEXT_MAX + 1];
	struct strbuf sb;
};

/* What the lines are made from. */
struct writer {
	struct reason reason;
	const char *ref;
	size_t code; /* bytes of both codes in front of a line */
	/* Where one gets off the list, or reads how; and the one mailbox that hears everybody:
	 * or empty. */
	char url[REPLY_TEXT_MAX + 1];
	char postmaster[REPLY_TEXT_MAX + 1];
};

/* Begin a line of so many bytes, its code included. */
static struct strbuf *
begin_line(const struct writer *w, struct line *line, size_t max)
{
	size_t room = max > w->code ? max - w->code : 0;

	if (room > REPLY_TEXT_MAX)
		room = REPLY_TEXT_MAX;
	strbuf_init(&line->sb, line->text, room + 1);
	return &line->sb;
}

/* Whether a URL stands in a line as a word, or as the end of it. */
static bool
has_url(const struct strbuf *line, const char *url)
{
	size_t len = strlen(url);
	const char *at = line->data;

	while ((at = strstr(at, url)) != NULL) {
		if ((at == line->data || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
		at += len;
	}
	return false;
}

/* Whether a line ends with a word. */
static bool
ends_with(const struct strbuf *line, const char *word)
{
	size_t len = strlen(word);

	return line->len > len && line->data[line->len - len - 1] == ' ' &&
	    strcmp(line->data + line->len - len, word) == 0;
}

/* End a line with the URL, where that is given, and the reference; what it has
 * already is not told again.  The line is cut where that does not fit. */
static void
end_line(const struct writer *w, struct strbuf *line, const char *url)
{
	const char *blank = line->len > 0 && line->data[line->len - 1] != ' ' ? " " : "";

	if (url[0] != '\0' && !has_url(line, url))
		strbuf_addf(line, "%s%s Ref %s", blank, url, w->ref);
	else if (!ends_with(line, w->ref))
		strbuf_addf(line, "%sRef %s", blank, w->ref);
}

/* Whether a text that ends so is followed by its reference lest a URL end a line. */
static bool
ends_in_url(const struct strbuf *line)
{
	const char *last = strrchr(line->data, ' ');

	return strstr(last != NULL ? last : line->data, "://") != NULL;
}

/* What is told in a first line, from the most to the least. */
static const struct {
	enum detail detail;
	bool postmaster; /* whom the last line names, too */
} first_lines[] = {
    {DETAIL_MOST, true},
    {DETAIL_MOST, false},
    {DETAIL_NAME, false},
    {DETAIL_DOMAIN, false},
    {DETAIL_LEAST, false},
};

/* End what may have come from outside without an end. */
static void
end_sentence(const struct writer *w, struct strbuf *line)
{
	if (line->len > 0 && ascii_is_alnum(line->data[line->len - 1]) && !ends_in_url(line) &&
	    !ends_with(line, w->ref))
		strbuf_addc(line, '.');
}

static void
add_postmaster(const struct writer *w, struct strbuf *line)
{
	if (w->postmaster[0] != '\0')
		strbuf_addf(line, " %s accepts mail from everybody.", w->postmaster);
}

/*
 * Write the first line with the URL, or without where that is empty: in as much
 * detail as there is room for.  False: there is none for the URL.
 */
static bool
write_first(const struct writer *w, struct line *line, const char *url)
{
	size_t tail = strlen(url) + strlen(".  Ref ") + strlen(w->ref);

	for (size_t i = 0; i < sizeof(first_lines) / sizeof(first_lines[0]); i++) {
		bool least = first_lines[i].detail == DETAIL_LEAST;
		struct strbuf *sb = begin_line(w, line, REPLY_FIRST_MAX);
		size_t size = sb->size;

		/* Words that fit are found where it is known how many do. */
		if (least)
			sb->size = size > tail ? size - tail : 1;
		reason_write(&w->reason, first_lines[i].detail, sb);
		sb->size = size;
		end_sentence(w, sb);
		if (first_lines[i].postmaster && url[0] == '\0')
			add_postmaster(w, sb);
		end_line(w, sb, url);
		if (!sb->cut)
			return true;
	}
	return false;
}

/* Write to whom to send that: a line that may be all that is seen. */
static void
write_last(const struct writer *w, struct line *line)
{
	struct strbuf *sb = begin_line(w, line, REPLY_TOTAL_MAX);

	strbuf_add(sb, LAST);
	if (w->url[0] == '\0') {
		strbuf_addf(sb, " [%s] is %s.", w->reason.ip,
		    w->reason.later ? "not accepted now" : "refused");
		add_postmaster(w, sb);
	}
	end_line(w, sb, w->url);
}

/* Write as much of it as fits; the reference follows it lest a URL end the line. */
static bool
write_advice(const struct writer *w, struct line *line, size_t max, const char *advice)
{
	size_t tail = strstr(advice, "://") != NULL ? strlen(" Ref ") + strlen(w->ref) : 0;
	struct strbuf *sb = begin_line(w, line, max);

	sb->size -= tail;
	reason_add_words(sb, advice);
	sb->size += tail;
	if (ends_in_url(sb))
		end_line(w, sb, "");
	return !sb->cut;
}

/*
 * Write the advice into a line of so many bytes, and the URL, where that is given;
 * of both, what there is room for.  False: there is nothing to say.
 */
static bool
write_second(const struct writer *w, struct line *line, size_t max, const char *url)
{
	const char *advice = reason_advice(&w->reason);

	for (int told = advice != NULL; told >= 0 && url[0] != '\0'; told--) {
		struct strbuf *sb = begin_line(w, line, max);

		if (told)
			strbuf_addf(sb, "%s ", advice);
		strbuf_add(
		    sb, w->reason.facts->page != NULL ? "All about it:" : "To be removed:");
		end_line(w, sb, url);
		if (!sb->cut)
			return true;
	}
	return advice != NULL && write_advice(w, line, max, advice);
}

static size_t
size_of(const struct writer *w, const struct line *line)
{
	return w->code + line->sb.len;
}

/* Put a line into the reply; the MTA takes each doubled % for one. */
static void
keep_line(struct reply *reply, const struct line *line)
{
	struct strbuf kept;

	assert(reply->n < REPLY_LINES);
	strbuf_init(&kept, reply->line[reply->n++], REPLY_LINE_MAX);
	for (const char *at = line->text; *at != '\0'; at++) {
		strbuf_addc(&kept, *at);
		if (*at == '%')
			strbuf_addc(&kept, '%');
	}
}

static void
write_lines(const struct writer *w, struct reply *reply)
{
	struct line first, second, last;
	bool whole = w->url[0] != '\0' && write_first(w, &first, w->url);

	if (!whole)
		write_first(w, &first, "");
	keep_line(reply, &first);
	if (w->reason.facts->lines == 1)
		return;
	write_last(w, &last);
	if (write_second(w, &second, REPLY_TOTAL_MAX - size_of(w, &first) - size_of(w, &last),
		whole ? "" : w->url))
		keep_line(reply, &second);
	keep_line(reply, &last);
}

/* Find the one mailbox that hears everybody, if the policy leaves it open. */
static void
find_postmaster(struct writer *w)
{
	const struct reply_facts *facts = w->reason.facts;
	struct mailbox box = {.local = "postmaster"};
	struct strbuf sb;

	strbuf_init(&sb, w->postmaster, sizeof(w->postmaster));
	if (facts->domain == NULL || facts->domain[0] == '\0' ||
	    !strbuf_copy(box.domain, sizeof(box.domain), facts->domain) ||
	    !policy_exempts(facts->policy, &box, NULL))
		return;
	strbuf_add(&sb, "postmaster@");
	template_add_clean(&sb, box.domain, strlen(box.domain));
}

/* Find the URL, if the last line can hold it: that of the page, which shows others. */
static void
find_url(struct writer *w)
{
	size_t room = REPLY_TEXT_MAX - strlen(LAST "  Ref ") - strlen(w->ref);
	const char *page = w->reason.facts->page;
	struct strbuf sb;

	strbuf_init(&sb, w->url, room + 1);
	if (page != NULL)
		template_add_clean(&sb, page, strlen(page));
	else
		reason_add_url(&w->reason, &sb);
	if (sb.cut)
		w->url[0] = '\0';
}

static const char *
choose_code(const struct reply_facts *facts)
{
	if (facts->verdict->action == ACTION_DEFER)
		return "450";
	if (facts->verdict->action == ACTION_REFUSE)
		return facts->policy->refuse_code == 554 ? "554" : "550";
	return facts->policy->drop_code == 421 ? "421" : "521";
}

/* The enhanced code, of the class of the other. */
static const char *
choose_enhanced(const struct reason *reason)
{
	switch (reason_code(reason)) {
	case 23:
		return reason->later ? "4.7.23" : "5.7.23";
	case 24:
		return reason->later ? "4.7.24" : "5.7.24";
	}
	return reason->later ? "4.7.1" : "5.7.1";
}

bool
reply_needed(enum action action)
{
	return action == ACTION_DEFER || action == ACTION_REFUSE || action == ACTION_DROP;
}

void
reply_build(struct reply *reply, const struct reply_facts *facts)
{
	struct writer w = {.ref = facts->ref};

	assert(reply_needed(facts->verdict->action));
	assert(strlen(facts->ref) == REF_LEN);
	reply->n = 0;
	reply->code = choose_code(facts);
	reason_find(&w.reason, facts, reply->code[0] == '4');
	reply->enhanced = choose_enhanced(&w.reason);
	reply->text = w.reason.text;
	w.code = strlen(reply->code) + 1 + strlen(reply->enhanced) + 1 +
	    (facts->before < BEFORE_MAX ? facts->before : BEFORE_MAX);
	find_postmaster(&w);
	find_url(&w);
	write_lines(&w, reply);
}
