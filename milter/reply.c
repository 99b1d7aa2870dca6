/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply.c - a verdict in words that the refused sender can use.  Each line is
 * built in its place and counts only if all of it fits, so that no URL is ever
 * cut.
 */
#include "config.h"

#include "reply.h"

#include <assert.h>
#include <string.h>

#include "domain.h"
#include "mailbox.h"
#include "strbuf.h"
#include "template.h"

#define OWN_LINES 2    /* of a text of the configuration */
#define DOMAIN_MAX 253 /* bytes of a name that are shown */

/* What the lines are made from. */
struct writer {
	struct reply *reply;
	const struct reply_facts *facts;
	const struct voice *voice;  /* the loudest, or NULL */
	const struct listing *list; /* whose voice that is, or NULL */
	bool spf;                   /* it is SPF that speaks */
	bool doubtful;              /* nobody is refused yet: there is a doubt */
	const char *domain;         /* the name that is spoken of, or NULL */
	char ip[IPADDR_STRLEN];     /* of the client */
	const char *blank[BLANKS];  /* what fills the blanks */
};

/* What is said of a sender policy, with the domain in the middle, and what ends it. */
#define SPF_RECORD "the published policy of "
#define SPF_ADVICE                                                                            \
	"The administrator of that domain must add the address to its SPF record, or send "   \
	"through a server that is in it; who forwards mail must do so under a name of their " \
	"own."

static const struct {
	const char *before, *after, *advice;
	unsigned detail; /* of the enhanced code (RFC 7372) */
} spf_words[SPF_RESULTS] = {
    [SPF_NONE] = {"", " publishes no policy (SPF) of who may send its mail", SPF_ADVICE, 1},
    [SPF_NEUTRAL] = {SPF_RECORD, " (SPF) does not say whether this address may send its mail",
	SPF_ADVICE, 1},
    [SPF_FAIL] = {SPF_RECORD, " (SPF) does not let this address send its mail", SPF_ADVICE, 23},
    [SPF_SOFTFAIL] = {SPF_RECORD, " (SPF) says that this address should not send its mail",
	SPF_ADVICE, 23},
    [SPF_TEMPERROR] = {SPF_RECORD, " (SPF) could not be looked up in DNS",
	"The administrator of that domain must see to it that its SPF record can be looked up.",
	24},
    [SPF_PERMERROR] = {SPF_RECORD, " (SPF) has a mistake in it, and cannot be followed",
	"The administrator of that domain must mend its SPF record in DNS.", 24},
};

/* What a list speaks of, with the name in the middle, and without it. */
static const struct {
	const char *before, *after, *nameless;
} role_words[ROLES] = {
    [ROLE_ADDRESS] = {NULL, NULL, "it"},
    [ROLE_HELO] = {"the name ", ", which it gave in HELO,", "the name that it gave in HELO"},
    [ROLE_NAME] = {"the name ", ", which DNS gives its address,",
	"the name that DNS gives its address"},
    [ROLE_SENDER] = {"the sender's domain ", "", "the sender's domain"},
};

static void
add_text(struct strbuf *line, const char *text)
{
	template_add_clean(line, text, strlen(text));
}

static void
add_domain(struct strbuf *line, const char *domain)
{
	size_t len = strlen(domain);

	template_add_clean(line, domain, len < DOMAIN_MAX ? len : DOMAIN_MAX);
	if (len > DOMAIN_MAX)
		strbuf_add(line, "...");
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
	const struct reply_facts *facts = w->facts;

	if (facts->verdict->ground == GROUND_DENY || w->doubtful)
		return NULL;
	if (facts->policy->text != NULL)
		return facts->policy->text;
	if (w->voice == NULL)
		return NULL;
	if (w->voice->answer->text != NULL)
		return w->voice->answer->text;
	if (w->list->text != NULL || facts->category_text == NULL)
		return w->list->text;
	return facts->category_text[w->voice->answer->category];
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

		template_fill(&line, text, len, w->blank, false);
		written |= end_line(w, &line);
		text = text[len] == '\n' ? text + len + 1 : NULL;
	}
	return written;
}

/* Whether a voice speaks against the client, beyond doubt. */
static bool
accuses(const struct verdict *verdict, const struct voice *voice)
{
	return voice->score > 0 && (verdict->doubted >> voice->list & 1) == 0;
}

