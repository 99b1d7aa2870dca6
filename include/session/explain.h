/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/explain.h - what a session would come to, and why: the decision itself, on the
 * same evidence, which nobody counts or logs, and which is no witness for health.
 * Any thread but the I/O thread.
 */
#ifndef RELAYGUARD_SESSION_EXPLAIN_H
#define RELAYGUARD_SESSION_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "session/decision.h"
#include "session/session.h"

/* Who would come, and for whom; what is NULL is not there.  All but address may be. */
struct explain_question {
	const char *address; /* of the client */
	const char *name;    /* its name in DNS */
	const char *helo;
	const char *from, *to; /* without brackets; from "": the null sender */
};

/* To be read, and ended by explain_end(). */
struct explanation {
	struct conf *conf;
	struct client client;
	struct mailbox to;
	struct decision decision;
	struct reply reply; /* n is 0: there is none */
};

/*
 * Decide; waits for lists as a session does.  Any thread but the I/O thread.  False: a
 * sentence in why; nothing is to be ended then.
 */
bool explain_begin(struct explanation *, struct session_shared *,
    const struct explain_question *, char *why, size_t whysize);

/* The same for who came for whom by the line of a decision in the log. */
bool explain_again(
    struct explanation *, struct session_shared *, const char *line, char *why, size_t whysize);

void explain_end(struct explanation *);

#endif
