/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/policy.c - the rules for the recipients of each domain, and how the one for a
 * recipient is found.  A policy may have many domains, and there are fewer
 * policies than that.
 */
#include "config.h"

#include "verdict/policy.h"

#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"

struct policies {
	struct policy **item;
	size_t n;
	struct domainset *domains; /* the value of each is a policy */
	const struct policy *fallback;
	listset lists;
};

void
policy_free(struct policy *policy)
{
	if (policy == NULL)
		return;
	for (size_t i = 0; i < policy->nexempt; i++)
		free(policy->exempt[i]);
	free(policy->exempt);
	free(policy->name);
	free(policy->text);
	free(policy->places);
	free(policy->domains);
	free(policy->text_file);
	free(policy);
}

/* What others make use of, its owner's programs read the refusals of, too. */
#define BIT(category) (UINT32_C(1) << (category))
#define NO_PASS                                               \
	(BIT(CATEGORY_EXPLOITED) | BIT(CATEGORY_OPEN_PROXY) | \
	    BIT(CATEGORY_BOTNET_CONTROLLER) | BIT(CATEGORY_PROBE) | BIT(CATEGORY_TRAP))

_Static_assert(CATEGORY_MAX <= 32, "there is a bit for each category");

bool
policy_passes(const struct policy *policy, enum category category)
{
	return policy->pass && (NO_PASS & ~policy->pass_also & BIT(category)) == 0;
}

/* Whether an entry, "local" or "local@domain", means the recipient. */
static bool
entry_means(const char *entry, const struct mailbox *to)
{
	const char *at = strrchr(entry, '@'); /* a quoted local part may hold others */
	size_t len;

	if (at == NULL)
		return strcmp(entry, to->local) == 0;
	len = (size_t)(at - entry);
	return strlen(to->local) == len && memcmp(entry, to->local, len) == 0 &&
	    strcmp(at + 1, to->domain) == 0;
}

bool
policy_exempts(const struct policy *policy, const struct mailbox *to, unsigned *entry)
{
	/* A mailbox that could not be read is nobody's. */
	if (to->local[0] == '\0')
		return false;
	for (size_t i = 0; i < policy->nexempt; i++)
		if (entry_means(policy->exempt[i], to)) {
			if (entry != NULL)
				*entry = (unsigned)i;
			return true;
		}
	return false;
}

struct policies *
policies_new(void)
{
	struct policies *set = calloc(1, sizeof(*set));

	if (set != NULL && (set->domains = domainset_new()) == NULL) {
		free(set);
		return NULL;
	}
	return set;
}

void
policies_free(struct policies *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++)
		policy_free(set->item[i]);
	domainset_free(set->domains);
	free(set->item);
	free(set);
}

bool
policies_add(struct policies *set, struct policy *policy)
{
	struct policy **item = bulk_next(set->item, set->n, sizeof(struct policy *));

	if (item == NULL)
		return false;
	set->item = item;
	set->item[set->n++] = policy;
	set->lists |= policy->lists;
	if (set->fallback == NULL && strcmp(policy->name, "default") == 0)
		set->fallback = policy;
	return true;
}

bool
policies_give(
    struct policies *set, const struct policy *policy, const char *domain, unsigned line)
{
	return domainset_add(set->domains, domain, policy, line);
}

void
policies_seal(struct policies *set)
{
	domainset_seal(set->domains);
}

const struct policy *
policies_find(const struct policies *set, const char *domain)
{
	struct domainset_entry entry;

	return policies_entry(set, domain, &entry) ? entry.value : set->fallback;
}

bool
policies_entry(const struct policies *set, const char *domain, struct domainset_entry *entry)
{
	return domainset_find(set->domains, domain, entry);
}

const struct domainset *
policies_domains(const struct policies *set)
{
	return set->domains;
}

const struct policy *
policies_at(const struct policies *set, size_t i)
{
	return i < set->n ? set->item[i] : NULL;
}

listset
policies_lists(const struct policies *set)
{
	return set->lists;
}
