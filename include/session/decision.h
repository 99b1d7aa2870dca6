/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/decision.h - what becomes of mail of a client for a recipient: the one way to it,
 * for sessions and for whoever asks what a session would come to.  The thread that the
 * client belongs to; decision_reach() waits, up to the deadline.
 */
#ifndef RELAYGUARD_SESSION_DECISION_H
#define RELAYGUARD_SESSION_DECISION_H

#include "base/mailbox.h"
#include "session/client.h"
#include "verdict/reply.h"
#include "verdict/verdict.h"

/* What was known, and what follows; its parts are borrowed from client and configuration. */
struct decision {
	struct verdict_input input;
	struct verdict verdict;
	size_t
	    before; /* bytes of the MTA's before the one line that it takes; 0: it takes all */
};

/* Take what is known of the client by now, with the policy of the recipient. */
void decision_begin(struct decision *, const struct client *, const struct mailbox *to);

/* Wait for what can still change it, until the deadline, and decide. */
void decision_reach(struct decision *, struct client *);

/* Count what a pass of the page's lets through; where others have used it up meanwhile, decide
 * without.  Of a message that comes, not of a question about one. */
void decision_spend(struct decision *, struct client *, const struct mailbox *to);

/* All that is said of it to who is refused, but for where the page is; borrowed. */
struct reply_facts decision_facts(
    const struct decision *, const struct client *, const char *ref, const char *domain);

/* Word the reply; an action that needs none (reply_needed()) has none. */
void decision_word(const struct decision *, const struct client *, const char *ref,
    const char *domain, struct reply *);

#endif
