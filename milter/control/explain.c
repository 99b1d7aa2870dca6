/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/explain.c - a decision step by step: the client, the local sets, the policy, each
 * list, the rules, the other checks, the verdict, and the reply as the client would read it;
 * each with the line that it rests on.
 */
#include "config.h"

#include "control/explain.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/report.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "conf/keyword.h"
#include "conf/places.h"
#include "control/dataentry.h"
#include "control/facts.h"
#include "control/ownentry.h"
#include "control/status.h"
#include "control/written.h"
#include "health/health.h"
#include "session/explain.h"
#include "session/passes.h"
#include "verdict/result.h"

#define SUMMARY_MAX 1024

/* Whom the steps are told to, and where that is written which the verdict may rest on. */
struct telling {
	struct request *request;
	const struct explanation *e;
	struct suspensions *suspensions;
	int64_t deadline;            /* for what is read of files again, in clock_ms() */
	json_t *at[REASON_STOPPING]; /* by the reason; NULL: in no place */
};

/* Keep a place for the verdict; returns it for the step. */
static json_t *
keep(struct telling *t, enum verdict_reason reason, json_t *at)
{
	json_decref(t->at[reason]);
	t->at[reason] = json_incref(at);
	return at;
}

/* Lists that it rests on no word of, which may have changed it: the log's words. */
static void
add_missing(const struct explanation *e, const char *what, listset lists, struct strbuf *sb)
{
	if (lists != 0)
		strbuf_addf(sb, "; %s:", what);
	for (unsigned i = 0; i < e->conf->roster->n; i++)
		if (listset_has(lists, i))
			strbuf_addf(sb, " %s", e->conf->roster->list[i]->label);
}

/* What it comes to, before the steps that lead there: "refuse: lists: bl 5 + two 4 = 9, from 5
 * on; policy strict.example". */
static void
sum_up(const struct explanation *e, struct strbuf *sb)
{
	const struct verdict *v = &e->decision.verdict;

	strbuf_addf(sb, "%s: %s", action_name(v->action), verdict_reason_name(v->reason));
	for (unsigned i = 0; i < v->nhits; i++)
		strbuf_addf(sb, "%s%s %d", i == 0 ? ": " : " + ",
		    e->conf->roster->list[v->hit[i].list]->label, v->hit[i].score);
	if (v->spf_score != 0)
		strbuf_addf(sb, " + spf %d", v->spf_score);
	if (v->threshold != 0)
		strbuf_addf(sb, "%s %d, %s %d",
		    v->nhits > 0 || v->spf_score != 0 ? " =" : ": score", v->score,
		    v->nominal == ACTION_PASS ? "less than" : "from", v->threshold);
	if (v->threshold != 0 && v->nominal != ACTION_PASS)
		strbuf_add(sb, " on");
	strbuf_addf(sb, "; policy %s", e->decision.input.policy->name);
	if (v->meant != v->action)
		strbuf_addf(sb, " (in shadow mode: %s is meant)", action_name(v->meant));
	add_missing(e, "unknown", v->unknown, sb);
	add_missing(e, "suspended", v->suspended, sb);
}

static bool
say_summary(struct telling *t)
{
	char text[SUMMARY_MAX];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	sum_up(t->e, &sb);
	return request_reply(t->request,
	    json_pack("{s:s, s:o}", "step", "summary", "in_short", request_shown(text)));
}

static bool
say_configuration(struct telling *t)
{
	const struct conf *conf = t->e->conf;

	return request_reply(t->request,
	    json_pack("{s:s, s:o, s:s, s:b}", "step", "configuration", "file",
		request_shown(conf->path), "checksum", conf->sum, "changed_since",
		conf_is_changed(conf)));
}

static bool
say_client(struct telling *t)
{
	const struct client *c = &t->e->client;
	char address[IPADDR_STRLEN];

	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:b, s:o}", "step", "client",
		"address", ipaddr_format(&c->address, address), "name", request_shown(c->name),
		"helo", request_shown(c->helo), "from", request_shown(c->from), "passed",
		c->passed, "allowed", c->allowed, "denied", c->denied, "note",
		request_shown(c->local_reason)));
}

