/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/page.c - a decision from the store, and the same question now; only what is named
 * here is told of them.
 */
#include "config.h"

#include "control/page.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/logfield.h"
#include "base/rate.h"
#include "base/reftag.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "control/operand.h"
#include "control/pagelists.h"
#include "control/pageown.h"
#include "control/status.h"
#include "session/explain.h"
#include "session/passes.h"
#include "session/passshare.h"
#include "store/store.h"
#include "verdict/action.h"
#include "verdict/logitem.h"

#define VALUE_MAX (LOG_LINE_MAX + 1)
#define WHY_MAX 192
#define POSTMASTER "postmaster"
#define CLAIM_MS 1000 /* for Redis to say whether another node has given a pass */

/* A line, and before it what is sealed in it. */
#define STORY_LINE_SIZE (LOG_LINE_MAX + 1 + 2 * (REFTAG_SEALED_MAX + LOG_VALUE_MAX))

/* A decision that was looked for. */
struct story {
	unsigned found;
	bool unreadable; /* it may be where nobody can look */
	char ref[REF_LEN + 1];
	int64_t time; /* of the first, as is its line */
	char line[STORY_LINE_SIZE];
};

/* What is made of a decision, and of the same question now. */
typedef json_t *teller(const struct story *, const struct explanation *);

static int
fail(struct request *r, int status, const char *why)
{
	request_error(r, why);
	return status;
}

/* --- A decision --- */

/* What a line has of a key; null: nothing. */
static json_t *
field(const char *line, const char *key)
{
	char value[VALUE_MAX];

	if (!logfield_find(line, key, value, sizeof(value)))
		return json_null();
	logfield_unescape(value);
	return request_shown(value);
}

static bool
field_is(const char *line, const char *key, const char *want)
{
	char value[VALUE_MAX];

	return logfield_find(line, key, value, sizeof(value)) && strcmp(value, want) == 0;
}

static json_t *
domain_or_null(const char *domain)
{
	return request_shown(domain != NULL && domain[0] != '\0' ? domain : NULL);
}

/* The score, and the threshold that it reached. */
static void
add_score(json_t *told, const char *line)
{
	char value[VALUE_MAX];
	const char *at = value;
	int score;

	if (!logfield_find(line, "score", value, sizeof(value)))
		return;
	score = logitem_number(&at);
	(void)json_object_set_new(told, "score", json_integer(score));
	if (*at++ == '/')
		(void)json_object_set_new(told, "refuse_at", json_integer(logitem_number(&at)));
}

/* What SPF said then, of the domain that it says it of now. */
static json_t *
spf_of(const struct explanation *e, const char *line)
{
	char result[VALUE_MAX];

	if (!logfield_find(line, "spf", result, sizeof(result)))
		return json_null();
	return json_pack("{s:o, s:o, s:b}", "result", request_shown(result), "domain",
	    domain_or_null(client_spf_domain(&e->client)), "decided",
	    field_is(line, "reason", "spf"));
}

/* Who hears everybody there; null: nobody that is known. */
static json_t *
contact_of(const struct explanation *e)
{
	struct mailbox box = e->to;

	(void)strbuf_copy(box.local, sizeof(box.local), POSTMASTER);
	if (box.domain[0] == '\0' || !policy_exempts(e->decision.input.policy, &box, NULL))
		return json_null();
	return json_sprintf(POSTMASTER "@%s", box.domain);
}

/* Whether the sending server tries again. */
static bool
retries(const struct explanation *e, const char *line)
{
	return field_is(line, "verdict", action_name(ACTION_DEFER)) ||
	    (field_is(line, "verdict", action_name(ACTION_DROP)) &&
		e->decision.input.policy->drop_code == 421);
}

/* Whether the same would be accepted now, but for a pass. */
static bool
is_accepted(const struct explanation *e)
{
	const struct verdict *now = &e->decision.verdict;

	return now->meant < ACTION_DEFER && now->reason != REASON_PASS;
}

