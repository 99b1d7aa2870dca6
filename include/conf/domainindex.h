/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/domainindex.h - which policy wants which domains of recipients.  May block
 * on files, one thread at a time.
 */
#ifndef RELAYGUARD_CONF_DOMAININDEX_H
#define RELAYGUARD_CONF_DOMAININDEX_H

#include "base/report.h"
#include "verdict/policy.h"

struct domain_index;

/* An empty index; NULL when memory is out. */
struct domain_index *domain_index_new(struct report *);
void domain_index_free(struct domain_index *);

/* A policy is for the domain of its name. */
void domain_index_add(struct domain_index *, const struct policy *, const struct place *);

/* A policy is for the domains of a file, one a line; # begins a comment.  at is
 * where the file is named; the path is borrowed.  What is wrong in the file is a
 * mistake there.
 */
void domain_index_read(
    struct domain_index *, const struct policy *, const char *path, const struct place *at);

/* Give each its domains.  That two policies are for one domain is a mistake. */
void domain_index_settle(struct domain_index *, struct policies *);

#endif