/* The network of a local set that holds the client; of two sets one counts. */
static bool
say_network(
    struct telling *t, const struct localset *local, enum verdict_reason reason, bool counts)
{
	struct network net = {.addr = t->e->client.address};
	char address[IPADDR_STRLEN], text[IPADDR_STRLEN + 5];
	enum localset_found found;
	struct prefix_match match;
	struct place place;
	json_t *at;

	if (!prefix_find(local->set, &net.addr, &match))
		return true;
	net.len = match.len;
	ipaddr_mask(&net.addr, net.len);
	snprintf(text, sizeof(text), "%s/%u", ipaddr_format(&net.addr, address), net.len);
	found = localset_locate(local, &net, &place);
	at = written_line(t->e->conf, place.file, place.line);
	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:s, s:b, s:o, s:o, s:b}", "step", "local", "set",
		verdict_reason_name(reason), "entry", text, "counts", counts, "note",
		request_shown(match.reason), "at", counts ? keep(t, reason, at) : at,
		"file_changed", found == LOCALSET_GONE));
}

/* The name of a local set that holds the client's or the sender's. */
static bool
say_name(struct telling *t, const struct domainset *set, enum verdict_reason reason,
    const char *name, bool counts)
{
	struct domainset_entry entry;

	if (name == NULL || !domainset_find(set, name, &entry))
		return true;
	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:s#, s:b, s:o}", "step", "local", "set",
		verdict_reason_name(reason), "entry", entry.name, (int)entry.len, "counts",
		counts, "at", keep(t, reason, written_line(t->e->conf, NULL, entry.line))));
}

static bool
say_local(struct telling *t)
{
	const struct client *c = &t->e->client;
	const struct conf *conf = t->e->conf;

	return say_network(t, &conf->allow, REASON_ALLOW, c->allowed && !c->passed) &&
	    say_network(t, &conf->deny, REASON_DENY, c->denied) &&
	    say_name(t, conf->allow_hosts, REASON_HOST, c->domain[ROLE_NAME],
		c->host == HOST_CONFIRMED) &&
	    say_name(t, conf->allow_senders, REASON_SENDER, client_spf_domain(c),
		c->spf == SPF_PASS);
}

/* By which entry the recipient has this policy: null, for want of any. */
static void
add_entry(struct telling *t, json_t *step)
{
	const struct explanation *e = t->e;
	const char *file = e->decision.input.policy->domains;
	struct domainset_entry entry;
	bool found = policies_entry(e->conf->policies, e->to.domain, &entry);

	json_object_set_new(
	    step, "entry", found ? json_stringn(entry.name, entry.len) : json_null());
	if (found)
		json_object_set_new(step, "entry_at", written_line(e->conf, file, entry.line));
}

/* By which entry of exempt the recipient is never refused. */
static void
add_exempt(struct telling *t, json_t *step)
{
	const struct explanation *e = t->e;
	const struct policy *p = e->decision.input.policy;
	const char *owner;
	unsigned entry;

	if (policy_exempts(p, &e->to, &entry))
		json_object_set_new(step, "exempt_at",
		    keep(t, REASON_EXEMPT, written_word(e->conf, p, "exempt", entry, &owner)));
}

static bool
say_policy(struct telling *t)
{
	const struct explanation *e = t->e;
	const struct policy *p = e->decision.input.policy;
	json_t *step = json_pack("{s:s, s:s, s:o, s:o, s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:o}",
	    "step", "policy", "name", p->name, "at", written_policy(e->conf, p), "domain",
	    request_shown(e->to.domain), "exempt", e->decision.input.exempt, "tag", p->tag,
	    "defer", p->defer, "quarantine", p->quarantine, "refuse", p->refuse, "drop",
	    p->drop, "agree", p->agree, "inherits", written_parents(e->conf, p));

	if (step != NULL) {
		add_entry(t, step);
		add_exempt(t, step);
	}
	return request_reply(t->request, step);
}

/* What a pass of the page's is good for still, where the client's network has one. */
static bool
say_pass(struct telling *t)
{
	const struct explanation *e = t->e;
	char until[CLOCK_TEXT_SIZE];
	struct pass pass;

	if (!passes_granted(e->client.services->passes, &e->client.address, &pass))
		return true;
	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:s, s:b, s:i, s:i}", "step", "pass", "domain", pass.domain,
		"until", clock_text(clock_wall_at(pass.until), until), "counts",
		e->decision.verdict.reason == REASON_PASS, "messages_left",
		PASS_MESSAGES - (int)pass.messages, "recipients_left",
		PASS_RECIPIENTS - (int)pass.recipients));
}

