/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/explain.h - the part of the verb "explain" that says why of an address, as
 * relayguardctl(8) has it.  A thread of the client's; waits for lists as a session does.
 */
#ifndef RELAYGUARD_CONTROL_EXPLAIN_H
#define RELAYGUARD_CONTROL_EXPLAIN_H

#include "control/server.h"
#include "session/explain.h"

struct verbs_context;

/* Answer a request about an address; the status to end with. */
int explain_address(
    struct request *, const json_t *args, const char *address, const struct verbs_context *);

/* Say the steps of an explanation, a line each, for as long as the client listens; health says what an
 * administrator has suspended. */
void explain_say(struct request *, const struct explanation *, struct health *);

#endif
