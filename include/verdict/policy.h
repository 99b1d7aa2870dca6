/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/policy.h - the rule for the recipients of a domain.  Pure.  Built by
 * conf/conf.c, never changed afterwards.
 */
#ifndef RELAYGUARD_VERDICT_POLICY_H
#define RELAYGUARD_VERDICT_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/domainset.h"
#include "base/mailbox.h"
#include "lists/listing.h"
#include "verdict/result.h"

/* Small, for there may be very many policies. */
struct vote {
	uint8_t list;  /* index in the roster */
	int8_t weight; /* scores are multiplied by it; 1 to 100 */
	uint8_t group; /* the first vote of those that count once: lists that hold one
			 * another, or one list asked about several names */
};

/* What a result of the sender policy does to a mail. */
enum spf_effect { SPF_IGNORE, SPF_SCORE, SPF_DEFER, SPF_REFUSE };

struct spf_rule {
	enum spf_effect effect;
	int score; /* SPF_SCORE: what is added; positive */
};

/* What becomes of a refusal that rests on a list in doubt, or that an allow list
 * which could not be heard might have prevented. */
enum doubt { DOUBT_DEFER, DOUBT_PASS, DOUBT_REFUSE };

struct census_policy;
struct places;

struct policy {
	char *name;                   /* "default", "strict.example", ".example.com" */
	struct census_policy *census; /* verdict/census.h; NULL: nobody counts */
	bool shadow;                  /* decide and log, refuse nobody */
	int drop;             /* from this score on the connection is closed, too; 0: never */
	int refuse;           /* 550 from this score on; 0: never */
	int quarantine;       /* held from this score on; 0: never */
	int defer;            /* 450 from this score on; 0: never */
	int tag;              /* marked in its header from this score on; 0: never */
	int agree;            /* so many groups must speak against a client to refuse it */
	bool drop_at_connect; /* only of "default": there no recipient is known yet */
	unsigned drop_code;   /* 521 or 421 */
	unsigned refuse_code; /* 550 or 554 */
	bool results;         /* every mail gets Authentication-Results */
	bool pass;            /* who is refused may take a pass at the page */
	uint32_t pass_also;   /* bit c: of category c, of which there is none else */
	enum doubt doubt;
	struct spf_rule spf[SPF_RESULTS];
	char *text; /* own first line of the refusal, or NULL */
	unsigned nvotes;
	struct vote vote[LISTS_MAX];
	listset lists; /* the same lists as bits */
	bool needed; /* lists are asked only while their answers can change the verdict, ... */
	listset first; /* ... of these, those that are asked at once; 0: what is learned */
	size_t nexempt;
	char **exempt; /* "postmaster" or "abuse@strict.example", lower case */
	/* Where it comes from, for whoever asks why. */
	const struct policy *parent; /* that it inherits from, or NULL */
	struct places *places;       /* conf/places.h: one piece of memory */
	char *domains;               /* path of the file that names them, or NULL */
	char *text_file;             /* title by which a file of the folder of texts is its own,
			      * or NULL */
};

/* Free a policy and all it holds; NULL is fine. */
void policy_free(struct policy *);

/* Whether the recipient is one that is never refused; by which entry of exempt: *entry,
 * if it is not NULL. */
bool policy_exempts(const struct policy *, const struct mailbox *, unsigned *entry);

/* Whether a pass that was taken at the page is good for who is listed as that. */
bool policy_passes(const struct policy *, enum category);

/* All policies of a configuration. */
struct policies;

struct policies *policies_new(void);
void policies_free(struct policies *);

/*
 * Add a policy, which the set owns from then on.  The one called "default" is for
 * the domains that nobody has.  False: memory is out; the policy is still the
 * caller's.
 */
bool policies_add(struct policies *, struct policy *);

/* Give a domain, or ".parent", which stands in that line, to a policy of the set.  False:
 * memory is out. */
bool policies_give(struct policies *, const struct policy *, const char *domain, unsigned line);

/* End the building.  Of two policies of a domain the first one has it.  Only now
 * may the set be searched. */
void policies_seal(struct policies *);

/*
 * The policy for a domain: the one that has it, else the one that has its longest
 * parent, else "default".  Names are compared without case.  NULL only where there
 * is no default.
 */
const struct policy *policies_find(const struct policies *, const char *domain);

/* By which entry the domain has that policy; false: it is "default", for want of any. */
bool policies_entry(const struct policies *, const char *domain, struct domainset_entry *);

/* All domains that have a policy; the value of each is that. */
const struct domainset *policies_domains(const struct policies *);

/* The policies in the order of their coming; NULL past the last one. */
const struct policy *policies_at(const struct policies *, size_t i);

/* The lists that any policy names. */
listset policies_lists(const struct policies *);

#endif
