/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/client.c - what is known of a client, and how more is found out.  Connect,
 * HELO and MAIL ask and do not wait; only an investigation does.
 */
#include "config.h"

#include "session/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/domain.h"
#include "base/idn.h"
#include "base/mailbox.h"
#include "base/nat64.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "conf/localword.h"
#include "lookup/deferral.h"
#include "lookup/hostcheck.h"
#include "loop/promise.h"
#include "session/lookups.h"
#include "session/passes.h"
#include "spf/spf.h"
#include "verdict/asking.h"

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
	c->unreadable &= ~(1U << role);
	if (word != NULL && !is_name && idn_is_wanted(word, strlen(word)))
		c->unreadable |= 1U << role;
}

/* Whether anything that lists say can matter. */
static bool
is_looked_up(const struct client *c)
{
	return !c->allowed && !c->denied && !c->authenticated;
}

static bool
is_unreadable(const struct client *c, enum role role)
{
	return (c->unreadable >> role & 1) != 0;
}

/* Ask those lists that are asked about such names, if there are any. */
static void
ask_about(struct client *c, enum role role)
{
	struct subject subject;

	if (roster_of(c->conf->roster, role) == 0)
		return;
	subject = subject_name(role, is_looked_up(c) ? c->domain[role] : NULL);
	c->unasked &= ~(1U << role);
	client_lookups_open(c->lookups, &subject);
	if (is_unreadable(c, role) && is_looked_up(c))
		client_lookups_miss(c->lookups, role);
}

/* When who is asked now has had its time. */
static int64_t
time_is_up(const struct conf *conf)
{
	return clock_ms() + conf->deadline_ms;
}

static bool
always(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	(void)facts;
	(void)pending;
	return true;
}

/* What the lists that are asked have not said of some roles by now. */
static listset
still_open(struct client *c, unsigned roles)
{
	const struct awaited now = {.enough = always, .next = client_lookups_all};

	return client_lookups_wait(c->lookups, roles, &now) & ~client_lookups_held(c->lookups);
}

/*
 * Ask about the name in a role now, if the last one is answered for: else a client
 * with a new name each moment would have all there is to ask with.
 */
static void
ask_about_next(struct client *c, enum role role)
{
	if (still_open(c, 1U << role) != 0)
		c->unasked |= 1U << role;
	else
		ask_about(c, role);
}

/* Ask about the names that it was too early for. */
static void
ask_about_rest(struct client *c)
{
	for (unsigned role = 0; role < ROLES; role++)
		if (c->unasked >> role & 1) {
			ask_about(c, (enum role)role);
			c->helo_deadline = c->sender_deadline = time_is_up(c->conf);
		}
}

/* What stands in the log beside a client that an administrator lets through. */
static char *
word_pass(const struct pass *pass)
{
	char text[PASS_WHY_SIZE + 64], until[CLOCK_TEXT_SIZE];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	strbuf_addf(&sb, "passed by an administrator until %s%s%s",
	    clock_text(clock_wall_at(pass->until), until), pass->why[0] != '\0' ? ": " : "",
	    pass->why);
	return strdup(text);
}

/* The word of an administrator goes before what is configured. */
static bool
look_passed(struct client *c)
{
	struct pass pass;

	c->passed = passes_find(c->services->passes, &c->address, &pass);
	if (!c->passed)
		return false;
	c->allowed = true;
	c->local_reason = c->pass_reason = word_pass(&pass);
	return true;
}

static void
look_local(struct client *c)
{
	struct localword word = localword_find(c->conf, &c->address);

	c->allowed = word.allowed;
	c->denied = word.denied;
	c->local_reason = word.reason;
}

bool
client_init(struct client *c, const struct client_services *services, const struct conf *conf,
    const struct ipaddr *address, const char *name, bool quiet)
{
	*c = (struct client){
	    .services = services, .conf = conf, .address = *address, .quiet = quiet};
	nat64_fold(conf->nat64, conf->nnat64, &c->address);
	c->lookups = client_lookups_new(
	    &(struct client_lookups_rules){.roster = conf->roster,
		.asking = &conf->asking,
		.own = {services->local, &conf->own},
		.datahealth = services->datahealth,
		.deadline_ms = conf->deadline_ms,
		.per_minute = c->address.bits == 32 ? conf->max_network4 : conf->max_network6,
		.quiet = quiet},
	    services->memory, services->lookups, &c->address);
	if (c->lookups == NULL)
		return false;
	c->deadline = c->helo_deadline = c->sender_deadline = time_is_up(conf);
	/* MTAs put an address in brackets where they know no name. */
	if (name != NULL && name[0] == '[')
		name = NULL;
	keep(&c->name, name);
	keep_domain(c, ROLE_NAME, name);
	if (!look_passed(c))
		look_local(c);
	return true;
}

