/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/reason.c - why somebody is refused, in plain words.  Who the reader is nobody
 * knows: the words blame nobody who reads them.
 */
#include "config.h"

#include "verdict/reason.h"

#include <string.h>

#include "base/domain.h"

/* What is said of a sender policy, with the domain in the middle, and what ends it. */
#define SPF_POLICY "the policy (SPF) of "
#define SPF_ADVICE                                                                           \
	"The administrator of the sender domain must add the address to its SPF record, or " \
	"send through a server that is in it; who forwards mail must do so under a name of " \
	"their own."

static const struct {
	const char *before, *after, *advice;
	unsigned detail; /* of the enhanced code (RFC 7372) */
} spf_words[SPF_RESULTS] = {
    [SPF_NONE] = {"", " publishes no policy (SPF) of who may send its mail", SPF_ADVICE, 1},
    [SPF_NEUTRAL] = {SPF_POLICY, " takes no stand on this address", SPF_ADVICE, 1},
    [SPF_FAIL] = {SPF_POLICY, " does not let this address send its mail", SPF_ADVICE, 23},
    [SPF_SOFTFAIL] = {SPF_POLICY, " says this address should not send its mail", SPF_ADVICE,
	23},
    [SPF_TEMPERROR] = {SPF_POLICY, " could not be looked up in DNS",
	"The administrator of the sender domain must see to it that its SPF record can be "
	"looked up.",
	24},
    [SPF_PERMERROR] = {SPF_POLICY, " has a mistake in it, and cannot be followed",
	"The administrator of the sender domain must mend its SPF record in DNS.", 24},
};

#define NAMELESS_SENDER "the sender domain"

/* What a list speaks of: before the name, and without it. */
static const struct {
	const char *before, *nameless;
} role_words[ROLES] = {
    [ROLE_ADDRESS] = {NULL, "it"},
    [ROLE_HELO] = {"its HELO name ", "its HELO name"},
    [ROLE_NAME] = {"its name in DNS ", "its name in DNS"},
    [ROLE_SENDER] = {NAMELESS_SENDER " ", NAMELESS_SENDER},
};

static void
add_text(struct strbuf *line, const char *text)
{
	template_add_clean(line, text, strlen(text));
}

