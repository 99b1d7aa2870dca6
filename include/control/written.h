/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/written.h - in which line of which file what decides is written, as JSON:
 * "file:line", or "default" for what nobody wrote.  Each is the caller's; NULL: memory is
 * out.  A thread of the client's.
 */
#ifndef RELAYGUARD_CONTROL_WRITTEN_H
#define RELAYGUARD_CONTROL_WRITTEN_H

#include <jansson.h>

#include "session/explain.h"

/* A line of a file; NULL: of the configuration. */
json_t *written_line(const struct conf *, const char *file, unsigned line);

/* Something of a list. */
json_t *written_list(const struct conf *, const struct listing_place *);

/* The section of a policy, and those that it inherits from, the next one first, as "name at
 * file:line". */
json_t *written_policy(const struct conf *, const struct policy *);
json_t *written_parents(const struct conf *, const struct policy *);

/* A value of a word that a policy has or inherits; *owner: from which, or NULL where it is
 * the default. */
json_t *written_word(const struct conf *, const struct policy *, const char *word,
    unsigned value, const char **owner);

/* The own text that a reply of the decision has. */
json_t *written_text(const struct conf *, const struct decision *, enum reason_text);

#endif
