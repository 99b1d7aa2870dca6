/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy.c - the rules for the recipients of each domain, and how the one for a
 * recipient is found.  They are kept in order of name, so that thousands cost
 * nothing.
 */
#include "config.h"

#include "policy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define POLICIES_FIRST 16 /* room to begin with */

struct policies {
	struct policy **item; /* by name, without case */
	size_t n;
	size_t room;
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
	free(policy);
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
policy_exempts(const struct policy *policy, const struct mailbox *to)
{
	/* A mailbox that could not be read is nobody's. */
	if (to->local[0] == '\0')
		return false;
	for (size_t i = 0; i < policy->nexempt; i++)
		if (entry_means(policy->exempt[i], to))
			return true;
	return false;
}

struct policies *
policies_new(void)
{
	return calloc(1, sizeof(struct policies));
}

void
policies_free(struct policies *set)
{
	if (set == NULL)
		return;
	for (size_t i = 0; i < set->n; i++)
		policy_free(set->item[i]);
	free(set->item);
	free(set);
}

/* Where the policy of a name is, or would be: *found tells which. */
static size_t
place(const struct policies *set, const char *name, bool *found)
{
	size_t low = 0, high = set->n;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcasecmp(set->item[middle]->name, name);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
make_room(struct policies *set)
{
	size_t room = set->room > 0 ? set->room * 2 : POLICIES_FIRST;
	struct policy **item;

	if (set->n < set->room)
		return true;
	item = realloc(set->item, room * sizeof(struct policy *));
	if (item == NULL)
		return false;
	set->item = item;
	set->room = room;
	return true;
}

bool
policies_add(struct policies *set, struct policy *policy)
{
	bool found;
	size_t i = place(set, policy->name, &found);

	if (found || !make_room(set))
		return false;
	memmove(&set->item[i + 1], &set->item[i], (set->n - i) * sizeof(struct policy *));
	set->item[i] = policy;
	set->n++;
	set->lists |= policy->lists;
	return true;
}

static const struct policy *
find_name(const struct policies *set, const char *name)
{
	bool found;
	size_t i = place(set, name, &found);

	return found ? set->item[i] : NULL;
}

const struct policy *
policies_find(const struct policies *set, const char *domain)
{
	const struct policy *policy = find_name(set, domain);
	const char *parent = strchr(domain, '.');

	/* Each dot begins the name of a parent, the first one the longest. */
	while (policy == NULL && parent != NULL) {
		policy = find_name(set, parent);
		parent = strchr(parent + 1, '.');
	}
	return policy != NULL ? policy : find_name(set, "default");
}

listset
policies_lists(const struct policies *set)
{
	return set->lists;
}
