/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply.c - a verdict in words that the refused sender can use.  Each line is
 * built in its place and counts only if all of it fits, so that no URL is ever
 * cut.
 */
#include "config.h"

#include "reply.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "mailbox.h"
#include "strbuf.h"

#define TEXT_OF(macro) TEXT_OF_VALUE(macro)
#define TEXT_OF_VALUE(value) #value

#define OWN_LINES 2 /* of a text of the configuration */

enum blank { BLANK_IP, BLANK_LIST, BLANK_REF, BLANK_CATEGORY, BLANK_MAX };

static const char *const blank_text[BLANK_MAX] = {
    [BLANK_IP] = "%{ip}",
    [BLANK_LIST] = "%{list}",
    [BLANK_REF] = "%{ref}",
    [BLANK_CATEGORY] = "%{category}",
};

/* What the lines are made from. */
struct writer {
	struct reply *reply;
	const struct reply_facts *facts;
	const struct voice *voice;    /* the loudest, or NULL */
	const struct listing *list;   /* whose voice that is, or NULL */
	char ip[IPADDR_STRLEN];       /* of the client */
	const char *blank[BLANK_MAX]; /* what fills the blanks */
};

static bool
printable(char c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* Add text as a reply may carry it: printable ASCII, every % doubled. */
static void
add_clean(struct strbuf *line, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		strbuf_addc(line, printable(text[i]) ? text[i] : '?');
		if (text[i] == '%')
			strbuf_addc(line, '%');
	}
}

static void
add_text(struct strbuf *line, const char *text)
{
	add_clean(line, text, strlen(text));
}

static void
add_encoded(struct strbuf *line, const char *text)
{
	char storage[REPLY_LINE_MAX];
	struct strbuf url;

	strbuf_init(&url, storage, sizeof(storage));
	strbuf_add_url(&url, text);
	add_clean(line, url.data, url.len);
	line->cut |= url.cut;
}

/* The blank that text begins with, or BLANK_MAX. */
static enum blank
blank_at(const char *text)
{
	unsigned i;

	for (i = 0; i < BLANK_MAX; i++)
		if (strncmp(text, blank_text[i], strlen(blank_text[i])) == 0)
			break;
	return (enum blank)i;
}

/* Add len bytes of a template with its blanks filled in. */
static void
add_template(
    const struct writer *w, struct strbuf *line, const char *text, size_t len, bool url)
{
	const char *end = text + len;

	while (text < end) {
		enum blank blank = blank_at(text);

		if (blank == BLANK_MAX) {
			add_clean(line, text++, 1);
			continue;
		}
		text += strlen(blank_text[blank]);
		if (url)
			add_encoded(line, w->blank[blank]);
		else
			add_text(line, w->blank[blank]);
	}
}

static struct strbuf
begin_line(const struct writer *w)
{
	struct strbuf line;

	assert(w->reply->n < REPLY_LINES);
	strbuf_init(&line, w->reply->line[w->reply->n], REPLY_LINE_MAX);
	return line;
}

/* Keep the line, if all of it fits and it says something. */
static bool
end_line(const struct writer *w, const struct strbuf *line)
{
	if (line->cut || line->data[strspn(line->data, " ")] == '\0')
		return false;
	w->reply->n++;
	return true;
}

/*
 * The text that takes the place of our first line, or NULL.  It says why somebody
 * is refused, which nobody is yet where there is a doubt.
 */
static const char *
own_text(const struct writer *w)
{
	if (w->facts->verdict->ground == GROUND_DENY || w->facts->verdict->softened)
		return NULL;
	if (w->facts->policy->text != NULL)
		return w->facts->policy->text;
	if (w->voice == NULL)
		return NULL;
	return w->voice->answer->text != NULL ? w->voice->answer->text : w->list->text;
}

