/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * client.c - what is known of a client, and how more is found out.  Connect,
 * HELO and MAIL ask and do not wait; only an investigation does.
 */
#include "config.h"

#include "client.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "counter.h"
#include "domain.h"
#include "dossier.h"
#include "hostcheck.h"
#include "mailbox.h"
#include "promise.h"
#include "spf.h"
#include "strbuf.h"

#define WORD_MAX 320 /* bytes kept of a name, a HELO, a sender */
#define ALL_ROLES ((1U << ROLES) - 1)

/* Keep a word of the client's, as far as it is ever shown. */
static void
keep(char **where, const char *word)
{
	free(*where);
	*where = word != NULL ? strndup(word, WORD_MAX) : NULL;
}

/* Keep the domain in a word, if there is one. */
static void
keep_domain(struct client *c, enum role role, const char *word)
{
	char name[DOMAIN_NAME_SIZE];
	bool is_name = word != NULL && domain_normalise(word, name);

	free(c->domain[role]);
	c->domain[role] = is_name ? strdup(name) : NULL;
}

/* Whether anything that lists say can matter. */
static bool
is_of_interest(const struct client *c)
{
	return !c->allowed && !c->denied && !c->authenticated;
}

static void
ask_about(struct client *c, enum role role)
{
	struct subject subject = subject_name(role, is_of_interest(c) ? c->domain[role] : NULL);

	dossier_open(c->dossier, &subject);
}

/* When who is asked now has had its time. */
static int64_t
time_is_up(const struct conf *conf)
{
	return clock_ms() + conf->deadline_ms;
}

/* The more specific network wins; of two of the same size, the one that allows. */
static void
look_local(struct client *c)
{
	struct prefix_match allow, deny;
	bool allowed = prefix_find(c->conf->allow, &c->address, &allow);
	bool denied = prefix_find(c->conf->deny, &c->address, &deny);

	c->allowed = allowed && (!denied || allow.len >= deny.len);
	c->denied = denied && !c->allowed;
	if (c->allowed || c->denied)
		c->local_reason = c->allowed ? allow.reason : deny.reason;
}

bool
client_init(struct client *c, const struct oracle *oracle, const struct conf *conf,
    const struct ipaddr *address, const char *name)
{
	*c = (struct client){.oracle = oracle, .conf = conf, .address = *address};
	c->dossier = dossier_new(conf->roster, oracle->memory, oracle->inquiries);
	if (c->dossier == NULL)
		return false;
	c->deadline = c->helo_deadline = c->sender_deadline = time_is_up(conf);
	keep(&c->name, name);
	keep_domain(c, ROLE_NAME, name);
	look_local(c);
	return true;
}

void
client_clear(struct client *c)
{
	dossier_free(c->dossier);
	free(c->name);
	free(c->helo);
	free(c->from);
	for (unsigned role = 0; role < ROLES; role++)
		free(c->domain[role]);
}

void
client_look_up(struct client *c)
{
	struct subject subject = subject_address(&c->address);

	if (!is_of_interest(c))
		return;
	dossier_open(c->dossier, &subject);
	ask_about(c, ROLE_NAME);
}

void
client_helo(struct client *c, const char *helo)
{
	/* Again after STARTTLS, as a rule with the same name. */
	if (c->helo != NULL && strncmp(c->helo, helo, WORD_MAX) == 0)
		return;
	keep(&c->helo, helo);
	c->helo_deadline = time_is_up(c->conf);
	keep_domain(c, ROLE_HELO, helo);
	ask_about(c, ROLE_HELO);
}

void
client_mail(struct client *c, const char *from, bool authenticated)
{
	struct mailbox sender = {.domain = ""};

	keep(&c->from, from);
	if (from != NULL)
		c->authenticated = authenticated;
	c->spf = SPF_UNCHECKED;
	c->sender_deadline = time_is_up(c->conf);
	if (from != NULL)
		mailbox_parse(&sender, from);
	keep_domain(c, ROLE_SENDER, sender.domain);
	ask_about(c, ROLE_SENDER);
}

