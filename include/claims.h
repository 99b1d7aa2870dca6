/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * claims.h - which policy wants which domains of recipients.  Rank 5; may block
 * on files, one thread at a time.
 */
#ifndef RELAYGUARD_CLAIMS_H
#define RELAYGUARD_CLAIMS_H

#include "policy.h"
#include "report.h"

struct claims;

/* No claims yet; NULL when memory is out. */
struct claims *claims_new(struct report *);
void claims_free(struct claims *);

/* A policy claims the domain of its name. */
void claims_add(struct claims *, const struct policy *, const struct place *);

/*
 * A policy claims the domains of a file, one a line; # begins a comment.  at is
 * where the file is named; the path is borrowed.  What is wrong in the file is a
 * mistake there.
 */
void claims_read(
    struct claims *, const struct policy *, const char *path, const struct place *at);

/* Give each its domains.  That two policies claim one is a mistake. */
void claims_settle(struct claims *, struct policies *);

#endif