void
reason_add_words(struct strbuf *line, const char *text)
{
	static const char more[] = " ...";
	struct strbuf whole = *line, fits = *line;

	add_text(&whole, text);
	if (!whole.cut) {
		*line = whole;
		return;
	}
	if (line->size <= line->len + strlen(more)) {
		line->cut = true;
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
	/* A URL must not be followed by what is not its own. */
	strbuf_add(line, line->len > 0 && line->data[line->len - 1] != ' ' ? more : more + 1);
}

/* --- Who speaks --- */

/* Whether it is SPF that is to be spoken of, and not a list. */
static bool
spf_speaks(const struct verdict *verdict)
{
	const struct hit *loudest = verdict->loudest;

	if (verdict->reason == REASON_DENY || verdict->reason == REASON_BUSY ||
	    spf_words[verdict->spf].before == NULL)
		return false;
	return verdict->reason == REASON_SPF ||
	    verdict->spf_score > (loudest != NULL ? loudest->score : 0);
}

/* Speak of the names in DNS that there are. */
static void
drop_empty_domain(struct reason *r)
{
	if (r->domain != NULL && r->domain[0] == '\0')
		r->domain = NULL;
}

static void
take_hit(struct reason *r, const struct hit *hit)
{
	r->hit = hit;
	r->list = r->facts->roster->list[hit->list];
	if (r->list->role != ROLE_ADDRESS)
		r->domain = r->facts->domain_of[r->list->role];
}

static void
find_hit(struct reason *r)
{
	const struct verdict *verdict = r->facts->verdict;

	r->busy = verdict->reason == REASON_BUSY;
	r->doubtful = verdict->softened && !r->busy && verdict->action == ACTION_DEFER &&
	    (verdict->reason == REASON_LISTS ||
		r->facts->policy->spf[verdict->spf].effect == SPF_REFUSE);
	/* Where there is a doubt, it is a list that is being checked, if one has spoken. */
	r->spf = spf_speaks(verdict) && (!r->doubtful || verdict->loudest == NULL);
	if (r->spf) {
		r->domain = r->facts->spf_domain;
	} else if (verdict->reason != REASON_DENY && !r->busy && verdict->loudest != NULL) {
		take_hit(r, verdict->loudest);
	}
	drop_empty_domain(r);
}

/* The name that is on the list: that of its registered domain, where it asks for that. */
static const char *
listed_name(const struct reason *r)
{
	bool part = r->list != NULL && r->list->registered;
	const char *name = part ? domain_registered(r->domain) : NULL;

	return name != NULL ? name : r->domain;
}

const char *
reason_list_name(const struct listing *list, const struct answer *answer)
{
	if (answer != NULL && answer->name != NULL)
		return answer->name;
	return list->name != NULL ? list->name : list->label;
}

static void
fill_blanks(struct reason *r)
{
	r->blank[BLANK_IP] = ipaddr_format(r->facts->client, r->ip);
	r->blank[BLANK_DOMAIN] = r->domain != NULL ? listed_name(r) : r->ip;
	r->blank[BLANK_REF] = r->facts->ref;
	r->blank[BLANK_LIST] = r->spf ? "spf" : "deny";
	r->blank[BLANK_NAME] = r->spf ? "SPF" : "this server";
	r->blank[BLANK_CATEGORY] = r->spf ? "spf" : category_name(CATEGORY_LOCAL);
	if (r->hit == NULL)
		return;
	r->blank[BLANK_LIST] = r->list->label;
	r->blank[BLANK_NAME] = reason_list_name(r->list, r->hit->answer);
	r->blank[BLANK_CATEGORY] = category_name(r->hit->answer->category);
}

/*
 * The text that takes the place of our sentence, or NULL.  It says why somebody is
 * refused, which nobody is yet where there is a doubt.
 */
static const char *
own_text(const struct reason *r, enum reason_text *whose)
{
	const struct reply_facts *facts = r->facts;

	*whose = REASON_TEXT_POLICY;
	if (facts->verdict->reason == REASON_DENY || r->doubtful || r->busy)
		return NULL;
	if (facts->policy->text != NULL)
		return facts->policy->text;
	if (r->hit == NULL)
		return NULL;
	*whose = REASON_TEXT_ANSWER;
	if (r->hit->answer->text != NULL)
		return r->hit->answer->text;
	*whose = REASON_TEXT_LIST;
	if (r->list->text != NULL || facts->category_text == NULL)
		return r->list->text;
	*whose = REASON_TEXT_CATEGORY;
	return facts->category_text[r->hit->answer->category];
}

/* Take off the blanks at both ends. */
static void
trim(char *text)
{
	size_t len, blanks = strspn(text, " ");

	for (len = strlen(text + blanks); len > 0 && text[blanks + len - 1] == ' ';)
		len--;
	memmove(text, text + blanks, len);
	text[len] = '\0';
}

/* Fill in those lines of the own text that say something. */
static void
fill_own_text(struct reason *r)
{
	enum reason_text whose;
	const char *text = own_text(r, &whose);

	for (int i = 0; text != NULL && i < REASON_LINES; i++) {
		size_t len = i < REASON_LINES - 1 ? strcspn(text, "\n") : strlen(text);
		char *own = r->own[r->nown];
		struct strbuf line;

		strbuf_init(&line, own, REASON_TEXT_MAX);
		template_fill(&line, text, len, r->blank, false);
		trim(own);
		r->nown += own[0] != '\0';
		text = text[len] == '\n' ? text + len + 1 : NULL;
	}
	r->text = r->nown > 0 ? whose : REASON_TEXT_OURS;
}

void
reason_find(struct reason *r, const struct reply_facts *facts, bool later)
{
	*r = (struct reason){.facts = facts, .later = later};
	find_hit(r);
	fill_blanks(r);
	fill_own_text(r);
}

void
reason_of_hit(struct reason *r, const struct reply_facts *facts, const struct hit *hit)
{
	*r = (struct reason){.facts = facts};
	if (hit != NULL) {
		take_hit(r, hit);
		drop_empty_domain(r);
	}
	fill_blanks(r);
}

/* --- What they say --- */

/* Whether a hit speaks against the client, beyond doubt. */
static bool
accuses(const struct verdict *verdict, const struct hit *hit)
{
	return hit->score > 0 && !listset_has(verdict->doubted, hit->list);
}

/* How many other lists speak against the client, beyond doubt; one that is asked
 * about several names is one list. */
static unsigned
count_others(const struct reason *r)
{
	const struct verdict *verdict = r->facts->verdict;
	struct listing *const *list = r->facts->roster->list;
	unsigned n = 0;

	for (unsigned i = 0; i < verdict->nhits; i++) {
		const char *label = list[verdict->hit[i].list]->label;
		bool counted = &verdict->hit[i] == r->hit || strcmp(label, r->list->label) == 0;

		for (unsigned k = 0; k < i && !counted; k++)
			counted = accuses(verdict, &verdict->hit[k]) &&
			    strcmp(label, list[verdict->hit[k].list]->label) == 0;
		n += !counted && accuses(verdict, &verdict->hit[i]);
	}
	return n;
}

static void
begin_sentence(const struct reason *r, struct strbuf *line)
{
	strbuf_addf(
	    line, "Mail from [%s] is %s", r->ip, r->later ? "not accepted now" : "refused");
}

/* Say what the list speaks of: the address, or a name. */
static void
write_subject(const struct reason *r, enum detail detail, struct strbuf *line)
{
	enum role role = r->list->role;

	if (detail < DETAIL_DOMAIN || r->domain == NULL) {
		strbuf_add(line, role_words[role].nameless);
		return;
	}
	strbuf_add(line, role_words[role].before);
	add_text(line, r->domain);
}

/* Say what the loudest list says. */
static void
write_listed(const struct reason *r, enum detail detail, struct strbuf *line)
{
	unsigned others = count_others(r);

	write_subject(r, detail, line);
	strbuf_addc(line, ' ');
	strbuf_add(line, category_words(r->hit->answer->category));
	if (detail >= DETAIL_NAME) {
		strbuf_add(line, ", says ");
		add_text(line, reason_list_name(r->list, r->hit->answer));
	}
	if (detail == DETAIL_MOST && others > 0)
		strbuf_addf(line, " (and %u more list%s)", others, others > 1 ? "s" : "");
	strbuf_addc(line, '.');
}

/* Say what the policy of the sender domain says. */
static void
write_spf(const struct reason *r, enum detail detail, struct strbuf *line)
{
	enum spf_result result = r->facts->verdict->spf;
	bool told = detail >= DETAIL_DOMAIN && r->domain != NULL;

	strbuf_add(line, spf_words[result].before);
	add_text(line, told ? r->domain : NAMELESS_SENDER);
	strbuf_add(line, spf_words[result].after);
	strbuf_addc(line, '.');
}

static void
write_outside(enum detail detail, struct strbuf *line, const char *text)
{
	text += strspn(text, " ");
	if (detail == DETAIL_LEAST)
		reason_add_words(line, text);
	else
		add_text(line, text);
}

/* Say that our own rules refuse it, and why where that is known. */
static void
write_denied(const struct reason *r, enum detail detail, struct strbuf *line)
{
	const char *why = r->facts->local_reason != NULL ? r->facts->local_reason : "";

	strbuf_add(line, " by the rules of this server");
	if (why[strspn(why, " ")] == '\0') {
		strbuf_addc(line, '.');
		return;
	}
	strbuf_add(line, ": ");
	write_outside(detail, line, why);
}

void
reason_write(const struct reason *r, enum detail detail, struct strbuf *line)
{
	if (r->nown > 0) {
		write_outside(detail, line, r->own[0]);
		return;
	}
	begin_sentence(r, line);
	if (r->busy) {
		strbuf_add(line, ": too many new addresses of its network have come at once.");
		return;
	}
	if (!r->spf && r->hit == NULL) {
		write_denied(r, detail, line);
		return;
	}
	/* The list may be wrong. */
	strbuf_add(line, r->doubtful ? ", pending a check: " : ": ");
	if (r->spf)
		write_spf(r, detail, line);
	else
		write_listed(r, detail, line);
}

const char *
reason_advice(const struct reason *r)
{
	if (r->nown > 0)
		return r->nown > 1 ? r->own[1] : NULL;
	if (r->busy)
		return "Please try again in a few minutes.";
	if (r->doubtful)
		return "Nothing need be done: the sending server will try again by itself.";
	if (r->spf)
		return spf_words[r->facts->verdict->spf].advice;
	if (r->hit != NULL)
		return category_advice(r->hit->answer->category);
	return NULL;
}

unsigned
reason_code(const struct reason *r)
{
	return r->spf ? spf_words[r->facts->verdict->spf].detail : 1;
}

void
reason_add_url(const struct reason *r, struct strbuf *out)
{
	const char *url = r->list != NULL ? r->list->removal : r->facts->deny_removal;

	if (!r->spf && !r->busy && url != NULL)
		template_fill(out, url, strlen(url), r->blank, true);
}