void
client_clear(struct client *c)
{
	client_lookups_free(c->lookups);
	free(c->name);
	free(c->helo);
	free(c->from);
	free(c->orig_from);
	free(c->user);
	free(c->pass_reason);
	free(c->spf_sender);
	for (unsigned role = 0; role < ROLES; role++)
		free(c->domain[role]);
}

void
client_look_up(struct client *c)
{
	struct subject subject = subject_address(&c->address);

	if (!is_looked_up(c))
		return;
	client_lookups_open(c->lookups, &subject);
	ask_about(c, ROLE_NAME);
}

void
client_helo(struct client *c, const char *helo)
{
	/* Again after STARTTLS, as a rule with the same name. */
	if (c->helo != NULL && strncmp(c->helo, helo, WORD_MAX) == 0)
		return;
	keep(&c->helo, helo);
	/* Who has logged in says so at each MAIL. */
	c->authenticated = false;
	c->helo_deadline = time_is_up(c->conf);
	keep_domain(c, ROLE_HELO, helo);
	ask_about_next(c, ROLE_HELO);
}

static bool
is_null_path(const struct mailbox *box)
{
	return box->local[0] == '\0' && box->domain[0] == '\0';
}

/* Keep the sender that SPF is to check, if there is one: the very one whose domain
 * may be trusted. */
static void
keep_spf_sender(struct client *c, const struct mailbox *sender)
{
	char text[MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2];
	struct strbuf sb;

	free(c->spf_sender);
	c->spf_sender = NULL;
	if (sender == NULL || (c->domain[ROLE_SENDER] == NULL && !is_null_path(sender)))
		return;
	strbuf_init(&sb, text, sizeof(text));
	if (!is_null_path(sender)) {
		strbuf_add(&sb, sender->local);
		strbuf_addc(&sb, '@');
		strbuf_add(&sb, sender->domain);
	}
	c->spf_sender = strdup(text);
}

bool
client_mail(struct client *c, const struct envelope_path *from, const char *user)
{
	struct mailbox sender = {.domain = ""};
	const char *text = NULL, *typed = from != NULL ? from->typed : NULL;
	bool readable = from != NULL && envelope_read(&sender, c->conf->mta, from, &text);

	keep(&c->from, text);
	keep(&c->orig_from, text != typed ? typed : NULL);
	if (from != NULL) {
		c->authenticated = user != NULL;
		keep(&c->user, user != NULL && user[0] != '\0' ? user : NULL);
	}
	c->spf = SPF_UNCHECKED;
	c->passing = false;
	c->sender_deadline = time_is_up(c->conf);
	keep_domain(c, ROLE_SENDER, sender.domain);
	if (from != NULL && !readable)
		c->unreadable |= 1U << ROLE_SENDER;
	keep_spf_sender(c, readable ? &sender : NULL);
	ask_about_next(c, ROLE_SENDER);
	return from == NULL || readable;
}

const char *
client_spf_domain(const struct client *c)
{
	if (c->spf_sender == NULL)
		return NULL;
	return c->domain[c->spf_sender[0] != '\0' ? ROLE_SENDER : ROLE_HELO];
}

struct verdict_input
client_verdict_input(const struct client *c, const struct policy *policy)
{
	return (struct verdict_input){
	    .roster = c->conf->roster,
	    .facts = client_lookups_facts(c->lookups),
	    .policy = policy,
	    .authenticated = c->authenticated,
	    .passed = c->passed,
	    .allowed = c->allowed,
	    .denied = c->denied,
	    .host_trusted = localword_trusts_host(c->conf, c->domain[ROLE_NAME]),
	    .sender_trusted = localword_trusts_sender(c->conf, client_spf_domain(c)),
	    .host = c->host,
	    .spf = c->spf,
	    .frugal = policy->needed && client_lookups_are_frugal(c->lookups),
	};
}

static bool
enough(const void *arg, const struct fact *facts, listset pending)
{
	struct verdict_input input = *(const struct verdict_input *)arg;

	input.facts = facts;
	return asking_enough(&input, pending);
}

static listset
next(const void *arg, const struct fact *facts, listset pending, listset held, bool all)
{
	struct verdict_input input = *(const struct verdict_input *)arg;

	input.facts = facts;
	return asking_next(&input, pending, held, all);
}

/*
 * Wait for the lists that can still change the verdict, until their deadlines, or
 * until limit.  Returns those that may yet be heard; late: some had all their time.
 */
static listset
hear_lists(struct client *c, const struct verdict_input *input, int64_t limit, bool *late)
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

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const struct awaited awaited = {enough, next, input, steps[i].deadline, limit};
		listset pending = client_lookups_wait(c->lookups, steps[i].roles, &awaited);

		if (i == 0 && pending == 0)
			return 0;
		if (pending != 0 &&
		    clock_ms() < client_lookups_deadline(c->lookups, steps[i].deadline))
			return pending;
	}
	*late = true;
	return 0;
}

