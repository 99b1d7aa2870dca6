/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/values.h - values of a configuration, taken out of its sections.  May
 * block on files.
 */
#ifndef RELAYGUARD_CONF_VALUES_H
#define RELAYGUARD_CONF_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "conf/section.h"
#include "lists/listing.h"

/* A copy of a text; NULL of NULL, and, with a mistake, where memory is out. */
char *values_copy(const char *text, struct report *);

/* Copy a word's values into out, which has room for SERVERS_MAX and a NULL. */
void values_servers(char **out, const struct section *, struct report *);

/* As prefix_parse() and nat64_parse() are. */
typedef bool network_reader(struct network *, const char *text, char *why, size_t whysize);

/* Read the networks of a word, at most max of them; how many there are. */
unsigned values_networks(
    struct network *out, size_t max, const struct word *, network_reader *, struct report *);

/*
 * Read the secret in the file that a word names.  False, and a mistake at that
 * word, where that cannot be done; without one where the word is wrong.
 */
bool values_secret(
    const struct section *, const char *word, char *out, size_t size, struct report *);

#endif
