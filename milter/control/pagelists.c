/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/pagelists.c - a row for each list.  What is known of it now comes from the running
 * configuration; of a list that is in there no more, its name is all there is.
 */
#include "config.h"

#include "control/pagelists.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/logfield.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "control/facts.h"
#include "control/server.h"
#include "own/locallist.h"
#include "verdict/reason.h"
#include "verdict/reply.h"

/* A list without a doubt goes before all that are in doubt. */
#define SCORE_RANK 10000000

/* What was said of a list in a line. */
struct spoken {
	struct logitem item;
	struct fact fact; /* the codes */
	bool decided;
};

/* --- A row --- */

static const char *
scope_name(const struct listing *list)
{
	static const char *const names[] = {[SCOPE_ADDRESS] = "address",
	    [SCOPE_RANGE] = "range",
	    [SCOPE_PROVIDER] = "provider"};

	return names[list->scope];
}

/* What a list says now. */
static const char *
now_of(const struct explanation *e, unsigned list)
{
	const struct fact *fact = &e->decision.input.facts[list];
	uint32_t code;

	if (!facts_asked(fact) || fact->state == FACT_UNKNOWN || fact->state == FACT_ERROR)
		return "unknown";
	return listing_answer(e->conf->roster->list[list], fact, &code) != NULL ? "listed"
										: "clear";
}

/* The URL where one gets off a list that says that, or (NULL) the deny set. */
static void
add_removal(
    struct strbuf *url, const struct explanation *e, const struct hit *hit, const char *ref)
{
	struct reply_facts facts = decision_facts(&e->decision, &e->client, ref, e->to.domain);
	struct reason reason;

	reason_of_hit(&reason, &facts, hit);
	reason_add_url(&reason, url);
}

static json_t *
url_or_null(const struct strbuf *url)
{
	return url->len > 0 && !url->cut ? json_string(url->data) : json_null();
}

/* That of a list; of the own list, unless there is another place, the page itself. */
static json_t *
removal_of(
    const struct explanation *e, unsigned list, const struct answer *answer, const char *ref)
{
	const struct hit hit = {.list = list, .answer = answer};
	char url[REPLY_TEXT_MAX + 1], address[IPADDR_STRLEN];
	struct strbuf sb;

	strbuf_init(&sb, url, sizeof(url));
	add_removal(&sb, e, &hit, ref);
	if (sb.len == 0 && e->conf->roster->list[list]->own && e->conf->page.url != NULL)
		strbuf_addf(&sb, "%s/remove?a=%s", e->conf->page.url,
		    ipaddr_format(&e->client.address, address));
	return url_or_null(&sb);
}

json_t *
pagelists_deny_removal(const struct explanation *e, const char *ref)
{
	char url[REPLY_TEXT_MAX + 1];
	struct strbuf sb;

	strbuf_init(&sb, url, sizeof(url));
	add_removal(&sb, e, NULL, ref);
	return url_or_null(&sb);
}

/* Until when a list of own evidence holds it; null: nobody knows that of others. */
static json_t *
until_of(const struct explanation *e, unsigned list)
{
	struct locallist *local = e->client.services->local;
	char text[CLOCK_TEXT_SIZE];
	struct local_entry entry;
	uint32_t until = 0;

	if (!e->conf->roster->list[list]->own || local == NULL ||
	    !locallist_find(local, &e->client.address, (uint32_t)clock_wall(), &entry))
		return json_null();
	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++)
		if ((entry.reasons >> r & 1) != 0 && entry.until[r] > until)
			until = entry.until[r];
	return json_string(clock_text(until, text));
}

/* What is told of a list whatever it was asked for; by a fact, then or now. */
static json_t *
begin_row(const struct explanation *e, unsigned list, const struct fact *fact, const char *ref)
{
	const struct listing *l = e->conf->roster->list[list];
	uint32_t code;
	const struct answer *answer = listing_answer(l, fact, &code);

	return json_pack("{s:s, s:b, s:o, s:s?, s:s, s:o, s:o, s:s, s:o}", "name", l->label,
	    "own", l->own, "label", request_shown(reason_list_name(l, answer)), "category",
	    answer != NULL ? category_name(answer->category) : NULL, "scope", scope_name(l),
	    "codes", facts_codes(fact), "removal",
	    answer != NULL ? removal_of(e, list, answer, ref) : json_null(), "now",
	    now_of(e, list), "until", until_of(e, list));
}

static json_t *
weigh_row(json_t *row, int score, bool decided)
{
	(void)json_object_set_new(row, "score", json_integer(score));
	(void)json_object_set_new(row, "decided", json_boolean(decided));
	return row;
}

/* A row of a list that is not asked any more. */
static json_t *
gone_row(const struct spoken *s)
{
	json_t *label = json_stringn(s->item.label.at, s->item.label.len);

	return json_pack("{s:O, s:b, s:o, s:n, s:s, s:o, s:n, s:s, s:n}", "name", label, "own",
	    false, "label", label, "category", "scope", "address", "codes",
	    facts_codes(&s->fact), "removal", "now", "unknown", "until");
}

/* --- What a line says --- */