static enum host
ask_host(const struct client *c, int64_t deadline)
{
	const struct client_services *o = c->services;
	struct promise *promise = hostcheck_start(
	    o->loop, o->upstream, o->promises, &c->address, c->domain[ROLE_NAME], c->quiet);
	int host = promise_wait(promise, deadline, HOST_UNKNOWN);

	promise_release(&promise);
	return (enum host)host;
}

static enum spf_result
ask_spf(const struct client *c, int64_t deadline)
{
	const char *receiver = c->conf->authserv_id, *helo = c->domain[ROLE_HELO];
	struct promise *promise;
	int result;

	if (!ipaddr_is_global(&c->address))
		return SPF_UNKNOWN;
	if (client_spf_domain(c) == NULL)
		return is_unreadable(c, c->spf_sender != NULL ? ROLE_HELO : ROLE_SENDER)
		    ? SPF_UNKNOWN
		    : SPF_NONE;
	if (helo == NULL)
		helo = c->helo != NULL ? c->helo : "";
	promise = spf_check(c->services->spf, &c->address, helo, c->spf_sender,
	    receiver != NULL ? receiver : "", deadline, c->quiet);
	result = promise_wait(promise, deadline, SPF_UNKNOWN);
	promise_release(&promise);
	return (enum spf_result)result;
}

/* Those of the lists that speak against the client. */
static listset
against(const struct verdict_input *input, listset lists)
{
	uint32_t code;

	for (unsigned i = 0; i < input->roster->n; i++) {
		const struct answer *a = listset_has(lists, i)
		    ? listing_answer(input->roster->list[i], &input->facts[i], &code)
		    : NULL;

		if (a == NULL || a->score <= 0)
			lists &= ~((listset)1 << i);
	}
	return lists;
}

/* What the word of each list is worth now: one may have been caught meanwhile. */
static void
weigh(const struct client *c, struct verdict_input *input)
{
	client_lookups_weigh(c->lookups, &input->doubted, &input->suspended);
	input->unasked = client_lookups_unasked(c->lookups);
	if (input->doubted != 0)
		input->lapsed = deferral_over(c->services->memory, &c->address, c->conf->roster,
		    against(input, input->doubted));
}

void
client_note_deferral(struct client *c, const struct verdict_input *input)
{
	deferral_note(c->services->memory, &c->address, c->conf->roster,
	    against(input, input->doubted & input->policy->lists));
}

/* What files say is what they say now, of all that the client is. */
static void
renew(struct client *c)
{
	struct subject subjects[ROLES] = {[ROLE_ADDRESS] = subject_address(&c->address)};

	if (roster_data(c->conf->roster) == 0)
		return;
	for (enum role role = ROLE_ADDRESS + 1; role < ROLES; role++)
		subjects[role] = subject_name(role, c->domain[role]);
	client_lookups_renew(c->lookups, subjects);
}

/* Lists that are silent leave half of the time to others. */
void
client_investigate(struct client *c, struct verdict_input *input)
{
	int64_t deadline = time_is_up(c->conf), half = deadline - c->conf->deadline_ms / 2;

	ask_about_rest(c);
	renew(c);
	for (;;) {
		bool early = clock_ms() < half, late = false;
		listset pending;

		weigh(c, input);
		pending = hear_lists(c, input, early ? half : INT64_MAX, &late);
		weigh(c, input);
		input->pending = pending;
		input->held = pending & client_lookups_held(c->lookups);
		if (verdict_wants_host(input, pending)) {
			input->host = c->host = ask_host(c, deadline);
		} else if (verdict_wants_spf(input, pending)) {
			input->spf = c->spf = ask_spf(c, deadline);
		} else if (pending == 0 || !early || clock_ms() < half) {
			if (late && !c->quiet)
				counter_add(COUNTER_DEADLINES);
			return;
		}
	}
}

enum host
client_confirm_host(struct client *c)
{
	if (c->host == HOST_UNCHECKED)
		c->host = ask_host(c, time_is_up(c->conf));
	return c->host;
}

void
client_hear_out(struct client *c)
{
	int64_t deadline = c->deadline;

	deadline = c->helo_deadline > deadline ? c->helo_deadline : deadline;
	deadline = c->sender_deadline > deadline ? c->sender_deadline : deadline;
	(void)client_lookups_wait(c->lookups, ALL_ROLES,
	    &(struct awaited){waiters_never, client_lookups_all, NULL, deadline, INT64_MAX});
}

listset
client_catch_up(struct client *c)
{
	return still_open(c, ALL_ROLES);
}
