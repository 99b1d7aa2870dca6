/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/message.h - one message: whom it has been let through to, and what its header
 * and its envelope are to become at its end.  Pure.
 */
#ifndef RELAYGUARD_VERDICT_MESSAGE_H
#define RELAYGUARD_VERDICT_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "verdict/action.h"
#include "verdict/header.h"
#include "verdict/reply.h"

struct message;

/* An empty one; NULL: out of memory. */
struct message *message_new(void);
void message_free(struct message *); /* NULL is fine */

/* The message is over: the next one begins. */
void message_clear(struct message *);

/*
 * Whether a recipient for whom that is done may be one of this message: a message
 * is held as a whole or not at all, and nobody's mail waits for another's policy.
 */
bool message_admits(const struct message *, enum action);

/* What somebody is told who is not: to send it to this recipient by itself. */
void message_explain(struct reply *, const char *ref);

/*
 * A recipient was let through.  What is to be said of the verdict is written
 * down; of several recipients, the worst verdict.
 */
void message_join(struct message *, const struct header_facts *);

/* Look at the next field of its header, as it came. */
void message_note(
    struct message *, const char *authserv_id, const char *name, const char *value);

/*
 * At its end.  Whether it has more forged fields than can be removed, so that it
 * is not to be taken (reply says so); the next forged field to be removed, as
 * header_take_forged(); the values of the fields to be written, or NULL; why it is
 * to be held, or NULL.
 */
bool message_is_forged(const struct message *, struct reply *);
bool message_take_forged(struct message *, const char **name, uint32_t *number);
const char *message_own(const struct message *);
const char *message_results(const struct message *);
const char *message_why(const struct message *);

#endif
