/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/answer.h - what one check of a sender policy may ask of DNS, all of it together,
 * and what is told of an answer to the process that evaluates it.  Pure.
 *
 * The RFC has limits for a whole check, includes and all, and these are kept
 * here, whatever libspf2 counts.
 */
#ifndef RELAYGUARD_SPF_ANSWER_H
#define RELAYGUARD_SPF_ANSWER_H

#include <stdbool.h>

#include "dns/wire.h"
#include "spf/record.h"
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

/* What of that a check has used up: it begins with {0}. */
struct spf_budget {
	unsigned questions, terms, voids;
	bool lenient;    /* the last question need not be answered (RFC 7208, 5.5) */
	bool of_client;  /* the names given are those of the client's address */
	unsigned nnames; /* given by the last MX or PTR, ... */
	char name[SPFBUDGET_NAMES][DNSWIRE_NAME_SIZE]; /* ... and not asked for yet; or "" */
};

/* Whether DNS can have such a name: of labels of 1 to 63 bytes of 0x21 to 0x7e. */
bool spfbudget_is_name(const char *);

/* Whether a question may be asked.  The first one for TXT is free. */
enum spf_leave spfbudget_ask(struct spf_budget *, const struct spf_ask *);

#define SPFANSWER_POLICIES 2 /* told of a name; more are no worse */

/* What an answer points to. */
struct spf_room {
	unsigned char address[DNS_ADDRESSES][4];
	char policy[SPFANSWER_POLICIES][SPFRECORD_MAX + 1];
};

/*
 * Make it of the reply to a question for that type, which the budget counts; it
 * is good as long as the reply and the room.  False: the check is over: permerror.
 */
bool spfanswer_make(struct spf_answer *, struct spf_room *, enum dns_type,
    const struct dns_reply *, const struct ipaddr *client, struct spf_budget *);

/* One without records. */
struct spf_answer spfanswer_empty(enum dns_type, enum dns_status);

#endif
