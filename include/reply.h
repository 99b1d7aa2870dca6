/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply.h - a verdict in words the refused sender can use.  Rank 3; pure.
 *
 * At most four lines, each complete in itself, printable ASCII only, every %
 * doubled (Sendmail and Postfix both fold it), always with an enhanced code
 * (RFC 3463, RFC 7372) of the class of the reply.
 */
#ifndef RELAYGUARD_REPLY_H
#define RELAYGUARD_REPLY_H

#include <stdbool.h>

#include "ipaddr.h"
#include "verdict.h"

#define REPLY_LINES 4
#define REPLY_LINE_MAX 480 /* bytes, with the NUL: RFC 5321's 512 less code and CRLF */

struct reply {
	const char *code;     /* "550" */
	const char *enhanced; /* "5.7.1" */
	unsigned n;
	char line[REPLY_LINES][REPLY_LINE_MAX];
};

/* Who is refused, by what, under which reference; all borrowed. */
struct reply_facts {
	const struct ipaddr *client;
	const char *domain_of[ROLES]; /* the names that lists were asked about, or NULL */
	const char *spf_domain;       /* the one whose policy was looked up, or NULL */
	const char *ref;
	const char *domain; /* the recipient's, for "write to postmaster@"; may be empty */
	const char *local_reason;         /* the deny set's text for the client, or NULL */
	const char *deny_removal;         /* template of the URL for those in deny, or NULL */
	const char *const *category_text; /* own first lines by category, each or all NULL */
	const struct roster *roster;
	const struct policy *policy;
	const struct verdict *verdict;
};

/* Whether an action is a reply to RCPT: defer, refuse, drop. */
bool reply_needed(enum action);

/*
 * Write the reply for a verdict with such an action.  The first line is the own
 * text of the policy, else of the answer, the list, the category; else ours.
 */
void reply_build(struct reply *, const struct reply_facts *);

#endif
