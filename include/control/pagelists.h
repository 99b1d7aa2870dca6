/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/pagelists.h - what lists have said and say of a client, as the page shows it.  A
 * thread of a client's.
 */
#ifndef RELAYGUARD_CONTROL_PAGELISTS_H
#define RELAYGUARD_CONTROL_PAGELISTS_H

#include <jansson.h>
#include <stdbool.h>

#include "session/explain.h"
#include "verdict/logitem.h"

/*
 * The lists of a decision, an array: those that spoke then, by the lines's lists= and
 * doubted=, with what they say now; and those that speak now alone.  ref is the decision's.
 */
json_t *pagelists_then(const struct explanation *, const char *line, const char *ref);

/* The URL where who is in the deny set gets off it; null: there is none. */
json_t *pagelists_deny_removal(const struct explanation *, const char *ref);

/* Whether the policy of now gives a pass for all that lists said then, by such a line. */
bool pagelists_may_pass(const struct explanation *, const char *line);

/* The lists of others that are asked about addresses, an array, with what they say now. */
json_t *pagelists_now(const struct explanation *);

#endif
