/* SPDX-License-Identifier: BSD-2-Clause */
/* session/attempts.c - who is excused, and what is ours, by the configuration. */
#include "config.h"

#include "session/attempts.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/domain.h"
#include "conf/conf.h"
#include "session/client.h"
#include "session/lookups.h"

/* What is ours. */
struct ours {
	const struct conf *conf;
	const char *name; /* of the server, in lower case, or "" */
};

static bool
is_our_name(const struct ours *ours, const char *domain)
{
	const char *registered;

	if (ours->name[0] == '\0')
		return false;
	registered = domain_registered(ours->name);
	return strcmp(domain, ours->name) == 0 ||
	    (registered != NULL && strcmp(domain, registered) == 0);
}

static bool
is_ours(const void *arg, const char *domain)
{
	const struct ours *ours = arg;
	struct domainset_entry entry;

	return is_our_name(ours, domain) ||
	    policies_entry(ours->conf->policies, domain, &entry);
}

/* Whether HELO is a domain of ours itself: what is below one may be anybody's host. */
static bool
is_our_domain(const struct ours *ours, const char *helo)
{
	char name[DOMAIN_NAME_SIZE];
	struct domainset_entry entry;

	if (!domain_normalise(helo, name))
		return false;
	return is_our_name(ours, name) ||
	    (policies_entry(ours->conf->policies, name, &entry) && entry.name[0] != '.');
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

/* Whether a list speaks well of it, as far as lists have been heard: nobody waits. */
static bool
is_trusted(struct client *c)
{
	const struct roster *roster = c->conf->roster;
	const struct fact *facts = client_lookups_facts(c->lookups);
	uint32_t code;

	client_catch_up(c);
	for (unsigned i = 0; i < roster->n; i++) {
		const struct listing *list = roster->list[i];
		const struct answer *a = list->role == ROLE_ADDRESS && list->best < 0
		    ? listing_answer(list, &facts[i], &code)
		    : NULL;

		if (a != NULL && a->score < 0)
			return true;
	}
	return false;
}

bool
attempts_are_excused(struct client *c)
{
	return c->authenticated || c->allowed ||
	    own_options_exclude(&c->conf->own, &c->address) || is_trusted(c);
}

uint8_t
attempts_note(struct own *own, struct client *c, const struct attempts_server *server,
    const char *recipient, enum own_outcome outcome)
{
	char name[DOMAIN_NAME_SIZE] = "";
	const struct ours ours = {.conf = c->conf, .name = name};

	if (server->name != NULL)
		(void)domain_normalise(server->name, name);
	return own_recipient(own,
	    &(struct own_recipient){
		.client = &c->address,
		.name = c->name,
		.confirmed = c->host == HOST_CONFIRMED,
		.helo = c->helo,
		.helo_is_ours = c->helo != NULL &&
		    (is_our_domain(&ours, c->helo) ||
			is_our_address(&server->address, c->helo)),
		.sender = c->orig_from != NULL ? c->orig_from : c->from,
		.recipient = recipient,
		.outcome = outcome,
		.excused = attempts_are_excused(c),
		.is_ours = is_ours,
		.ours = &ours,
	    });
}