static const struct hit *
hit_of(const struct verdict *v, unsigned list)
{
	for (unsigned i = 0; i < v->nhits + v->nshadowed; i++)
		if (v->hit[i].list == list)
			return &v->hit[i];
	return NULL;
}

/* What a list says, and what that is worth: score and weight, and the lines of both. */
static void
add_worth(struct telling *t, json_t *step, unsigned vote, unsigned value)
{
	const struct decision *d = &t->e->decision;
	const struct policy *p = d->input.policy;
	const struct hit *hit = hit_of(&d->verdict, p->vote[vote].list);
	const struct listing *list = d->input.roster->list[p->vote[vote].list];
	const struct listing *first = d->input.roster->list[p->vote[p->vote[vote].group].list];
	const char *owner;

	json_object_set_new(step, "at", written_list(t->e->conf, &list->at));
	if (hit != NULL)
		json_object_set_new(
		    step, "score_at", written_list(t->e->conf, &hit->answer->score_at));
	json_object_set_new(step, "weight", json_integer(p->vote[vote].weight));
	json_object_set_new(
	    step, "weight_at", written_word(t->e->conf, p, "lists", value, &owner));
	json_object_set_new(step, "group", request_shown(first->label));
}

/* Whose word it is, where an administrator's is that a list counts for nothing. */
static void
add_suspension(const struct telling *t, json_t *step, const struct listing *list)
{
	struct suspension s;

	if (suspensions_find(t->suspensions, list->label, &s))
		(void)json_object_update_new(step, suspension_line(&s, true));
}

/* What a list of own evidence has seen: its rules, and until when it lasts. */
static void
add_evidence(const struct telling *t, json_t *step)
{
	const struct client *c = &t->e->client;
	struct local_entry e;

	if (c->services->local != NULL &&
	    locallist_find(c->services->local, &c->address, (uint32_t)clock_wall(), &e))
		(void)json_object_set_new(step, "evidence", ownentry_reasons(&e, false));
}

/* The lines of its files by which a list has the client or one of its names. */
static void
add_entries(const struct telling *t, json_t *step, const struct listing *l)
{
	const struct client *c = &t->e->client;
	struct subject subject = l->role == ROLE_ADDRESS
	    ? subject_address(&c->address)
	    : subject_name(l->role, c->domain[l->role]);

	(void)json_object_set_new(
	    step, "entries_at", dataentry_places(l, &subject, t->deadline));
}

/* A list, by its vote, and by which value of "lists" it has that. */
static bool
say_list(struct telling *t, unsigned vote, unsigned value)
{
	const struct decision *d = &t->e->decision;
	unsigned list = d->input.policy->vote[vote].list;
	const struct listing *l = d->input.roster->list[list];
	const struct fact *fact = &d->input.facts[list];
	const struct hit *hit = hit_of(&d->verdict, list);
	bool asked = facts_asked(fact), pending = listset_has(d->input.pending, list);
	json_t *step =
	    json_pack("{s:s, s:s, s:s, s:s, s:o, s:s?, s:I, s:i, s:b, s:b, s:b, s:b, s:b}",
		"step", "list", "label", l->label, "asks", role_name(l->role), "answer",
		listset_has(d->input.held, list) ? "not asked" : facts_answer(fact), "codes",
		facts_codes(fact), "source", facts_source(fact), "ttl_seconds", facts_ttl(fact),
		"score", hit != NULL ? hit->score : 0, "awaited", asked && !pending, "needed",
		!listset_has(d->input.held, list), "shadow", l->shadow, "doubted",
		listset_has(d->input.doubted, list), "suspended",
		listset_has(d->input.suspended, list));

	if (step != NULL) {
		add_worth(t, step, vote, value);
		add_suspension(t, step, l);
		if (l->own)
			add_evidence(t, step);
		if (fact->source == FACT_FROM_DATA && fact->state == FACT_LISTED)
			add_entries(t, step, l);
	}
	return request_reply(t->request, step);
}

