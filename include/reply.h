/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply.h - a verdict in words the refused sender can use.  Rank 3; pure.
 *
 * At most four lines, each complete in itself, printable ASCII only, every %
 * doubled (Sendmail and Postfix both fold it), always with an enhanced code
 * (RFC 3463) of the class of the reply.
 */
#ifndef RELAYGUARD_REPLY_H
#define RELAYGUARD_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "ipaddr.h"
#include "verdict.h"

#define REPLY_LINES 4
#define REPLY_LINE_MAX 480     /* bytes, with the NUL: RFC 5321's 512 less code and CRLF */
#define REPLY_TEMPLATE_MAX 300 /* of a text or URL in the configuration */

struct reply {
	const char *code;     /* "550" */
	const char *enhanced; /* "5.7.1" */
	unsigned n;
	char line[REPLY_LINES][REPLY_LINE_MAX];
};

/* Who is refused, by what, under which reference; all borrowed. */
struct reply_facts {
	const struct ipaddr *client;
	const char *ref;
	const char *domain; /* the recipient's, for "write to postmaster@"; may be empty */
	const char *local_reason; /* the deny set's text for the client, or NULL */
	const char *deny_removal; /* template of the URL for those in deny, or NULL */
	const struct roster *roster;
	const struct policy *policy;
	const struct verdict *verdict;
};

/* Write the reply for a verdict whose action is defer or refuse. */
void reply_build(struct reply *, const struct reply_facts *);

/*
 * Check a text or URL of the configuration: printable ASCII, at most
 * REPLY_TEMPLATE_MAX bytes, not empty, no placeholder but %{ip}, %{list} (the
 * label), %{ref}, %{category} (the name).  One newline is allowed where lines is
 * true and parts two lines.  False: a sentence in why.
 */
bool reply_check(const char *template, bool lines, char *why, size_t whysize);

#endif
