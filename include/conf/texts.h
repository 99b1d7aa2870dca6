/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/texts.h - own texts of refusals, each in a file of one folder.  May
 * block on files, one thread at a time.
 */
#ifndef RELAYGUARD_CONF_TEXTS_H
#define RELAYGUARD_CONF_TEXTS_H

#include "base/report.h"
#include "conf/section.h"
#include "lists/listing.h"

struct texts;

/*
 * Read the folder that the file names in "texts", if it does: files that are
 * called category.NAME, list.LABEL and policy.NAME, of something that there is in
 * the file or the registry.  Mistakes have the file and line of the text.  NULL,
 * and a mistake: memory is out.
 */
struct texts *texts_read(
    const struct section *file, const struct section *registry, struct report *);
void texts_free(struct texts *);

/* The text of a list or a policy, kind being "list" or "policy"; NULL: none. */
const char *texts_find(const struct texts *, const char *kind, const char *title);

/* Copy the texts of categories into out, where NULL stays for those without. */
void texts_categories(const struct texts *, char *out[CATEGORY_MAX], struct report *);

#endif