const char *
client_spf_domain(const struct client *c)
{
	return c->domain[c->domain[ROLE_SENDER] != NULL ? ROLE_SENDER : ROLE_HELO];
}

static bool
is_trusted(const struct domainset *trusted, const char *name)
{
	return name != NULL && domainset_find(trusted, name, NULL);
}

struct matter
client_matter(const struct client *c, const struct policy *policy)
{
	return (struct matter){
	    .roster = c->conf->roster,
	    .facts = dossier_facts(c->dossier),
	    .policy = policy,
	    .authenticated = c->authenticated,
	    .allowed = c->allowed,
	    .denied = c->denied,
	    .host_trusted = is_trusted(c->conf->allow_hosts, c->domain[ROLE_NAME]),
	    .sender_trusted = is_trusted(c->conf->allow_senders, client_spf_domain(c)),
	    .host = c->host,
	    .spf = c->spf,
	};
}

static bool
enough(const void *arg, const struct fact *facts, listset pending)
{
	struct matter matter = *(const struct matter *)arg;

	matter.facts = facts;
	return verdict_settled(&matter, pending & matter.policy->lists);
}

/*
 * Wait for the lists that can still change the verdict, until their deadlines.
 * Returns those that may yet be heard.
 */
static listset
hear_lists(struct client *c, const struct matter *matter)
{
	/* Who was asked first has had its time first. */
	const struct {
		unsigned roles;
		int64_t deadline;
	} steps[] = {
	    {ALL_ROLES, c->deadline},
	    {1U << ROLE_HELO | 1U << ROLE_SENDER, c->helo_deadline},
	    {1U << ROLE_SENDER, c->sender_deadline},
	};
	listset pending;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		pending = dossier_wait(
		    c->dossier, steps[i].roles, enough, matter, steps[i].deadline);
		if (i == 0 && pending == 0)
			return 0;
		if (pending != 0 && clock_ms() < steps[i].deadline)
			return pending;
	}
	counter_add(COUNTER_DEADLINES);
	return 0;
}

static enum host
ask_host(const struct client *c, int64_t deadline)
{
	const struct oracle *o = c->oracle;
	struct promise *promise = hostcheck_start(
	    o->loop, o->upstream, o->promises, &c->address, c->domain[ROLE_NAME]);
	int host = promise_wait(promise, deadline, HOST_UNKNOWN);

	promise_release(&promise);
	return (enum host)host;
}

static enum spf_result
ask_spf(const struct client *c, int64_t deadline)
{
	char sender[MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2] = "";
	struct promise *promise;
	struct mailbox from;
	struct strbuf sb;
	int result;

	mailbox_parse(&from, c->from != NULL ? c->from : "<>");
	strbuf_init(&sb, sender, sizeof(sender));
	if (from.domain[0] != '\0')
		strbuf_addf(&sb, "%s@%s", from.local, from.domain);
	promise = spf_check(c->oracle->spf, &c->address, c->helo != NULL ? c->helo : "", sender,
	    c->conf->authserv_id != NULL ? c->conf->authserv_id : "", deadline);
	result = promise_wait(promise, deadline, SPF_TEMPERROR);
	promise_release(&promise);
	return (enum spf_result)result;
}

void
client_investigate(struct client *c, struct matter *matter)
{
	int64_t deadline = time_is_up(c->conf);

	for (;;) {
		listset pending;

		dossier_weigh(c->dossier, &matter->doubted, &matter->suspended);
		pending = hear_lists(c, matter);
		/* A list may have been caught meanwhile. */
		dossier_weigh(c->dossier, &matter->doubted, &matter->suspended);
		if (verdict_wants_host(matter, pending))
			matter->host = c->host = ask_host(c, deadline);
		else if (verdict_wants_spf(matter, pending))
			matter->spf = c->spf = ask_spf(c, deadline);
		else
			return;
	}
}

static bool
no_matter_what(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	(void)facts;
	(void)pending;
	return true;
}

void
client_catch_up(struct client *c)
{
	dossier_wait(c->dossier, ALL_ROLES, no_matter_what, NULL, 0);
}
