/* SPDX-License-Identifier: BSD-2-Clause */
/* session/attempts.c - who is excused, and what is ours, by the configuration. */
#include "config.h"

#include "session/attempts.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/domain.h"
#include "base/setting.h"
#include "conf/conf.h"
#include "lookup/stalemx.h"
#include "session/client.h"
#include "session/lookups.h"

/* What is ours. */
struct ours {
	const struct conf *conf;
	const struct attempts_server *server;
};

void
attempts_server_set(struct attempts_server *server, const char *name, const char *address)
{
	char normal[DOMAIN_NAME_SIZE];

	attempts_server_clear(server);
	if (name != NULL && domain_normalise(name, normal))
		server->name = strdup(normal);
	if (address == NULL || !ipaddr_parse(&server->address, address))
		server->address.bits = 0;
}

void
attempts_server_clear(struct attempts_server *server)
{
	free(server->name);
	*server = (struct attempts_server){.name = NULL};
}

/* Whether a domain is what somebody registered for a name below it.  Few are above it at all:
 * only these are worth the look-up. */
static bool
is_registered_for(const char *domain, const char *name)
{
	size_t len = strlen(domain), whole = strlen(name);
	const char *end = whole > len ? name + whole - len : NULL, *registered;

	if (end == NULL || end[-1] != '.' || strcmp(domain, end) != 0)
		return false;
	registered = domain_registered(name);
	return registered != NULL && strcmp(domain, registered) == 0;
}

static bool
is_our_name(const struct attempts_server *server, const char *domain)
{
	return server->name != NULL &&
	    (strcmp(domain, server->name) == 0 || is_registered_for(domain, server->name));
}

static bool
is_ours(const void *arg, const char *domain)
{
	const struct ours *ours = arg;
	struct domainset_entry entry;

	return is_our_name(ours->server, domain) ||
	    policies_entry(ours->conf->policies, domain, &entry);
}

/* A domain of ours itself: what is below one may be anybody's host. */
static bool
is_our_domain(const struct conf *conf, const struct attempts_server *server, const char *name)
{
	struct domainset_entry entry;

	return is_our_name(server, name) ||
	    (policies_entry(conf->policies, name, &entry) && entry.name[0] != '.');
}

/* Whether DNS calls the client so, or below that: who owns the domain has said so.  The name is
 * one that the MTA has confirmed. */
static bool
has_name_in(const struct client *c, const char *domain)
{
	const char *name = c->domain[ROLE_NAME];

	return name != NULL && c->host != HOST_WRONG && setting_below_domain(name, domain);
}

/* Whether HELO is our address, with or without brackets; a private one many have. */
static bool
is_our_address(const struct ipaddr *address, const char *helo)
{
	static const char v6[] = "IPv6:";
	struct ipaddr said;
	bool bracketed = helo[0] == '[';
	size_t len;

	if (!ipaddr_is_global(address))
		return false;
	helo += bracketed;
	if (strncasecmp(helo, v6, sizeof(v6) - 1) == 0)
		helo += sizeof(v6) - 1;
	len = bracketed ? strcspn(helo, "]") : strlen(helo);
	return ipaddr_parse_part(&said, helo, len) && ipaddr_compare(&said, address) == 0;
}

enum attempts_helo
attempts_helo(const struct client *c, const struct attempts_server *server)
{
	char name[DOMAIN_NAME_SIZE];

	if (c->helo == NULL)
		return ATTEMPTS_HELO_FINE;
	if (is_our_address(&server->address, c->helo))
		return ATTEMPTS_HELO_US;
	if (!domain_normalise(c->helo, name) || !is_our_domain(c->conf, server, name) ||
	    has_name_in(c, name))
		return ATTEMPTS_HELO_FINE;
	return server->name != NULL && strcmp(server->name, name) == 0 ? ATTEMPTS_HELO_US
								       : ATTEMPTS_HELO_DOMAIN;
}

bool
attempts_helo_is_vouched(const struct client *c)
{
	const char *asked = client_spf_domain(c), *helo = c->domain[ROLE_HELO];

	return c->spf == SPF_PASS && asked != NULL && helo != NULL && strcmp(asked, helo) == 0;
}

/* Whether a list speaks well of it, or, late: may yet do so: nobody waits. */
static bool
is_trusted(struct client *c, bool late)
{
	const struct roster *roster = c->conf->roster;
	const struct fact *facts = client_lookups_facts(c->lookups);
	listset trusting = roster_trusting(roster), open;
	uint32_t code;

	if (trusting == 0)
		return false;
	open = client_catch_up(c);
	for (unsigned i = 0; i < roster->n; i++) {
		const struct answer *a;

		if (!listset_has(trusting, i))
			continue;
		a = listing_answer(roster->list[i], &facts[i], &code);
		if ((a != NULL && a->score < 0) || (late && listset_has(open, i)))
			return true;
	}
	return false;
}

bool
attempts_are_excused(struct client *c, bool late)
{
	return c->authenticated || c->allowed ||
	    own_options_exclude(&c->conf->own, &c->address) || is_trusted(c, late);
}

/* Whether DNS is known to send mail for a domain here that is none of ours. */
static bool
leads_here(const struct client *c, const struct ours *ours, const char *domain)
{
	return domain[0] != '[' && !is_ours(ours, domain) &&
	    stalemx_leads_here(
		c->services->stalemx, domain, ours->server->name, &ours->server->address);
}

/* Whether a recipient that is to be relayed is one that DNS still sends here: for itself, or
 * by the domain that it goes through. */
static bool
is_left_over(const struct client *c, const struct ours *ours, const struct probeform *form)
{
	return leads_here(c, ours, form->target) ||
	    (form->through && leads_here(c, ours, form->mailbox.domain));
}

/* Whether it is a provider's, whose users choose what it types.  The name is one that the MTA has
 * confirmed: that is good enough where nobody may wait, and nobody is refused for it. */
static bool
is_provider(const struct client *c)
{
	return c->provider && c->host != HOST_WRONG;
}

uint8_t
attempts_note(struct own *own, struct client *c, const struct attempts_server *server,
    bool forges_helo, const char *recipient, enum own_outcome outcome)
{
	const struct ours ours = {.conf = c->conf, .server = server};
	struct own_recipient r = {
	    .client = &c->address,
	    .name = c->name,
	    .confirmed = c->host == HOST_CONFIRMED,
	    .helo = c->helo,
	    .helo_is_ours = forges_helo,
	    .sender = c->orig_from != NULL ? c->orig_from : c->from,
	    .recipient = recipient,
	    .outcome = outcome,
	    .is_ours = is_ours,
	    .ours = &ours,
	};
	struct probeform form;

	r.excused = attempts_are_excused(c, false) || is_provider(c);
	if (!r.excused && outcome == OWN_RELAY_DENIED && probeform_parse(&form, recipient)) {
		r.form = &form;
		r.excused = is_left_over(c, &ours, &form);
	}
	return own_recipient(own, &r);
}
