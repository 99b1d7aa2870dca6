/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/census.h - decisions counted: by verdict and reason, by policy, by list, and how
 * long clients waited for them.  Any thread; census_of() and census_at() take a lock.
 */
#ifndef RELAYGUARD_VERDICT_CENSUS_H
#define RELAYGUARD_VERDICT_CENSUS_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/tally.h"
#include "verdict/verdict.h"

#define CENSUS_POLICIES 100 /* that are told apart; all others are one */

struct census_policy {
	_Atomic uint64_t count[ACTIONS];
	_Atomic uint64_t shadowed[ACTIONS]; /* passed, where that was meant */
};

/*
 * The counts of the policies of a name, the same over reloads, for as long as we run; those
 * of all others where there are CENSUS_POLICIES names already.
 */
struct census_policy *census_of(const char *name);

/* Those of all others. */
struct census_policy *census_others(void);

/* The counts of policy number i, from 0, and its name, which stays; those of all others are
 * number CENSUS_POLICIES.  NULL: there is no such one yet. */
struct census_policy *census_at(unsigned i, const char **name);

/* Count a decision for which a client has waited so long; input: NULL: nothing was weighed. */
void census_count(const struct verdict *, const struct verdict_input *, int64_t ms);

/* How many there were of a verdict and a reason. */
uint64_t census_decisions(enum action, enum verdict_reason);

/* How long clients have waited, and in which steps. */
const struct histogram *census_wait(const struct histogram_bounds **);

#endif