/* Write the own text, if there is one of which a line can be used. */
static bool
write_own_text(const struct writer *w)
{
	const char *text = own_text(w);
	bool written = false;

	for (int i = 0; text != NULL && i < OWN_LINES; i++) {
		size_t len = i < OWN_LINES - 1 ? strcspn(text, "\n") : strlen(text);
		struct strbuf line = begin_line(w);

		add_template(w, &line, text, len, false);
		written |= end_line(w, &line);
		text = text[len] == '\n' ? text + len + 1 : NULL;
	}
	return written;
}

/* How many other lists speak against the client, beyond doubt. */
static unsigned
count_others(const struct writer *w)
{
	const struct verdict *verdict = w->facts->verdict;
	unsigned n = 0;

	for (unsigned i = 0; i < verdict->nvoices; i++)
		n += verdict->voice[i].score > 0 && &verdict->voice[i] != w->voice &&
		    (verdict->doubted >> verdict->voice[i].list & 1) == 0;
	return n;
}

static const char *
list_name(const struct writer *w)
{
	if (w->voice->answer->name != NULL)
		return w->voice->answer->name;
	return w->list->name != NULL ? w->list->name : w->list->label;
}

static const char *
fate(const struct verdict *verdict)
{
	if (verdict->action == ACTION_REFUSE)
		return "refused";
	return verdict->softened ? "not accepted now"
				 : "not accepted now and may be tried again later";
}

/* Say what the loudest list says: with its name, and with how many agree. */
static bool
write_listed(const struct writer *w, bool named, unsigned others)
{
	struct strbuf line = begin_line(w);

	strbuf_addf(&line, "Mail from [%s] is %s: ", w->ip, fate(w->facts->verdict));
	strbuf_add(&line, category_words(w->voice->answer->category));
	if (named) {
		strbuf_add(&line, ", says ");
		add_text(&line, list_name(w));
	}
	if (others > 0)
		strbuf_addf(&line, " (and %u more list%s)", others, others > 1 ? "s" : "");
	/* The list may be wrong: who reads this need do nothing but wait. */
	if (w->facts->verdict->softened)
		strbuf_add(&line,
		    "; whether that stands is being checked, and the mail will be tried again");
	strbuf_addc(&line, '.');
	return end_line(w, &line);
}

/* Add as many whole words as fit: a URL among them stays whole or away. */
static void
add_words(struct strbuf *line, const char *text)
{
	const char *more = "...";
	struct strbuf whole = *line, fits = *line;

	add_text(&whole, text);
	if (!whole.cut) {
		*line = whole;
		return;
	}
	fits.size -= strlen(more);
	while (!fits.cut) {
		size_t len = strspn(text, " ");

		len += strcspn(text + len, " ");
		*line = fits;
		add_clean(&fits, text, len);
		text += len;
	}
	line->size += strlen(more);
	line->data[line->len] = '\0';
	strbuf_add(line, more);
}

/* Say that our own rules refuse it, and why where that is known. */
static void
write_denied(const struct writer *w)
{
	const char *reason = w->facts->local_reason != NULL ? w->facts->local_reason : "";
	struct strbuf line = begin_line(w);

	strbuf_addf(&line, "Mail from [%s] is refused by the rules of this server", w->ip);
	reason += strspn(reason, " ");
	if (reason[0] != '\0') {
		strbuf_add(&line, ": ");
		add_words(&line, reason);
	} else {
		strbuf_addc(&line, '.');
	}
	end_line(w, &line);
}

/* Say what is wrong, and by whose word. */
static void
write_reason(const struct writer *w)
{
	unsigned others = count_others(w);

	if (w->voice == NULL) {
		write_denied(w);
		return;
	}
	if (others > 0 && write_listed(w, true, others))
		return;
	if (!write_listed(w, true, 0))
		write_listed(w, false, 0);
}

/* Say where one gets off the list; false: nowhere. */
static bool
write_removal(const struct writer *w)
{
	const char *url = w->list != NULL ? w->list->removal : w->facts->deny_removal;
	struct strbuf line;

	if (url == NULL || url[0] == '\0')
		return false;
	line = begin_line(w);
	strbuf_add(&line, "To be removed: ");
	add_template(w, &line, url, strlen(url), true);
	return end_line(w, &line);
}