/* --- A pass --- */

/* What the client's network was given, if it is good now for mail to that domain. */
static bool
find_good(const struct explanation *e, struct pass *pass)
{
	return passes_granted(e->client.services->passes, &e->client.address, pass) &&
	    pass->until > clock_ms() && pass->messages < PASS_MESSAGES &&
	    strcmp(pass->domain, e->to.domain) == 0;
}

/* Why there is no pass for a decision; NULL: one may be taken. */
static const char *
why_no_pass(const struct explanation *e, const char *line)
{
	const struct verdict *now = &e->decision.verdict;
	struct pass pass;

	if (e->client.denied || field_is(line, "reason", verdict_reason_name(REASON_DENY)))
		return "deny";
	if (!e->decision.input.policy->pass)
		return "policy";
	if (e->to.domain[0] == '\0')
		return "domain";
	if (passes_granted(e->client.services->passes, &e->client.address, &pass)) {
		if (pass.abuses >= PASS_ABUSES)
			return "abused";
		if (pass.again > clock_ms())
			return "used";
	}
	if (now->meant < ACTION_DEFER)
		return "accepted";
	return verdict_may_pass(now, &e->decision.input) && pagelists_may_pass(e, line)
	    ? NULL
	    : "category";
}

static json_t *
time_of(const struct pass *pass)
{
	char text[CLOCK_TEXT_SIZE];

	return json_string(clock_text(clock_wall_at(pass->until), text));
}

/* Whether a pass may be taken, or until when one is good. */
static json_t *
pass_of(const struct explanation *e, const char *line)
{
	const char *why = why_no_pass(e, line);
	struct pass pass;

	if (find_good(e, &pass))
		return json_pack("{s:b, s:o, s:n}", "offered", false, "granted_until",
		    time_of(&pass), "why_not");
	return json_pack(
	    "{s:b, s:n, s:s?}", "offered", why == NULL, "granted_until", "why_not", why);
}

static json_t *
granted(const struct pass *pass)
{
	return json_pack("{s:b, s:o}", "granted", true, "until", time_of(pass));
}

static json_t *
refuse_pass(const char *why)
{
	return json_pack("{s:b, s:s}", "granted", false, "why_not", why);
}

static void
log_pass(const struct pass *pass, const char *ref)
{
	char address[IPADDR_STRLEN], network[IPADDR_STRLEN + 4];
	struct logline line;

	snprintf(network, sizeof(network), "%s/%u", ipaddr_format(&pass->network.addr, address),
	    pass->network.len);
	logline_event(&line, "client-passed");
	logline_str(&line, "network", network);
	logline_str(&line, "by", pass->by);
	logline_num(&line, "seconds", PASS_MS / 1000);
	logline_str(&line, "domain", pass->domain);
	logline_str(&line, "ref", ref);
	logline_end(&line, LOG_LEVEL_INFO);
}

/* Give it, if no other node has; NULL, or why not. */
static const char *
give_pass(const struct explanation *e, struct pass *pass)
{
	const struct client_services *services = e->client.services;
	const struct network network = passes_network(&e->client.address);

	if (passshare_claim(services->pass_share, &network, clock_ms() + CLAIM_MS) ==
	    PASS_CLAIM_TAKEN)
		return "used";
	switch (passes_grant(services->passes, &e->client.address, e->to.domain, pass)) {
	case PASS_USED:
		return "used";
	case PASS_ABUSED:
		return "abused";
	case PASS_FULL:
		return "full";
	case PASS_GRANTED:
		break;
	}
	return NULL;
}

static json_t *
take_pass(const struct story *s, const struct explanation *e)
{
	const char *why = why_no_pass(e, s->line);
	struct pass pass;

	/* A browser that sends it twice gets the same answer. */
	if (find_good(e, &pass))
		return granted(&pass);
	if (why == NULL)
		why = give_pass(e, &pass);
	if (why != NULL)
		return refuse_pass(why);
	counter_add(COUNTER_PASSES_GRANTED);
	log_pass(&pass, s->ref);
	return granted(&pass);
}

