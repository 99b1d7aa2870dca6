/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/ownrules.h - the section "own": what our own evidence comes to, and what of it can
 * hardly be meant.  Pure.
 */
#ifndef RELAYGUARD_CONF_OWNRULES_H
#define RELAYGUARD_CONF_OWNRULES_H

#include "base/report.h"
#include "conf/section.h"
#include "lists/listing.h"
#include "own/options.h"
#include "verdict/policy.h"

/* Read the section of a file, which need not be there. */
void ownrules_build(struct own_options *, const struct section *file, struct report *);

/* What goes by own evidence. */
struct ownrules_users {
	struct roster *roster;
	const struct policies *policies;
	const char *path; /* of the file */
	bool stored;      /* there is a store */
	bool paged;       /* refusals lead to the page, which has a way off */
};

/* When policies and lists are there: give the lists of own evidence their URL, and warn. */
void ownrules_settle(const struct own_options *, const struct ownrules_users *,
    const struct section *file, struct report *);

#endif
