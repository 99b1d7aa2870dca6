/* SPDX-License-Identifier: BSD-2-Clause */
/* web/answer.h - what the daemon has said of a decision or an address.  Pure. */
#ifndef RELAYGUARD_WEB_ANSWER_H
#define RELAYGUARD_WEB_ANSWER_H

#include <jansson.h>
#include <stdbool.h>

#include "web/topic.h"

/* A text of an object, borrowed; "": there is none.  NULL is fine. */
const char *answer_text(const json_t *, const char *key);

/* A whole number, or one with a fraction, of an object as text; "": it is none. */
const char *answer_number(const json_t *, const char *key, char *out, size_t size);

/* The list that mattered: the first one that decided, or else the first one; NULL: none. */
const json_t *answer_decisive(const json_t *decision);

/* What a decision is about. */
enum topic answer_topic(const json_t *decision);

/* Whether the cause is gone: the same mail would be accepted now, and not by a pass. */
bool answer_is_clear(const json_t *decision);

/* Whether a URL of others may be linked to. */
bool answer_is_link(const char *url);

#endif
