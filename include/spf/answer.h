/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/answer.h - what is told of an answer of DNS to the process that evaluates a
 * policy.  Pure.
 */
#ifndef RELAYGUARD_SPF_ANSWER_H
#define RELAYGUARD_SPF_ANSWER_H

#include <stdbool.h>

#include "spf/budget.h"
#include "spf/record.h"
#include "spf/wire.h"

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
