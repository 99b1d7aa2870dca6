/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lists.h - the lists that two files tell of, and which of them are used.
 * May block on files, one thread at a time.
 */
#ifndef RELAYGUARD_CONF_LISTS_H
#define RELAYGUARD_CONF_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/section.h"
#include "lists/listing.h"

struct lists;

/* Where the listings of a label are in the roster. */
struct listed {
	unsigned first, n;
};

/*
 * All lists of the file and the registry (which may be NULL), none of them used
 * yet.  All is borrowed.  NULL, and a mistake: memory is out.
 */
struct lists *lists_new(struct roster *, const struct section *file,
    const struct section *registry, struct report *);
void lists_free(struct lists *);

/*
 * Put the list of that label into the roster, if it is not there yet.  False, and
 * a mistake once at least: it is not known, dead, or no good.
 */
bool lists_use(struct lists *, const char *label, const struct place *vote, struct listed *out);

/* Whether it is in the roster, or may still come there. */
bool lists_is_good(const struct lists *, const char *label);

/* What the files say of a list; NULL past the last one, or where it is not known. */
const struct layers *lists_at(const struct lists *, size_t i);
const struct layers *lists_layers(const struct lists *, const char *label);

/* Whether whatever is on the other list is on this one, too. */
bool lists_contains(const struct lists *, const char *label, const char *other);

#endif
