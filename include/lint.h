/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint.h - what a policy says that is allowed, and yet hardly meant: warnings.
 * Rank 5; pure.
 */
#ifndef RELAYGUARD_LINT_H
#define RELAYGUARD_LINT_H

#include "lineage.h"
#include "lists.h"
#include "policy.h"
#include "report.h"
#include "section.h"

/* A policy, built; votes is how each of its votes was named. */
void lint_policy(const struct lists *, const struct roster *, const struct policy *,
    const struct value *const *votes, const struct lineage *, struct report *);

/* All policies, where the default one drops at connect; drop_at is where it says so. */
void lint_drop_at(const struct policies *, const struct place *drop_at, struct report *);

#endif
