/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/rules.h - the lists and policies that a configuration asks for.  May
 * block on files, one thread at a time.
 */
#ifndef RELAYGUARD_CONF_RULES_H
#define RELAYGUARD_CONF_RULES_H

#include <stdbool.h>

#include "conf/section.h"
#include "conf/texts.h"
#include "lists/listing.h"
#include "verdict/policy.h"

struct rules {
	struct roster *roster;
	struct policies *policies;
	bool marks;       /* some policy writes headers */
	bool quarantines; /* some policy holds mail */
};

/*
 * Build policies from the file, and a roster of the lists they name from the
 * file and the registry (which may be NULL); shadow: all policies only watch.
 * Mistakes and warnings go to the report.  Both parts are the caller's, whether
 * there were mistakes or not; one is NULL where memory is out.
 */
void rules_build(struct rules *, const struct section *file, const struct section *registry,
    const struct texts *, bool shadow, struct report *);

#endif