/* A list of names has a vote for each that it is asked about, one after the other. */
static bool
say_lists(struct telling *t)
{
	const struct decision *d = &t->e->decision;
	const struct policy *p = d->input.policy;
	struct listing *const *list = d->input.roster->list;
	unsigned value = 0;
	bool good = true;

	for (unsigned i = 0; good && i < p->nvotes; i++) {
		value += i > 0 &&
		    strcmp(list[p->vote[i].list]->label, list[p->vote[i - 1].list]->label) != 0;
		good = say_list(t, i, value);
	}
	return good;
}

/* A word of the policy that counts, with its value (taken over). */
static bool
say_rule(struct telling *t, const char *word, json_t *value)
{
	const char *owner;
	json_t *at = written_word(t->e->conf, t->e->decision.input.policy, word, 0, &owner);

	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:o, s:o, s:o}", "step", "rule", "word", word, "value", value,
		"policy", request_shown(owner), "at", at));
}

/* The score from which something is done, where it is ever done, or was written. */
static bool
say_threshold(struct telling *t, enum action action)
{
	const struct policy *p = t->e->decision.input.policy, *owner;
	const char *word = action_name(action);
	int threshold = action_threshold(p, action);

	if (threshold == 0 && places_policy_line(p, word, 0, &owner) == 0)
		return true;
	return say_rule(t, word, json_integer(threshold));
}

/* Shadow mode of all, or of the policy. */
static bool
say_shadow(struct telling *t)
{
	const struct conf *conf = t->e->conf;

	if (!conf->shadow)
		return say_rule(t, "mode", json_string("shadow"));
	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:s, s:n, s:o}", "step", "rule", "word", "mode", "value",
		"shadow", "policy", "at",
		written_line(conf, NULL, places_line(conf->places.root, "root", "mode", 0))));
}

static bool
say_rules(struct telling *t)
{
	static const char *const doubts[] = {"defer", "pass", "refuse"};
	const struct policy *p = t->e->decision.input.policy;
	bool good = true;

	for (enum action action = ACTION_TAG; good && action < ACTIONS; action++)
		good = say_threshold(t, action);
	if (good && p->agree > 1)
		good = say_rule(t, "agree", json_integer(p->agree));
	if (good && p->needed)
		good = say_rule(t, "ask", json_string("needed"));
	if (good && t->e->decision.verdict.softened)
		good = say_rule(t, "doubt", json_string(doubts[p->doubt]));
	return good && (!p->shadow || say_shadow(t));
}

/* What SPF said, and what the policy does about it; no word is for a pass. */
static bool
say_spf(struct telling *t)
{
	static const char *const effects[] = {"ignore", "score", "defer", "refuse"};
	const struct decision *d = &t->e->decision;
	enum spf_result result = d->verdict.spf;
	const struct spf_rule *rule = &d->input.policy->spf[result];
	const char *owner = NULL;
	json_t *at = json_null();
	char word[32];

	if (result == SPF_UNCHECKED)
		return true;
	snprintf(word, sizeof(word), "spf_%s", spf_result_name(result));
	if (keyword_find("policy", word) != NULL)
		at = keep(
		    t, REASON_SPF, written_word(t->e->conf, d->input.policy, word, 0, &owner));
	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:o, s:s, s:i, s:o, s:o}", "step", "spf", "result",
		spf_result_name(result), "domain",
		request_shown(client_spf_domain(&t->e->client)), "effect",
		effects[rule->effect], "score", rule->score, "policy", request_shown(owner),
		"at", at));
}

/* The action whose threshold the sum was held against. */
static enum action
weighed_for(const struct decision *d)
{
	const struct policy *p = d->input.policy;
	enum action action = d->verdict.nominal;

	if (action_threshold(p, action) == d->verdict.threshold)
		return action;
	for (action = ACTION_DROP; action > ACTION_PASS; action--)
		if (action_threshold(p, action) == d->verdict.threshold)
			break;
	return action;
}

/* Where that is written on which the verdict rests; null: nowhere. */
static json_t *
decisive_line(struct telling *t)
{
	const struct decision *d = &t->e->decision;
	const char *owner;

	if (d->verdict.reason == REASON_LISTS && d->verdict.threshold > 0)
		return written_word(
		    t->e->conf, d->input.policy, action_name(weighed_for(d)), 0, &owner);
	if (t->at[d->verdict.reason] == NULL)
		return json_null();
	return json_incref(t->at[d->verdict.reason]);
}

