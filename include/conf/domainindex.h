/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/domainindex.h - which policy wants which domains of recipients.  May block
 * on files, one thread at a time.
 */
#ifndef RELAYGUARD_CONF_DOMAININDEX_H
#define RELAYGUARD_CONF_DOMAININDEX_H

#include "verdict/policy.h"
#include "base/report.h"

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
