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
#include "verdict/reply.h"
#include "verdict/header.h"

struct letter;

/* An empty one; NULL: out of memory. */
struct letter *letter_new(void);
void letter_free(struct letter *); /* NULL is fine */

/* The message is over: the next one begins. */
void letter_clear(struct letter *);

/*
 * Whether a recipient for whom that is done may be one of this message: a message
 * is held as a whole or not at all, and nobody's mail waits for another's policy.
 */
bool letter_admits(const struct letter *, enum action);

/* What somebody is told who is not: to send it apart. */
void letter_explain(struct reply *, const char *ref);

/*
 * A recipient was let through.  What is to be said of the verdict is written
 * down; of several recipients, the worst verdict.
 */
void letter_join(struct letter *, const struct stamp_facts *);

/* Look at the next field of its header, as it came. */
void letter_note(struct letter *, const char *authserv_id, const char *name, const char *value);

/*
 * At its end.  Whether it has more forged fields than can be removed, so that it
 * is not to be taken (reply says so); the next forged field to be removed, as
 * stamp_take_forged(); the values of the fields to be written, or NULL; why it is
 * to be held, or NULL.
 */
bool letter_is_forged(const struct letter *, struct reply *);
bool letter_take_forged(struct letter *, const char **name, uint32_t *number);
const char *letter_own(const struct letter *);
const char *letter_results(const struct letter *);
const char *letter_why(const struct letter *);

#endif