/* Name the one mailbox that hears everybody, if the policy leaves it open. */
static void
write_postmaster(const struct writer *w)
{
	struct mailbox postmaster = {.local = "postmaster"};
	struct strbuf line;

	if (w->facts->domain == NULL || w->facts->domain[0] == '\0' ||
	    !strbuf_copy(postmaster.domain, sizeof(postmaster.domain), w->facts->domain) ||
	    !policy_exempts(w->facts->policy, &postmaster))
		return;
	line = begin_line(w);
	strbuf_add(&line, "Questions: postmaster@");
	add_text(&line, w->facts->domain);
	strbuf_add(&line, " accepts mail from everybody.");
	end_line(w, &line);
}

static void
write_advice(const struct writer *w)
{
	const char *advice =
	    w->voice != NULL ? category_advice(w->voice->answer->category) : NULL;
	struct strbuf line;

	if (advice == NULL)
		return;
	line = begin_line(w);
	strbuf_add(&line, advice);
	end_line(w, &line);
}

static void
write_last(const struct writer *w)
{
	struct strbuf line = begin_line(w);

	strbuf_add(&line, "Not the server's administrator? Send this text to whoever is. Ref ");
	add_text(&line, w->facts->ref);
	end_line(w, &line);
}

static void
begin_writing(struct writer *w, struct reply *reply, const struct reply_facts *facts)
{
	const struct verdict *verdict = facts->verdict;
	bool denied = verdict->ground == GROUND_DENY;

	*w = (struct writer){.reply = reply, .facts = facts};
	w->voice = denied ? NULL : verdict->loudest;
	w->list = w->voice != NULL ? facts->roster->list[w->voice->list] : NULL;
	w->blank[BLANK_IP] = ipaddr_format(facts->client, w->ip);
	w->blank[BLANK_LIST] = w->list != NULL ? w->list->label : "deny";
	w->blank[BLANK_REF] = facts->ref;
	w->blank[BLANK_CATEGORY] =
	    category_name(w->voice != NULL ? w->voice->answer->category : CATEGORY_LOCAL);
}

void
reply_build(struct reply *reply, const struct reply_facts *facts)
{
	bool refused = facts->verdict->action == ACTION_REFUSE;
	struct writer w;
	bool own;

	assert(facts->verdict->action != ACTION_PASS);
	reply->code = refused ? "550" : "450";
	reply->enhanced = refused ? "5.7.1" : "4.7.1";
	reply->n = 0;
	begin_writing(&w, reply, facts);
	own = write_own_text(&w);
	if (!own)
		write_reason(&w);
	if (!write_removal(&w))
		write_postmaster(&w);
	/* Who wrote an own text has said there what is to be done; in doubt, nothing is. */
	if (!own && !facts->verdict->softened)
		write_advice(&w);
	write_last(&w);
}

/* What is wrong with the byte of a template at text, or NULL. */
static const char *
fault_at(const char *text, bool newline)
{
	if (text[0] == '\n')
		return newline ? NULL : "has a line too many";
	if (!printable(text[0]))
		return "has a byte that is not printable ASCII";
	if (strncmp(text, "%{", 2) == 0 && blank_at(text) == BLANK_MAX)
		return "has a placeholder other than %{ip}, %{list}, %{ref}, %{category}";
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
	if (len > REPLY_TEMPLATE_MAX)
		return "is longer than " TEXT_OF(REPLY_TEMPLATE_MAX) " bytes";
	if (template[0] == '\n' || template[len - 1] == '\n')
		return "has an empty line";
	for (size_t i = 0; i < len && fault == NULL; i++) {
		fault = fault_at(template + i, lines);
		lines = lines && template[i] != '\n';
	}
	return fault;
}

bool
reply_check(const char *template, bool lines, char *why, size_t whysize)
{
	const char *fault = find_fault(template, lines);

	if (fault != NULL)
		snprintf(why, whysize, "the text %s", fault);
	return fault == NULL;
}
