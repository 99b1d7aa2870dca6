/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.h - the lists and policies that a configuration asks for.  Rank 5; may
 * block on files, one thread at a time.
 */
#ifndef RELAYGUARD_RULES_H
#define RELAYGUARD_RULES_H

#include <stdbool.h>

#include "listing.h"
#include "policy.h"
#include "section.h"

struct rules {
	struct roster *roster;
	struct policies *policies;
};

/*
 * Build policies from the file, and a roster of the lists they name from the
 * file and the registry (which may be NULL); shadow: all policies only watch.
 * Mistakes and warnings go to the report.  Both parts are the caller's, whether
 * there were mistakes or not; one is NULL where memory is out.
 */
void rules_build(struct rules *, const struct section *file, const struct section *registry,
    bool shadow, struct report *);

/* Copy a word's values into out, which has room for SERVERS_MAX and a NULL. */
void rules_servers(char **out, const struct section *, struct report *);

/*
 * Read the secret in the file that a word names.  False, and a mistake at that
 * word, where that cannot be done.
 */
bool rules_secret(
    const struct section *, const char *word, char *out, size_t size, struct report *);

#endif
