/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/listbuilder.h - one list, from what files say of it.  May block on files.
 */
#ifndef RELAYGUARD_CONF_LISTBUILDER_H
#define RELAYGUARD_CONF_LISTBUILDER_H

#include <stdbool.h>

#include "conf/section.h"
#include "lists/listing.h"

/* Whether a list is to be asked about that of a client. */
bool list_builder_asks(const struct layers *, enum role);

/*
 * Build the list as it is asked about that; vote is where a policy names it.
 * NULL, and a mistake: it is no good.
 */
struct listing *list_builder_build(
    const struct layers *, enum role, const struct place *vote, struct report *);

#endif