/* How many other lists speak against the client, beyond doubt; one that is asked
 * about several names is one list. */
static unsigned
count_others(const struct writer *w)
{
	const struct verdict *verdict = w->facts->verdict;
	struct listing *const *list = w->facts->roster->list;
	unsigned n = 0;

	for (unsigned i = 0; i < verdict->nvoices; i++) {
		const char *label = list[verdict->voice[i].list]->label;
		bool counted =
		    &verdict->voice[i] == w->voice || strcmp(label, w->list->label) == 0;

		for (unsigned k = 0; k < i && !counted; k++)
			counted = accuses(verdict, &verdict->voice[k]) &&
			    strcmp(label, list[verdict->voice[k].list]->label) == 0;
		n += !counted && accuses(verdict, &verdict->voice[i]);
	}
	return n;
}

static const char *
list_name(const struct writer *w)
{
	if (w->voice->answer->name != NULL)
		return w->voice->answer->name;
	return w->list->name != NULL ? w->list->name : w->list->label;
}

static struct strbuf
begin_reason(const struct writer *w)
{
	struct strbuf line = begin_line(w);

	strbuf_addf(&line, "Mail from [%s] is ", w->ip);
	if (w->facts->verdict->action != ACTION_DEFER)
		strbuf_add(&line, "refused: ");
	else if (w->doubtful)
		strbuf_add(&line, "not accepted now: ");
	else
		strbuf_add(&line, "not accepted now and may be tried again later: ");
	return line;
}

static bool
end_reason(const struct writer *w, struct strbuf *line)
{
	/* The list may be wrong: who reads this need do nothing but wait. */
	if (w->doubtful)
		strbuf_add(line,
		    "; whether that stands is being checked, and the mail will be tried again");
	strbuf_addc(line, '.');
	return end_line(w, line);
}

/* Say what the list speaks of: the address, or a name, which is told if it is told. */
static void
add_subject(const struct writer *w, struct strbuf *line, bool told)
{
	enum role role = w->list->role;

	if (!told || w->domain == NULL) {
		strbuf_add(line, role_words[role].nameless);
		return;
	}
	strbuf_add(line, role_words[role].before);
	add_domain(line, w->domain);
	strbuf_add(line, role_words[role].after);
}

/* How much is told of what a list says. */
enum detail { DETAIL_NONE, DETAIL_DOMAIN, DETAIL_NAME, DETAIL_OTHERS };

/* Say what the loudest list says; false: that is too much for a line. */
static bool
write_listed(const struct writer *w, enum detail detail, unsigned others)
{
	struct strbuf line = begin_reason(w);

	add_subject(w, &line, detail >= DETAIL_DOMAIN);
	strbuf_addc(&line, ' ');
	strbuf_add(&line, category_words(w->voice->answer->category));
	if (detail >= DETAIL_NAME) {
		strbuf_add(&line, ", says ");
		add_text(&line, list_name(w));
	}
	if (detail == DETAIL_OTHERS)
		strbuf_addf(&line, " (and %u more list%s)", others, others > 1 ? "s" : "");
	return end_reason(w, &line);
}

