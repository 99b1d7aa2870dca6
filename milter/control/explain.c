/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/explain.c - a decision step by step: the client, the policy, each list, the other
 * checks, the verdict, and the reply as the client would read it.
 */
#include "config.h"

#include "control/explain.h"

#include <string.h>
#include <sysexits.h>

#include "control/facts.h"
#include "control/status.h"
#include "health/health.h"
#include "session/explain.h"
#include "verdict/result.h"

static bool
say_client(struct request *r, const struct explanation *e)
{
	const struct client *c = &e->client;
	char address[IPADDR_STRLEN];

	return request_reply(r,
	    json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:b, s:b, s:o}", "step", "client",
		"address", ipaddr_format(&c->address, address), "name", request_shown(c->name),
		"helo", request_shown(c->helo), "from", request_shown(c->from), "passed",
		c->passed, "allowed", c->allowed, "denied", c->denied, "note",
		request_shown(c->local_reason)));
}

static bool
say_policy(struct request *r, const struct explanation *e)
{
	const struct policy *p = e->decision.input.policy;

	return request_reply(r,
	    json_pack("{s:s, s:s, s:o, s:b, s:i, s:i, s:i, s:i, s:i, s:i}", "step", "policy",
		"name", p->name, "domain", request_shown(e->to.domain), "exempt",
		e->decision.input.exempt, "tag", p->tag, "defer", p->defer, "quarantine",
		p->quarantine, "refuse", p->refuse, "drop", p->drop, "agree", p->agree));
}

static int
score_of(const struct verdict *v, unsigned list)
{
	for (unsigned i = 0; i < v->nhits + v->nshadowed; i++)
		if (v->hit[i].list == list)
			return v->hit[i].score;
	return 0;
}

/* Whose word it is, where an administrator's is that a list counts for nothing. */
static json_t *
add_suspension(json_t *line, const struct listing *list, struct suspensions *all)
{
	struct suspension s;

	if (line != NULL && suspensions_find(all, list->label, &s))
		(void)json_object_update_new(line, suspension_line(&s, true));
	return line;
}

static bool
say_list(
    struct request *r, const struct decision *d, unsigned list, struct suspensions *suspensions)
{
	const struct listing *l = d->input.roster->list[list];
	const struct fact *fact = &d->input.facts[list];

	return request_reply(r,
	    add_suspension(json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:I, s:i, s:b, s:b, s:b}",
			       "step", "list", "label", l->label, "asks", role_name(l->role),
			       "answer", fact_state_name((enum fact_state)fact->state), "codes",
			       facts_codes(fact), "source", facts_source(fact), "ttl_seconds",
			       facts_ttl(fact), "score", score_of(&d->verdict, list), "shadow",
			       l->shadow, "doubted", listset_has(d->input.doubted, list),
			       "suspended", listset_has(d->input.suspended, list)),
		l, suspensions));
}

static bool
say_lists(struct request *r, const struct decision *d, struct suspensions *suspensions)
{
	bool good = true;

	for (unsigned i = 0; good && i < d->input.policy->nvotes; i++)
		good = say_list(r, d, d->input.policy->vote[i].list, suspensions);
	return good;
}

static bool
say_verdict(struct request *r, const struct decision *d)
{
	const struct verdict *v = &d->verdict;

	return request_reply(r,
	    json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:i, s:i, s:s, s:s}", "step", "verdict",
		"action", action_name(v->action), "meant", action_name(v->meant), "reason",
		ground_name(v->ground), "softened", v->softened, "score", v->score, "threshold",
		v->threshold, "spf_score", v->spf_score, "spf",
		v->spf != SPF_UNCHECKED ? spf_result_name(v->spf) : "unchecked", "iprev",
		v->host != HOST_UNCHECKED ? host_name(v->host) : "unchecked"));
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

static bool
say_reply(struct request *r, const struct reply *reply)
{
	json_t *lines;

	if (reply->n == 0)
		return true;
	lines = json_array();
	for (unsigned i = 0; i < reply->n; i++)
		json_array_append_new(lines, as_read(reply->line[i]));
	return request_reply(r,
	    json_pack("{s:s, s:s, s:s, s:o}", "step", "reply", "code", reply->code, "enhanced",
		reply->enhanced, "lines", lines));
}

void
explain_say(struct request *r, const struct explanation *e, struct health *health)
{
	struct suspensions *suspensions = health_suspensions(health);

	(void)(say_client(r, e) && say_policy(r, e) &&
	    say_lists(r, &e->decision, suspensions) && say_verdict(r, &e->decision) &&
	    say_reply(r, &e->reply));
}

int
explain_address(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	bool bad = false;
	const struct explain_question question = {
	    .address = request_text(args, "address", &bad),
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
