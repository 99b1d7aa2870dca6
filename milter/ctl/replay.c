/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/replay.c - the line of a decision is turned back into what the verdict was reached on,
 * and the verdict is reached again.  A list that the policy of then names, and the line does
 * not, had nothing to say.
 */
#include "config.h"

#include "ctl/replay.h"

#include <string.h>

#include "base/domain.h"
#include "base/log.h"
#include "base/logfield.h"
#include "base/mailbox.h"
#include "base/nat64.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "conf/localword.h"
#include "verdict/policy.h"

#define VALUE_MAX (LOG_LINE_MAX + 1)

/* Who came, and for whom, as far as the line tells. */
struct envelope {
	bool has_recipient;
	struct mailbox to;
	char name[DOMAIN_NAME_SIZE];   /* of the client, by DNS; or empty */
	char sender[DOMAIN_NAME_SIZE]; /* the domain that SPF is asked about; or empty */
};

/* --- Who came --- */

/* An address in brackets, as an SMTP client has it. */
static bool
read_mailbox(const char *line, const char *key, struct mailbox *box)
{
	char value[VALUE_MAX], path[VALUE_MAX + 2];
	struct strbuf sb;

	*box = (struct mailbox){.local = ""};
	if (!logfield_find(line, key, value, sizeof(value)))
		return false;
	logfield_unescape(value);
	strbuf_init(&sb, path, sizeof(path));
	strbuf_addf(&sb, value[0] == '<' ? "%s" : "<%s>", value);
	(void)mailbox_parse(box, path);
	return true;
}

static void
read_domain(const char *line, const char *key, char out[DOMAIN_NAME_SIZE])
{
	char value[VALUE_MAX];

	(void)logfield_find(line, key, value, sizeof(value));
	logfield_unescape(value);
	if (!domain_normalise(value, out))
		out[0] = '\0';
}

/* For the null sender stands HELO (RFC 7208, 2.4). */
static void
read_envelope(const char *line, struct envelope *e)
{
	struct mailbox from;

	e->has_recipient = read_mailbox(line, "to", &e->to);
	read_domain(line, "name", e->name);
	if (read_mailbox(line, "from", &from) && from.local[0] == '\0' &&
	    from.domain[0] == '\0')
		read_domain(line, "helo", e->sender);
	else if (!domain_normalise(from.domain, e->sender))
		e->sender[0] = '\0';
}

/* --- What lists have said --- */

/* The place of the same list in another roster; -1: it is not there. */
static int
find_same(const struct roster *roster, const struct listing *list)
{
	for (unsigned i = 0; i < roster->n; i++)
		if (roster->list[i]->id == list->id && roster->list[i]->role == list->role)
			return (int)i;
	return -1;
}

static bool
knows_label(const struct roster *roster, const struct slice *label)
{
	for (unsigned i = 0; i < roster->n; i++)
		if (slice_is(label, roster->list[i]->label))
			return true;
	return false;
}

/* The list of now that the line means; -1: there is none.  One that has got another zone is
 * another list. */
static int
find_meant(const struct replay *r, const struct logitem *item)
{
	const struct roster *now = r->now->roster, *then = r->then->roster;

	for (unsigned i = 0; i < now->n; i++)
		if (logitem_is(item, now->list[i]))
			return find_same(then, now->list[i]) >= 0 ||
				!knows_label(then, &item->label)
			    ? (int)i
			    : -1;
	return -1;
}

/* The lists that a key names; facts: what they say there, or NULL. */
static listset
read_lists(
    const struct replay *r, const struct logentry *entry, enum logkey key, struct fact *facts)
{
	struct slice rest = entry->value[key];
	struct logitem item;
	listset lists = 0;

	while (logitem_next(&rest, &item)) {
		int list = find_meant(r, &item);
		uint32_t code;

		if (list < 0)
			continue;
		lists |= (listset)1 << list;
		while (facts != NULL && logitem_code(&item.codes, &code))
			fact_add_code(&facts[list], code);
		if (facts != NULL)
			facts[list].state = FACT_LISTED;
	}
	return lists;
}

/* The lists of now that a policy of then has asked. */
static listset
asked_then(const struct replay *r, const struct policy *policy)
{
	const struct roster *now = r->now->roster;
	listset lists = 0;

	for (unsigned i = 0; i < now->n; i++) {
		int same = find_same(r->then->roster, now->list[i]);

		if (same >= 0 && listset_has(policy->lists, (unsigned)same))
			lists |= (listset)1 << i;
	}
	return lists;
}

/* Whether lists were heard: some decisions need none. */
static bool
is_weighed(const struct logentry *entry)
{
	static const enum verdict_reason weighed[] = {REASON_LISTS, REASON_BUSY, REASON_SPF};

	for (size_t i = 0; i < sizeof(weighed) / sizeof(weighed[0]); i++)
		if (slice_is(&entry->value[LOGKEY_REASON], verdict_reason_name(weighed[i])))
			return true;
	return false;
}

/* Fill in what the lists have said; those that nobody has heard have said nothing, and are
 * what is pending. */
