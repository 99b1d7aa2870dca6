/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy.h - the rule for the recipients of a domain.  Rank 2; pure.  Built by
 * conf.c, never changed afterwards.
 */
#ifndef RELAYGUARD_POLICY_H
#define RELAYGUARD_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "listing.h"
#include "mailbox.h"

struct vote {
	unsigned list; /* index in the roster */
	int weight;    /* scores are multiplied by it; 1 and up */
};

/* What becomes of a refusal that rests on a list in doubt, or that an allow list
 * which could not be heard might have prevented. */
enum doubt { DOUBT_DEFER, DOUBT_PASS, DOUBT_REFUSE };

struct policy {
	char *name;  /* "default", "strict.example", ".example.com" */
	bool shadow; /* decide and log, refuse nobody */
	int refuse;  /* 550 from this score on; 0: never */
	int defer;   /* 450 from this score on; 0: never */
	enum doubt doubt;
	char *text; /* own first line of the refusal, or NULL */
	unsigned nvotes;
	struct vote vote[LISTS_MAX];
	listset lists; /* the same lists as bits */
	size_t nexempt;
	char **exempt; /* "postmaster" or "abuse@strict.example", lower case */
};

/* Free a policy and all it holds; NULL is fine. */
void policy_free(struct policy *);

/* Whether the recipient is one that is never refused. */
bool policy_exempts(const struct policy *, const struct mailbox *);

/* All policies of a configuration. */
struct policies;

struct policies *policies_new(void);
void policies_free(struct policies *);

/*
 * Add a policy, which the set owns from then on.  False: one of that name is
 * there already, or memory is out; the policy is still the caller's.
 */
bool policies_add(struct policies *, struct policy *);

/*
 * The policy for a domain: the one of its own name, else the longest parent
 * written ".parent", else "default".  Names are compared without case.  NULL
 * only where there is no default.
 */
const struct policy *policies_find(const struct policies *, const char *domain);

/* The lists that any policy names. */
listset policies_lists(const struct policies *);

#endif