/* Of two requests at one moment the second waits for what becomes of the first: that is claimed
 * before it is given, by the time that Redis takes. */
static json_t *
take_turn(const struct story *s, const struct explanation *e)
{
	static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
	json_t *taken;

	pthread_mutex_lock(&turn);
	taken = take_pass(s, e);
	pthread_mutex_unlock(&turn);
	return taken;
}

/* --- What is told --- */

static json_t *
tell(const struct story *s, const struct explanation *e)
{
	const char *line = s->line;
	const bool denied = field_is(line, "reason", verdict_reason_name(REASON_DENY));
	char time[CLOCK_TEXT_SIZE];
	json_t *told = json_pack(
	    "{s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:n, s:n, s:o, s:o, s:o, s:o, s:o, s:b, "
	    "s:b, s:o}",
	    "found", true, "ref", s->ref, "time", clock_text(s->time, time), "action",
	    field(line, "verdict"), "reason", field(line, "reason"), "client",
	    field(line, "client"), "to_domain", domain_or_null(e->to.domain), "from_domain",
	    domain_or_null(e->client.domain[ROLE_SENDER]), "policy", field(line, "policy"),
	    "score", "refuse_at", "lists", pagelists_then(e, line, s->ref), "spf",
	    spf_of(e, line), "note", denied ? field(line, "note") : json_null(), "removal",
	    denied ? pagelists_deny_removal(e, s->ref) : json_null(), "contact", contact_of(e),
	    "retries_by_itself", retries(e, line), "accepted", is_accepted(e), "pass",
	    pass_of(e, line));

	if (told != NULL)
		add_score(told, line);
	return told;
}

/* Decide again, and hear all lists; of who or what cannot be read any more, by the address
 * alone. */
static bool
ask_again(struct explanation *e, struct session_shared *sessions, const char *line)
{
	char why[WHY_MAX], client[VALUE_MAX] = "";
	const struct explain_question question = {.address = client};

	if (!explain_again(e, sessions, line, why, sizeof(why)) &&
	    !(logfield_find(line, "client", client, sizeof(client)) &&
		explain_begin(e, sessions, &question, why, sizeof(why))))
		return false;
	client_hear_out(&e->client);
	decision_reach(&e->decision, &e->client);
	return true;
}

/* Nobody was told of others under a URL. */
static bool
is_told(const char *line)
{
	return field_is(line, "verdict", action_name(ACTION_REFUSE)) ||
	    field_is(line, "verdict", action_name(ACTION_DEFER)) ||
	    field_is(line, "verdict", action_name(ACTION_DROP));
}

static void
take_row(void *arg, const struct store_row *row)
{
	struct story *s = arg;

	if (s->found++ > 0)
		return;
	s->time = row->time;
	(void)strbuf_copy(s->line, sizeof(s->line), row->line);
}

static void
note_unreadable(void *arg, const char *path, const char *error)
{
	(void)path;
	(void)error;
	((struct story *)arg)->unreadable = true;
}

/* Put the domain that a line hides where it is looked for first. */
static void
unseal(struct strbuf *sb, const struct story *s, const struct reftag_keys *keys,
    const char *key, const char *sealed_key)
{
	char sealed[VALUE_MAX], shown[VALUE_MAX], domain[REFTAG_SEALED_MAX + 1];

	if (logfield_find(s->line, sealed_key, sealed, sizeof(sealed)) &&
	    logfield_find(s->line, key, shown, sizeof(shown)) && strchr(shown, '@') == NULL &&
	    reftag_open(keys, s->ref, sealed, clock_wall(), domain))
		strbuf_addf(sb, "%s=%s@%s ", key, shown, domain);
}

