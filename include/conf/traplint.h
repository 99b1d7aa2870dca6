/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/traplint.h - warnings of spam traps that are hardly meant: those that people have a
 * reason to write to, or do by mistake.  Pure.
 */
#ifndef RELAYGUARD_CONF_TRAPLINT_H
#define RELAYGUARD_CONF_TRAPLINT_H

#include <stdbool.h>

#include "base/domainset.h"
#include "base/report.h"
#include "own/traps.h"
#include "verdict/policy.h"

/* What else the configuration says; each may be NULL. */
struct traplint_known {
	const struct policies *policies;
	const struct domainset *senders, *hosts; /* that are allowed */
	bool idle;                               /* no evidence is collected */
};

/* Warn of a trap, which was written there; one that is a mistyped name of a big provider, and
 * is to list, is a mistake.  Its address is in no warning. */
void traplint_check(const struct traps_row *, const struct traplint_known *,
    const struct place *, struct report *);

#endif
