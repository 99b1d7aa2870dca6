/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/witnesses.h - who says something of a client, and whether that is enough to list it: two
 * operators with evidence, or one and what was seen here.  Pure.
 */
#ifndef RELAYGUARD_OWN_WITNESSES_H
#define RELAYGUARD_OWN_WITNESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "own/localfile.h"

#define WITNESSES_MAX 8    /* operators that are told apart */
#define WITNESSES_ENOUGH 2 /* of them */

/* All zero but for the time: nobody has said anything. */
struct witnesses {
	int64_t now,
	    until;       /* until: when the first of what they say ends; 0: they say nothing */
	int64_t removed; /* what was said or seen before then counts no more; 0: never */
	char by[WITNESSES_MAX][LOCAL_BY_SIZE];
	unsigned n;
	bool observed; /* it was seen here, too */
};

/* Hear what is known of the client, the last first; what one has said last counts. */
void witnesses_hear(struct witnesses *, const struct local_audit *);

/* See how often it was seen; after all has been heard. */
void witnesses_see(struct witnesses *, const struct local_count *);

/* Whether that is enough. */
bool witnesses_suffice(const struct witnesses *);

/* The rule that it lists by. */
const char *witnesses_rule(const struct witnesses *);

#endif
