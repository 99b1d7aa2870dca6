/* SPDX-License-Identifier: BSD-2-Clause */
/* web/listed.h - what lists say, as tables.  Thread of the reader's. */
#ifndef RELAYGUARD_WEB_LISTED_H
#define RELAYGUARD_WEB_LISTED_H

#include <jansson.h>

#include "web/view.h"

/* The rows of one list, of a table that is open: its name, what it says, then and now; where
 * others spoke, too, that this one decided. */
void listed_rows(struct view *, const json_t *list, bool others);

/* A list of links and words: the lists of a decision or an address but that one, which may
 * be NULL.  How many they are. */
unsigned listed_others(struct view *, const json_t *lists, const json_t *but);

/* How many of the lists hold the address now. */
unsigned listed_count(const json_t *lists);

/* The name of the category of a list in the reader's language; "": none of ours. */
const char *listed_category(const struct view *, const json_t *list);

/* A link, in those words, to the page where one gets off a list or the deny set; nothing, if
 * there is none. */
void listed_link(struct view *, const json_t *listed, enum word text);

/* That of a list, where it may hold somebody still. */
void listed_removal(struct view *, const json_t *list);

#endif
