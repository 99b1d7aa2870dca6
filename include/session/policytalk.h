/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/policytalk.h - what one connection of Postfix's policy delegation asks, and what it
 * is told: the other way to a session (session/mlfi.h is the one).  Of one thread.
 *
 * Postfix keeps a connection for each smtpd(8), over many clients; what it asks about a
 * message has the same instance.
 */
#ifndef RELAYGUARD_SESSION_POLICYTALK_H
#define RELAYGUARD_SESSION_POLICYTALK_H

#include <stdbool.h>

#include "base/ipaddr.h"
#include "base/strbuf.h"

struct policyrequest;
struct session;
struct session_shared;

#define POLICYTALK_INSTANCE_SIZE 128
#define POLICYTALK_ANSWER_SIZE 4096 /* bytes of an answer with its NUL are never more */

struct policytalk {
	struct session_shared *shared; /* borrowed */
	struct session *session;       /* of the message; NULL: there is none */
	char instance[POLICYTALK_INSTANCE_SIZE];
	struct ipaddr client;
	bool known;  /* the instance is that of a message that was decided on */
	bool marked; /* it has been given its field */
	bool over;   /* its end has come */
};

void policytalk_begin(struct policytalk *, struct session_shared *);

/*
 * Answer a request: "action=...", as access(5) knows them, and an empty line.  Waits as
 * session_rcpt() does.  Never OK, which would let Postfix relay.
 */
void policytalk_answer(
    struct policytalk *, const struct policyrequest *, struct strbuf *answer);

/* The connection is over. */
void policytalk_end(struct policytalk *);

#endif
