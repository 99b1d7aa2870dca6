/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/datarules.h - lists whose entries are in files here: where these are, and what there is
 * to be said of them.  One thread at a time.
 */
#ifndef RELAYGUARD_CONF_DATARULES_H
#define RELAYGUARD_CONF_DATARULES_H

#include <stdbool.h>

#include "conf/section.h"
#include "lists/listing.h"

/* Whether files say of a list where its data is. */
bool datarules_given(const struct layers *);

/* Give a list its data, which nobody has looked at if it is new, or a mistake; nothing, if it
 * has none. */
void datarules_build(struct listing *, const struct layers *, struct report *);

/*
 * Look at the data of lists that nobody has looked at, and warn of what is wrong with it: mail
 * does not wait for it.  path: of the file; known: of the registry.  Blocks on files.
 */
void datarules_look(
    const struct roster *, const char *path, const char *known, struct report *);

/* Call fn for each file with data of a list. */
void datarules_files(const struct roster *, void (*fn)(void *arg, const char *path), void *arg);

#endif
