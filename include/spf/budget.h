/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/budget.h - what one check of a sender policy may ask of DNS, all of it
 * together.  Pure.
 *
 * The RFC has limits for a whole check, includes and all, and these are kept
 * here, whatever libspf2 counts.
 */
#ifndef RELAYGUARD_SPF_BUDGET_H
#define RELAYGUARD_SPF_BUDGET_H

#include <stdbool.h>

#include "dns/wire.h"
#include "spf/wire.h"

#define SPFBUDGET_TERMS 10     /* that ask DNS (RFC 7208, 4.6.4) */
#define SPFBUDGET_VOIDS 2      /* answers without a record (the same) */
#define SPFBUDGET_NAMES 10     /* looked at of an MX or a PTR (the same) */
#define SPFBUDGET_QUESTIONS 30 /* of any kind */

enum spf_leave {
	SPF_LEAVE_ASK,
	SPF_LEAVE_ABSENT, /* there can be no such name: no need to ask */
	SPF_LEAVE_OVER    /* the check is over: permerror */
};

struct spf_budget {
	unsigned questions, terms, voids;
	bool lenient;    /* the last question need not be answered (RFC 7208, 5.5) */
	bool of_client;  /* the names given are those of the client's address */
	unsigned nnames; /* given by the last MX or PTR, ... */
	char name[SPFBUDGET_NAMES][DNSWIRE_NAME_SIZE]; /* ... and not asked for yet; or "" */
};

/* Whether DNS can have such a name: of labels of 1 to 63 bytes of 0x21 to 0x7e. */
bool spfbudget_is_name(const char *);

void spfbudget_init(struct spf_budget *);

/* Whether a question may be asked.  The first one for TXT is free. */
enum spf_leave spfbudget_ask(struct spf_budget *, const struct spf_ask *);

/*
 * Count an answer of DNS, before anything is left out of it, and make of it what
 * the RFC says.  False: the check is over: permerror.
 */
bool spfbudget_answer(struct spf_budget *, struct spf_answer *);

#endif