static bool
say_verdict(struct telling *t)
{
	const struct verdict *v = &t->e->decision.verdict;

	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:i, s:i, s:i, s:s, s:s}", "step",
		"verdict", "action", action_name(v->action), "meant", action_name(v->meant),
		"reason", verdict_reason_name(v->reason), "at", decisive_line(t), "softened",
		v->softened, "score", v->score, "threshold", v->threshold, "spf_score",
		v->spf_score, "spf", spf_result_name(v->spf), "iprev", host_name(v->host)));
}

/* As the client reads it: libmilter halves what is doubled. */
static json_t *
as_read(const char *line)
{
	char text[REPLY_LINE_MAX];
	size_t n = 0;

	for (; *line != '\0'; line++) {
		text[n++] = *line;
		line += line[0] == '%' && line[1] == '%';
	}
	text[n] = '\0';
	return json_string(text);
}

/* The URL where one gets off what the client is on, or reads how, where there is one. */
static json_t *
removal_of(struct telling *t)
{
	const struct conf *conf = t->e->conf;
	const struct verdict *v = &t->e->decision.verdict;
	const struct listing *list =
	    v->loudest != NULL ? conf->roster->list[v->loudest->list] : NULL;

	if (conf->page.url != NULL)
		return written_line(
		    conf, NULL, places_line(conf->places.root, "root", "page", 0));
	if (v->reason == REASON_DENY && conf->deny_removal != NULL)
		return written_line(
		    conf, NULL, places_line(conf->places.deny, "deny", "removal", 0));
	if (v->reason == REASON_LISTS && list != NULL && list->removal != NULL)
		return written_list(conf, &list->removal_at);
	return NULL;
}

/* The own text, or the entry of deny, whose note stands in our sentence. */
static json_t *
text_of(struct telling *t)
{
	const struct explanation *e = t->e;

	if (e->decision.verdict.reason == REASON_DENY && e->client.local_reason != NULL)
		return json_incref(t->at[REASON_DENY]);
	return written_text(e->conf, &e->decision, e->reply.text);
}

/* The word of the policy that chooses the code; NULL: none does. */
static json_t *
code_of(struct telling *t)
{
	const struct explanation *e = t->e;
	enum action action = e->decision.verdict.action;
	const char *owner;

	if (action != ACTION_REFUSE && action != ACTION_DROP)
		return NULL;
	return written_word(e->conf, e->decision.input.policy,
	    action == ACTION_DROP ? "drop_code" : "refuse_code", 0, &owner);
}

static bool
say_reply(struct telling *t)
{
	const struct reply *reply = &t->e->reply;
	json_t *lines;

	if (reply->n == 0)
		return true;
	lines = json_array();
	for (unsigned i = 0; i < reply->n; i++)
		json_array_append_new(lines, as_read(reply->line[i]));
	return request_reply(t->request,
	    json_pack("{s:s, s:s, s:s, s:o*, s:o, s:o*, s:o}", "step", "reply", "code",
		reply->code, "enhanced", reply->enhanced, "code_at", code_of(t), "at",
		text_of(t), "removal_at", removal_of(t), "lines", lines));
}

void
explain_say(struct request *r, const struct explanation *e, struct health *health)
{
	struct telling t = {.request = r,
	    .e = e,
	    .suspensions = health_suspensions(health),
	    .deadline = clock_ms() + DATAENTRY_MS};

	(void)(say_summary(&t) && say_configuration(&t) && say_client(&t) && say_local(&t) &&
	    say_policy(&t) && say_pass(&t) && say_lists(&t) && say_rules(&t) && say_spf(&t) &&
	    say_verdict(&t) && say_reply(&t));
	for (size_t i = 0; i < sizeof(t.at) / sizeof(t.at[0]); i++)
		json_decref(t.at[i]);
}

int
explain_address(struct request *r, const json_t *args, const char *address,
    const struct verbs_context *context)
{
	bool bad = false;
	const struct explain_question question = {
	    .address = address,
	    .name = request_text(args, "name", &bad),
	    .helo = request_text(args, "helo", &bad),
	    .from = request_text(args, "from", &bad),
	    .to = request_text(args, "to", &bad),
	};
	struct explanation e;
	char why[128] = "a value is no text";

	if (bad || !explain_begin(&e, context->sessions, &question, why, sizeof(why))) {
		request_error(r, why);
		return EX_USAGE;
	}
	explain_say(r, &e, context->sessions->health);
	explain_end(&e);
	return EX_OK;
}
