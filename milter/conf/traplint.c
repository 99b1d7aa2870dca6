/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/traplint.c - a trap that catches the innocent is worse than none. */
#include "config.h"

#include "conf/traplint.h"

#include <stdio.h>
#include <string.h>

#include "base/domain.h"
#include "base/mailbox.h"
#include "base/strbuf.h"
#include "own/providers.h"

/* A trap that is looked at. */
struct context {
	const struct trap *trap;
	struct mailbox box; /* without a local part: it is a whole domain, ... */
	bool below;         /* ... or those below it */
	const struct traplint_known *known;
	const struct place *place;
	struct report *report;
};

/* Take an address apart, as the set has it. */
static void
split(struct context *c, const char *address)
{
	const char *at = strrchr(address, '@'), *domain = at != NULL ? at + 1 : address;
	struct strbuf sb;

	c->below = domain[0] == '.';
	(void)strbuf_copy(c->box.domain, sizeof(c->box.domain), domain + c->below);
	strbuf_init(&sb, c->box.local, sizeof(c->box.local));
	if (at != NULL)
		strbuf_addn(&sb, address, (size_t)(at - address));
}

static void
warn_of_exempt(const struct context *c)
{
	const struct policy *policy = c->known->policies != NULL
	    ? policies_find(c->known->policies, c->box.domain)
	    : NULL;

	if (c->box.local[0] == '\0')
		return;
	if (strcmp(c->box.local, "postmaster") == 0 || strcmp(c->box.local, "abuse") == 0)
		report_warning(c->report, c->place,
		    "trap \"%s\" is a postmaster or abuse mailbox, which everybody may have a "
		    "reason to write to",
		    c->trap->id);
	else if (policy != NULL && policy_exempts(policy, &c->box, NULL))
		report_warning(c->report, c->place,
		    "trap \"%s\" is exempt in policy \"%s\", by which everybody may write to it",
		    c->trap->id, policy->name);
}

static void
warn_of_allowed(const struct context *c)
{
	const struct {
		const char *word;
		const struct domainset *set;
	} sets[] = {{"senders", c->known->senders}, {"hosts", c->known->hosts}};

	for (size_t i = 0; c->box.local[0] == '\0' && i < 2; i++)
		if (sets[i].set != NULL && domainset_find(sets[i].set, c->box.domain, NULL))
			report_warning(c->report, c->place,
			    "trap \"%s\" is a domain that allow has among its %s: people have "
			    "addresses there",
			    c->trap->id, sets[i].word);
}

/* The policy that is for that very domain; NULL: none is. */
static const struct policy *
policy_of(const struct context *c)
{
	struct domainset_entry entry;

	if (c->known->policies == NULL ||
	    !policies_entry(c->known->policies, c->box.domain, &entry))
		return NULL;
	return entry.len == strlen(c->box.domain) ? entry.value : NULL;
}

static void
warn_of_policy(const struct context *c, const struct policy *policy)
{
	if (c->box.local[0] == '\0' && policy != NULL && !c->below)
		report_warning(c->report, c->place,
		    "trap \"%s\" is a domain that has the policy \"%s\": all its users are "
		    "traps then",
		    c->trap->id, policy->name);
}

/* The name, or what somebody has registered of it, is one error away from another. */
static bool
is_near(const char *name, const char *registered, const struct domainset_entry *entry)
{
	char other[DOMAIN_NAME_SIZE];
	struct strbuf sb;

	if (entry->name[0] == '.' || entry->len + 1 < strlen(registered) ||
	    entry->len > strlen(name) + 1)
		return false;
	strbuf_init(&sb, other, sizeof(other));
	strbuf_addn(&sb, entry->name, entry->len);
	if (!providers_is_typo(name, other) && !providers_is_typo(registered, other))
		return false;
	/* Two names below one are no error of each other's. */
	return domain_registered(other) == NULL ||
	    strcmp(registered, domain_registered(other)) != 0;
}

static void
warn_of_own_typo(const struct context *c)
{
	const char *registered = domain_registered(c->box.domain);
	const struct domainset *own =
	    c->known->policies != NULL ? policies_domains(c->known->policies) : NULL;
	size_t n = own != NULL && registered != NULL ? domainset_count(own) : 0;

	for (size_t i = 0; i < n; i++) {
		struct domainset_entry entry = domainset_at(own, i);

		if (!is_near(c->box.domain, registered, &entry))
			continue;
		report_warning(c->report, c->place,
		    "trap \"%s\" is one typing error away from %.*s: people write to it by "
		    "mistake",
		    c->trap->id, (int)entry.len, entry.name);
		return;
	}
}

/* Who mistypes an address is a person, and no sender of spam. */
static void
check_typo(const struct context *c)
{
	const char *meant = providers_mistyped(c->box.domain);

	if (meant == NULL)
		warn_of_own_typo(c);
	else if (c->trap->kind == TRAP_PRISTINE)
		report_mistake(c->report, c->place,
		    "trap \"%s\" is one typing error away from %s: people write to it by "
		    "mistake, and must not be listed; with kind \"recycled\" it only adds to a "
		    "score",
		    c->trap->id, meant);
	else
		report_warning(c->report, c->place,
		    "trap \"%s\" is one typing error away from %s: people write to it by mistake",
		    c->trap->id, meant);
}

void
traplint_check(const struct traps_row *row, const struct traplint_known *known,
    const struct place *place, struct report *report)
{
	struct context c = {
	    .trap = row->trap, .known = known, .place = place, .report = report};
	const struct policy *policy;

	split(&c, row->address);
	policy = policy_of(&c);
	warn_of_exempt(&c);
	warn_of_allowed(&c);
	warn_of_policy(&c, policy);
	if (policy == NULL)
		check_typo(&c);
}