/* Say what the policy of the sender's domain says; false: its name is too long. */
static bool
write_spf(const struct writer *w, const char *domain)
{
	enum spf_result result = w->facts->verdict->spf;
	struct strbuf line = begin_reason(w);

	strbuf_add(&line, spf_words[result].before);
	add_domain(&line, domain);
	strbuf_add(&line, spf_words[result].after);
	return end_reason(w, &line);
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
		template_add_clean(&fits, text, len);
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

/* Say what is wrong, and by whose word: as much of it as a line holds. */
static void
write_reason(const struct writer *w)
{
	unsigned others;
	int detail;

	if (w->spf) {
		if (w->domain == NULL || !write_spf(w, w->domain))
			write_spf(w, "the sender's domain");
		return;
	}
	if (w->voice == NULL) {
		write_denied(w);
		return;
	}
	others = count_others(w);
	detail = others > 0 ? DETAIL_OTHERS : DETAIL_NAME;
	while (detail >= DETAIL_NONE && !write_listed(w, (enum detail)detail, others))
		detail--;
}

/* Say where one gets off the list; false: nowhere. */
static bool
write_removal(const struct writer *w)
{
	const char *url = w->list != NULL ? w->list->removal : w->facts->deny_removal;
	struct strbuf line;

	if (w->spf || url == NULL || url[0] == '\0')
		return false;
	line = begin_line(w);
	strbuf_add(&line, "To be removed: ");
	template_fill(&line, url, strlen(url), w->blank, true);
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
	const char *advice = NULL;
	struct strbuf line;

	if (w->spf)
		advice = spf_words[w->facts->verdict->spf].advice;
	else if (w->voice != NULL)
		advice = category_advice(w->voice->answer->category);
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

/* Whether it is SPF that is to be spoken of, and not a list. */
static bool
spf_speaks(const struct verdict *verdict)
{
	const struct voice *loudest = verdict->loudest;

	if (verdict->ground == GROUND_DENY || spf_words[verdict->spf].before == NULL)
		return false;
	return verdict->ground == GROUND_SPF ||
	    verdict->spf_score > (loudest != NULL ? loudest->score : 0);
}

static void
choose_words(struct writer *w)
{
	const struct verdict *verdict = w->facts->verdict;

	w->doubtful = verdict->softened && verdict->action == ACTION_DEFER &&
	    (verdict->ground == GROUND_LISTS ||
		w->facts->policy->spf[verdict->spf].effect == SPF_REFUSE);
	/* Where there is a doubt, it is a list that is being checked, if one has spoken. */
	w->spf = spf_speaks(verdict) && (!w->doubtful || verdict->loudest == NULL);
	if (w->spf) {
		w->domain = w->facts->spf_domain;
	} else if (verdict->ground != GROUND_DENY && verdict->loudest != NULL) {
		w->voice = verdict->loudest;
		w->list = w->facts->roster->list[w->voice->list];
		if (w->list->role != ROLE_ADDRESS)
			w->domain = w->facts->domain_of[w->list->role];
	}
	if (w->domain != NULL && w->domain[0] == '\0')
		w->domain = NULL;
}

/* The name that is on the list: that of its registered domain, where it asks for that. */
static const char *
listed_name(const struct writer *w)
{
	bool part = w->list != NULL && w->list->registered;
	const char *name = part ? domain_registered(w->domain) : NULL;

	return name != NULL ? name : w->domain;
}

static void
begin_writing(struct writer *w, struct reply *reply, const struct reply_facts *facts)
{
	*w = (struct writer){.reply = reply, .facts = facts};
	choose_words(w);
	w->blank[BLANK_IP] = ipaddr_format(facts->client, w->ip);
	w->blank[BLANK_DOMAIN] = w->domain != NULL ? listed_name(w) : w->ip;
	w->blank[BLANK_REF] = facts->ref;
	w->blank[BLANK_LIST] = w->spf ? "spf" : "deny";
	w->blank[BLANK_NAME] = w->spf ? "SPF" : "this server";
	w->blank[BLANK_CATEGORY] = w->spf ? "spf" : category_name(CATEGORY_LOCAL);
	if (w->voice == NULL)
		return;
	w->blank[BLANK_LIST] = w->list->label;
	w->blank[BLANK_NAME] = list_name(w);
	w->blank[BLANK_CATEGORY] = category_name(w->voice->answer->category);
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
choose_enhanced(const struct writer *w)
{
	bool later = w->reply->code[0] == '4';

	switch (w->spf ? spf_words[w->facts->verdict->spf].detail : 1) {
	case 23:
		return later ? "4.7.23" : "5.7.23";
	case 24:
		return later ? "4.7.24" : "5.7.24";
	}
	return later ? "4.7.1" : "5.7.1";
}

bool
reply_needed(enum action action)
{
	return action == ACTION_DEFER || action == ACTION_REFUSE || action == ACTION_DROP;
}

void
reply_build(struct reply *reply, const struct reply_facts *facts)
{
	struct writer w;
	bool own;

	assert(reply_needed(facts->verdict->action));
	begin_writing(&w, reply, facts);
	reply->code = choose_code(facts);
	reply->enhanced = choose_enhanced(&w);
	reply->n = 0;
	own = write_own_text(&w);
	if (!own)
		write_reason(&w);
	if (!write_removal(&w))
		write_postmaster(&w);
	/* Who wrote an own text has said there what is to be done; in doubt, nothing is. */
	if (!own && !w.doubtful)
		write_advice(&w);
	write_last(&w);
}
