/* SPDX-License-Identifier: BSD-2-Clause */
/* session/decision.c - from a client and a recipient to a verdict, and its reply. */
#include "config.h"

#include "session/decision.h"

#include "conf/conf.h"
#include "session/passes.h"

void
decision_begin(struct decision *d, const struct client *client, const struct mailbox *to)
{
	const struct policy *policy = policies_find(client->conf->policies, to->domain);

	d->input = client_verdict_input(client, policy);
	d->input.exempt = policy_exempts(policy, to, NULL);
	d->input.granted = policy->pass &&
	    passes_admit(client->services->passes, &client->address, to, client->passing);
}

void
decision_reach(struct decision *d, struct client *client)
{
	client_investigate(client, &d->input);
	verdict_reach(&d->verdict, &d->input);
}

void
decision_spend(struct decision *d, struct client *client, const struct mailbox *to)
{
	if (d->verdict.reason != REASON_PASS)
		return;
	if (passes_spend(client->services->passes, &client->address, to, client->passing)) {
		client->passing = true;
		return;
	}
	d->input.granted = false;
	verdict_reach(&d->verdict, &d->input);
}

struct reply_facts
decision_facts(
    const struct decision *d, const struct client *c, const char *ref, const char *domain)
{
	return (struct reply_facts){
	    .client = &c->address,
	    .ref = ref,
	    .domain = domain,
	    .domain_of = {[ROLE_HELO] = c->domain[ROLE_HELO],
		[ROLE_NAME] = c->domain[ROLE_NAME],
		[ROLE_SENDER] = c->domain[ROLE_SENDER]},
	    .spf_domain = client_spf_domain(c),
	    .local_reason = c->local_reason,
	    .deny_removal = c->conf->deny_removal,
	    .category_text = (const char *const *)c->conf->category_text,
	    .roster = d->input.roster,
	    .policy = d->input.policy,
	    .verdict = &d->verdict,
	    .lines = c->conf->lines,
	};
}

void
decision_word(const struct decision *d, const struct client *c, const char *ref,
    const char *domain, struct reply *reply)
{
	struct reply_facts facts;
	char page[PAGE_LINK_SIZE];

	if (!reply_needed(d->verdict.action))
		return;
	facts = decision_facts(d, c, ref, domain);
	facts.page = page_link(&c->conf->page, ref, page);
	reply_build(reply, &facts);
}
