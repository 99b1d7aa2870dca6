/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/domainset.h - a set of domains, 100,000 of them, each with a value and a line.
 *
 * Built once by one thread, sealed, then read by any number of them.  A name
 * that begins with a dot means all that is below it.
 */
#ifndef RELAYGUARD_BASE_DOMAINSET_H
#define RELAYGUARD_BASE_DOMAINSET_H

#include <stdbool.h>
#include <stddef.h>

struct domainset;

/* A name as it was added. */
struct domainset_entry {
	const char *name; /* of len bytes, without a NUL; lives as long as the set */
	unsigned len;
	unsigned line; /* where it was written; 0: nowhere */
	const void *value;
};

/* An empty set; NULL when memory is out. */
struct domainset *domainset_new(void);
void domainset_free(struct domainset *);

/*
 * Add a name, "example.org" or ".example.org"; it is copied, its case and last
 * dot do not count, and UTF-8 stands for A-labels.  The value is borrowed and may be NULL.
 * False: memory is out, or it is longer than any domain.
 */
bool domainset_add(struct domainset *, const char *name, const void *value, unsigned line);

/* End the building.  Of two equal names the first one stays.  Only now may the
 * set be searched. */
void domainset_seal(struct domainset *);

size_t domainset_count(const struct domainset *);

/* Number i of a sealed set, in no useful order. */
struct domainset_entry domainset_at(const struct domainset *, size_t i);

/*
 * Find the domain, else its longest parent with a dot in front: *entry, if it is
 * not NULL.  False: neither is there.
 */
bool domainset_find(
    const struct domainset *, const char *domain, struct domainset_entry *entry);

#endif
