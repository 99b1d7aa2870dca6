/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/reply.h - a verdict in words the refused sender can use.  Pure.
 *
 * Some senders show the first line alone, some the last, some cut either: so both
 * have the URL and the reference, and there are bounds.  Each line is complete in
 * itself, printable ASCII, with every % doubled (Sendmail and Postfix both fold it),
 * and ends with no URL.  There always is an enhanced code (RFC 3463, RFC 7372) of
 * the class of the reply.
 */
#ifndef RELAYGUARD_VERDICT_REPLY_H
#define RELAYGUARD_VERDICT_REPLY_H

#include <stdbool.h>

#include "verdict/reason.h"
#include "verdict/verdict.h"

#define REPLY_LINES 3

/* Bytes as the client gets them, each line with its code and without its CRLF. */
#define REPLY_FIRST_MAX 200 /* Sendmail leaves out what is in the middle of more */
#define REPLY_TOTAL_MAX 900 /* Exim and dma keep little more */
#define REPLY_TEXT_MAX 479  /* of a line, without its code */

#define REPLY_LINE_MAX (2 * REPLY_TEXT_MAX + 1) /* with a NUL, each byte a doubled % */

struct reply {
	const char *code;     /* "550" */
	const char *enhanced; /* "5.7.1" */
	enum reason_text text;
	unsigned n;
	char line[REPLY_LINES][REPLY_LINE_MAX];
};

/* Whether an action is a reply to RCPT: defer, refuse, drop. */
bool reply_needed(enum action);

/*
 * Write the reply for a verdict with such an action.  The first line begins with the
 * own text of the policy, else of the answer, the list, the category; else with our
 * sentence; the URL where one gets off the list follows, or that of the page where there is
 * one, else the mailbox that hears everybody, and the reference.  What is too long for it is left out: first that
 * mailbox, then how many other lists there are, the name of the list, that of the
 * domain, and last the URL; of a text from outside, the last words.  Then comes the
 * advice, with a URL that is not in the first line; then to whom to send that, with
 * URL and reference again.  Of one line there is the first.  What the MTA puts before it is
 * counted, up to a bound.
 */
void reply_build(struct reply *, const struct reply_facts *);

#endif
