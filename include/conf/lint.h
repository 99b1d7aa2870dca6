/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lint.h - what a policy says that is allowed, and yet hardly meant: warnings.
 * Pure.
 */
#ifndef RELAYGUARD_CONF_LINT_H
#define RELAYGUARD_CONF_LINT_H

#include "base/report.h"
#include "conf/inheritance.h"
#include "conf/lists.h"
#include "conf/section.h"
#include "verdict/policy.h"

/* A policy, built; votes is how each of its votes was named. */
void lint_policy(const struct lists *, const struct roster *, const struct policy *,
    const struct value *const *votes, const struct inheritance *, struct report *);

/* All policies, where the default one drops at connect; drop_at is where it says so. */
void lint_drop_at(const struct policies *, const struct place *drop_at, struct report *);

#endif
