/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/witnesses.h - who says something of a client, and whether that is enough to list it: two
 * operators with evidence, or one and what was seen here.
 */
#ifndef RELAYGUARD_OWN_WITNESSES_H
#define RELAYGUARD_OWN_WITNESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "own/localfile.h"

#define WITNESSES_MAX 8    /* operators that are told apart */
#define WITNESSES_ENOUGH 2 /* of them */

/* What an operator at another node has said of a client, with evidence that is kept there. */
struct witness {
	struct ipaddr client;
	int64_t time, until;
	char by[LOCAL_BY_SIZE];
};

struct witnesses {
	int64_t now,
	    until;       /* until: when the first of what they say ends; 0: they say nothing */
	int64_t removed; /* what was said or seen before then counts no more; 0: never */
	bool over;       /* what comes was said before that */
	char by[WITNESSES_MAX][LOCAL_BY_SIZE];
	unsigned n;
	bool observed; /* it was seen here, too */
};

/* Find who has said what of a client, and whether it was seen: by the open file, and the list.
 * Blocks on files. */
enum database_fault witnesses_find(struct witnesses *, struct localfile *, struct locallist *,
    const struct ipaddr *, int64_t now, const char **error);

/* Whether that is enough. */
bool witnesses_suffice(const struct witnesses *);

/* The rule that it lists by. */
const char *witnesses_rule(const struct witnesses *);

#endif