/* As facts have them: ascending, each once. */
static void
add_code(struct fact *fact, uint32_t code)
{
	unsigned at = 0;

	while (at < fact->ncodes && fact->code[at] < code)
		at++;
	if (fact->ncodes == FACT_CODES || (at < fact->ncodes && fact->code[at] == code))
		return;
	memmove(
	    &fact->code[at + 1], &fact->code[at], (fact->ncodes - at) * sizeof(fact->code[0]));
	fact->code[at] = code;
	fact->ncodes++;
}

static struct spoken
spoken_of(const struct logitem *item)
{
	struct spoken s = {.item = *item, .fact = {.state = FACT_LISTED}};
	struct slice codes = item->codes;
	uint32_t code;

	while (logitem_code(&codes, &code))
		add_code(&s.fact, code);
	return s;
}

static bool
same_item(const struct logitem *a, const struct logitem *b)
{
	return a->label.len == b->label.len && a->role.len == b->role.len &&
	    memcmp(a->label.at, b->label.at, a->label.len) == 0 &&
	    (a->role.len == 0 || memcmp(a->role.at, b->role.at, a->role.len) == 0);
}

/* Whether a list is among those of another key. */
static bool
is_among(const char *value, const struct logitem *item)
{
	struct slice rest = {value, strlen(value)};
	struct logitem other;

	while (logitem_next(&rest, &other))
		if (same_item(&other, item))
			return true;
	return false;
}

/* The lists of a line, at most max; the one that mattered is the one that spoke loudest against
 * the client, of those without a doubt if there are any. */
static unsigned
read_line(const char *line, struct spoken *out, unsigned max, char lists[LOG_LINE_MAX + 1])
{
	char doubted[LOG_LINE_MAX + 1];
	struct slice rest;
	struct logitem item;
	int loudest = -1, worth = 0;
	unsigned n = 0;

	(void)logfield_find(line, "lists", lists, LOG_LINE_MAX + 1);
	(void)logfield_find(line, "doubted", doubted, sizeof(doubted));
	rest = (struct slice){lists, strlen(lists)};
	for (; n < max && logitem_next(&rest, &item); n++) {
		int rank = item.score <= 0     ? 0
		    : is_among(doubted, &item) ? item.score
					       : item.score + SCORE_RANK;

		out[n] = spoken_of(&item);
		if (rank > worth) {
			worth = rank;
			loudest = (int)n;
		}
	}
	if (loudest >= 0)
		out[loudest].decided = true;
	return n;
}

/* The list of now that is meant; -1: there is none. */
static int
find_list(const struct explanation *e, const struct spoken *s)
{
	const struct roster *roster = e->conf->roster;

	for (unsigned i = 0; i < roster->n; i++)
		if (logitem_is(&s->item, roster->list[i]))
			return (int)i;
	return -1;
}

/* --- All rows --- */

static json_t *
row_then(const struct explanation *e, const struct spoken *s, const char *ref, listset *told)
{
	int list = find_list(e, s);

	if (list < 0)
		return weigh_row(gone_row(s), s->item.score, s->decided);
	*told |= (listset)1 << list;
	return weigh_row(
	    begin_row(e, (unsigned)list, &s->fact, ref), s->item.score, s->decided);
}

json_t *
pagelists_then(const struct explanation *e, const char *line, const char *ref)
{
	const struct verdict *v = &e->decision.verdict;
	char lists[LOG_LINE_MAX + 1];
	struct spoken spoken[LISTS_MAX];
	unsigned n = read_line(line, spoken, LISTS_MAX, lists);
	json_t *rows = json_array();
	listset told = 0;

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(rows, row_then(e, &spoken[i], ref, &told));
	for (unsigned i = 0; i < v->nhits; i++) {
		const struct hit *hit = &v->hit[i];

		if (!listset_has(told, hit->list) && hit->score > 0)
			json_array_append_new(rows,
			    weigh_row(begin_row(e, hit->list,
					  &e->decision.input.facts[hit->list], ref),
				hit->score, false));
	}
	return rows;
}

bool
pagelists_may_pass(const struct explanation *e, const char *line)
{
	char lists[LOG_LINE_MAX + 1];
	struct spoken spoken[LISTS_MAX];
	unsigned n = read_line(line, spoken, LISTS_MAX, lists);
	bool good = true;
	uint32_t code;

	for (unsigned i = 0; i < n && good; i++) {
		int list = find_list(e, &spoken[i]);
		const struct answer *answer = list >= 0
		    ? listing_answer(e->conf->roster->list[list], &spoken[i].fact, &code)
		    : NULL;

		good = answer == NULL || answer->score <= 0 ||
		    policy_passes(e->decision.input.policy, answer->category);
	}
	return good;
}

json_t *
pagelists_now(const struct explanation *e)
{
	const struct roster *roster = e->conf->roster;
	struct subject subject = subject_address(&e->client.address);
	json_t *rows = json_array();

	for (unsigned i = 0; i < roster->n; i++)
		if (roster->list[i]->role == ROLE_ADDRESS && !roster->list[i]->shadow &&
		    !roster->list[i]->own && listing_covers(roster->list[i], &subject))
			json_array_append_new(
			    rows, begin_row(e, i, &e->decision.input.facts[i], ""));
	return rows;
}