static void
hear_lists(const struct replay *r, const struct logentry *entry, const struct envelope *e,
    struct fact facts[LISTS_MAX], struct verdict_input *input)
{
	const struct policy *then = policies_find(r->then->policies, e->to.domain);
	const struct subject subject = subject_address(&entry->client);
	listset listed = read_lists(r, entry, LOGKEY_LISTS, facts) |
	    read_lists(r, entry, LOGKEY_SHADOWED, facts);
	listset missing = read_lists(r, entry, LOGKEY_UNKNOWN, NULL) |
	    read_lists(r, entry, LOGKEY_SHADOW_UNKNOWN, NULL);
	listset late = read_lists(r, entry, LOGKEY_NOT_AWAITED, NULL) |
	    read_lists(r, entry, LOGKEY_NOT_NEEDED, NULL);
	listset asked = is_weighed(entry) ? asked_then(r, then) : 0;

	input->suspended = read_lists(r, entry, LOGKEY_SUSPENDED, NULL);
	input->lapsed = read_lists(r, entry, LOGKEY_UNPROVEN, NULL);
	input->doubted = read_lists(r, entry, LOGKEY_DOUBTED, NULL) | input->lapsed;
	input->unasked = read_lists(r, entry, LOGKEY_UNASKED, NULL);
	for (unsigned i = 0; i < r->now->roster->n; i++) {
		const struct listing *list = r->now->roster->list[i];
		bool covered = list->role != ROLE_ADDRESS || listing_covers(list, &subject);

		if (listset_has(listed | missing | input->suspended, i))
			continue;
		facts[i].state = FACT_CLEAR;
		if (covered && (listset_has(late, i) || !listset_has(asked, i)))
			input->pending |= (listset)1 << i;
	}
	input->pending &= input->policy->lists;
}

/* --- The verdict --- */

static enum spf_result
read_spf(const struct logentry *entry)
{
	const struct slice *value = &entry->value[LOGKEY_SPF];

	for (enum spf_result spf = SPF_NONE; value->len > 0 && spf < SPF_RESULTS; spf++)
		if (slice_is(value, spf_result_name(spf)))
			return spf;
	return SPF_UNCHECKED;
}

static enum host
read_host(const struct logentry *entry)
{
	const struct slice *value = &entry->value[LOGKEY_IPREV];

	for (enum host host = HOST_CONFIRMED; value->len > 0 && host < HOSTS; host++)
		if (slice_is(value, host_name(host)))
			return host;
	return HOST_UNCHECKED;
}

static void
fill_input(const struct replay *r, const struct logentry *entry, const struct envelope *e,
    struct fact facts[LISTS_MAX], struct verdict_input *input)
{
	struct ipaddr client = entry->client;
	struct localword word;

	nat64_fold(r->now->nat64, r->now->nnat64, &client);
	word = localword_find(r->now, &client);
	*input = (struct verdict_input){
	    .roster = r->now->roster,
	    .facts = facts,
	    .policy = policies_find(r->now->policies, e->to.domain),
	    .allowed = word.allowed,
	    .denied = word.denied,
	    .host_trusted = localword_trusts_host(r->now, e->name[0] != '\0' ? e->name : NULL),
	    .sender_trusted =
		localword_trusts_sender(r->now, e->sender[0] != '\0' ? e->sender : NULL),
	    .host = read_host(entry),
	    .spf = e->has_recipient ? read_spf(entry) : SPF_NONE,
	};
	input->exempt = policy_exempts(input->policy, &e->to, NULL);
	hear_lists(r, entry, e, facts, input);
}

/* What would have to be found out first. */
static enum replay_gap
find_gap(const struct verdict_input *input)
{
	if (verdict_wants_host(input, input->pending))
		return REPLAY_HOST;
	if (verdict_wants_spf(input, input->pending))
		return REPLAY_SPF;
	return verdict_settled(input, input->pending) ? REPLAY_KNOWN : REPLAY_LISTS;
}

static bool
is_cut(const struct logentry *entry)
{
	static const char more[] = "...";

	for (enum logkey key = LOGKEY_LISTS; key <= LOGKEY_UNASKED; key++) {
		const struct slice *value = &entry->value[key];

		if (value->len >= strlen(more) &&
		    memcmp(value->at + value->len - strlen(more), more, strlen(more)) == 0)
			return true;
	}
	return entry->cut;
}

void
replay_decide(const struct replay *r, const struct store_row *row, const struct logentry *entry,
    struct replayed *out)
{
	struct fact facts[LISTS_MAX] = {{0}};
	struct verdict_input input;
	struct envelope envelope;

	read_envelope(row->line, &envelope);
	fill_input(r, entry, &envelope, facts, &input);
	*out = (struct replayed){
	    .then = entry->meant, .gap = find_gap(&input), .policy = input.policy};
	if (out->gap == REPLAY_LISTS)
		out->open = input.pending;
	verdict_reach(&out->verdict, &input);
	out->now = out->verdict.action;
	/* Who is not dropped at connect goes on to say who the recipients are. */
	if (!envelope.has_recipient && out->then == ACTION_DROP && out->gap == REPLAY_KNOWN &&
	    (out->now != ACTION_DROP || !input.policy->drop_at_connect))
		out->gap = REPLAY_CONNECT;
	if (slice_is(&entry->value[LOGKEY_APART], "yes"))
		out->gap = REPLAY_APART;
	if (is_cut(entry))
		out->gap = REPLAY_CUT;
}
