/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lintask.h - what is said of asking that is allowed, and hardly saves a question: warnings.
 * Pure.
 */
#ifndef RELAYGUARD_CONF_LINTASK_H
#define RELAYGUARD_CONF_LINTASK_H

#include "base/report.h"
#include "conf/inheritance.h"
#include "conf/section.h"
#include "verdict/policy.h"

/* A policy, built, whose lists are asked as it is needed; at is where that is said. */
void lintask_policy(
    const struct roster *, const struct policy *, const struct place *at, struct report *);

/* The first of all policies, built from this file, whose lists are asked about everybody, as other
 * policies name them that ask all of theirs. */
void lintask_policies(const struct policies *, const struct roster *,
    const struct section *file, struct report *);

#endif