/* Who was refused knows whom he wrote to: a domain that is a trap is told as any other. */
static void
tell_domains(struct story *s, const struct reftag_keys *keys)
{
	char line[STORY_LINE_SIZE];
	struct strbuf sb;

	strbuf_init(&sb, line, sizeof(line));
	unseal(&sb, s, keys, "to", "sealed-to");
	unseal(&sb, s, keys, "from", "sealed-from");
	strbuf_add(&sb, s->line);
	if (!sb.cut)
		memcpy(s->line, line, sizeof(line));
}

/* Look for a decision, if the tag is right; of two of one reference nobody can tell whose it
 * is. */
static bool
find(struct story *s, struct store *store, const char *text)
{
	const struct store_finder finder = {take_row, note_unreadable, s};
	struct conf *conf = conf_current();
	bool good = reftag_check(&conf->page.keys, text, clock_wall(), s->ref);

	if (good && store != NULL)
		(void)store_find(store, s->ref, &finder);
	if (s->found == 1)
		tell_domains(s, &conf->page.keys);
	conf_unref(&conf);
	return s->found == 1 && is_told(s->line);
}

/* Answer of a decision, or by what is said where there is none (taken over). */
static int
answer(struct request *r, const json_t *args, struct session_shared *sessions, teller *of,
    json_t *nothing)
{
	struct story s = {.found = 0};
	struct explanation e;
	bool bad = false;
	const char *text = request_text(args, "ref", &bad);
	json_t *told = NULL;

	if (text != NULL && find(&s, sessions->store, text) &&
	    ask_again(&e, sessions, s.line)) {
		told = of(&s, &e);
		explain_end(&e);
	}
	if (told == NULL)
		told = json_incref(nothing);
	json_decref(nothing);
	if (text != NULL && (s.found > 0 || !s.unreadable)) {
		request_reply(r, told);
		return EX_OK;
	}
	json_decref(told);
	return text == NULL ? fail(r, EX_USAGE, "ref: must be a text")
			    : fail(r, EX_IOERR, "the store cannot be read");
}

int
verb_page_decision(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;

	return answer(r, args, context->sessions, tell, json_pack("{s:b}", "found", false));
}

int
verb_page_pass(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;

	return answer(r, args, context->sessions, take_turn, refuse_pass("unknown"));
}

/* --- The rest --- */

int
verb_page_status(struct request *r, const json_t *args, void *arg)
{
	struct conf *conf = conf_current();

	(void)args;
	(void)arg;
	request_reply(r,
	    json_pack("{s:o, s:s, s:b}", "page", request_shown(conf->page.url), "version",
		PACKAGE_VERSION, "own_list", pageown_has_list(conf)));
	conf_unref(&conf);
	return EX_OK;
}

int
verb_page_address(struct request *r, const json_t *args, void *arg)
{
	static struct rate rate;
	const struct verbs_context *context = arg;
	bool bad = false;
	const struct explain_question question = {
	    .address = request_text(args, "address", &bad)};
	char address[IPADDR_STRLEN], why[WHY_MAX] = "address: must be a text";
	struct ipaddr ignored;
	struct explanation e;

	if (bad || question.address == NULL)
		return fail(r, EX_USAGE, why);
	if (!ipaddr_parse(&ignored, question.address))
		return fail(r, EX_USAGE, "address: must be an IPv4 or IPv6 address");
	if (!rate_take(&rate, PAGE_ADDRESSES, PAGE_ADDRESSES_BURST))
		return fail(r, EX_TEMPFAIL, "too many addresses are asked about: come again");
	if (!explain_begin(&e, context->sessions, &question, why, sizeof(why)))
		return fail(r, EX_UNAVAILABLE, why);
	client_hear_out(&e.client);
	request_reply(r,
	    json_pack("{s:s, s:o, s:o}", "address", ipaddr_format(&e.client.address, address),
		"lists", pagelists_now(&e), "local",
		pageown_entry(context, &e.client.address)));
	explain_end(&e);
	return EX_OK;
}
