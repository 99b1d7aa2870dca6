/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint.h - what is allowed, and yet hardly meant: warnings.  Rank 5; may block on
 * a file.
 */
#ifndef RELAYGUARD_LINT_H
#define RELAYGUARD_LINT_H

#include "lineage.h"
#include "lists.h"
#include "policy.h"
#include "report.h"
#include "section.h"

/* A list that is used; vote is where a policy names it. */
void lint_list(const struct lists *, const struct listing *, const struct place *vote,
    struct report *);

/* A policy, built; votes is where each of its votes was named. */
void lint_policy(const struct lists *, const struct roster *, const struct policy *,
    const struct place *votes, const struct lineage *, struct report *);

/*
 * The DNS servers that are asked: those of the configuration, else those in
 * resolv_conf.  Many lists answer no public one.
 */
void lint_resolvers(const struct roster *, const struct word *servers,
    const char *resolv_conf, struct report *);

#endif
