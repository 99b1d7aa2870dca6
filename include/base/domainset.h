/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/domainset.h - a set of domains, 100,000 of them, each with a value.
 *
 * Built once by one thread, sealed, then read by any number of them.  A name
 * that begins with a dot means all that is below it.
 */
#ifndef RELAYGUARD_BASE_DOMAINSET_H
#define RELAYGUARD_BASE_DOMAINSET_H

#include <stdbool.h>
#include <stddef.h>

struct domainset;

/* An empty set; NULL when memory is out. */
struct domainset *domainset_new(void);
void domainset_free(struct domainset *);

/*
 * Add a name, "example.org" or ".example.org"; it is copied, its case and last
 * dot do not count, and UTF-8 stands for A-labels.  The value is borrowed and may be NULL.  False: memory is
 * out, or it is longer than any domain.
 */
bool domainset_add(struct domainset *, const char *name, const void *value);

/* End the building.  Of two equal names the first one stays.  Only now may the
 * set be searched. */
void domainset_seal(struct domainset *);

size_t domainset_count(const struct domainset *);

/*
 * Find the domain, else its longest parent with a dot in front.  *value, if it is
 * not NULL, gets what was added with it.  False: neither is there.
 */
bool domainset_find(const struct domainset *, const char *domain, const void **value);

#endif
