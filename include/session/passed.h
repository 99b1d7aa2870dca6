/* SPDX-License-Identifier: BSD-2-Clause */
/* session/passed.h - what has been let through to the message under way.  Pure. */
#ifndef RELAYGUARD_SESSION_PASSED_H
#define RELAYGUARD_SESSION_PASSED_H

#include <stdbool.h>

#include "verdict/action.h"

#define PASSED_REFS_MAX 250 /* bytes, as base/log.h takes of one value */

struct passed {
	char refs[PASSED_REFS_MAX]; /* of its decisions, with commas between them */
	enum action worst;
	unsigned recipients;
	bool refused; /* some recipient was, by whomever */
	bool trapped; /* some recipient was a trap */
};

/* Nothing yet. */
void passed_begin(struct passed *);

/* Keep what was decided of a recipient that is let through, for the end of the message;
 * ref: NULL: it has no line. */
void passed_add(struct passed *, const char *ref, enum action);

#endif
