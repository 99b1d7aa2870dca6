/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/phrases.h - what the pages say, in each language: folders of plain text files, read once.
 *
 * FOLDER/LANGUAGE/page.txt has the words, terms.txt the name of each topic, and TOPIC.txt the
 * page about it.  A line is "key: text"; one that begins with a blank goes on with it, begins
 * a new paragraph after an empty line, and is an item of a list where it begins with "- ".
 * What # begins is a comment.  English is what all others are measured by.
 */
#ifndef RELAYGUARD_WEB_PHRASES_H
#define RELAYGUARD_WEB_PHRASES_H

#include <stdbool.h>
#include <stddef.h>

#include "web/topic.h"
#include "web/words.h"

#define PHRASES_LANGUAGES 32 /* at most */
#define PHRASES_ENGLISH 0    /* the number of English */

struct phrases;

/*
 * Read them, and FOLDER/style.css.  NULL: a file cannot be read or is not in UTF-8, a key is
 * missing, unknown or there twice, a translation has other blanks than English has, or a file
 * speaks of another topic than its name does; a sentence in why.  May block on files.
 */
struct phrases *phrases_load(const char *folder, char *why, size_t whysize);
void phrases_free(struct phrases *);

/* The languages' tags, English first and the others in order, and how many there are. */
const char *const *phrases_tags(const struct phrases *, unsigned *n);

/* Words, the name of a topic, and a part of its page, in the language of that number.
 * Paragraphs and items of a list are on lines of their own; these begin with "- ". */
const char *phrases_word(const struct phrases *, unsigned language, enum word);
const char *phrases_term(const struct phrases *, unsigned language, enum topic);
const char *phrases_part(const struct phrases *, unsigned language, enum topic, enum part);

/* The stylesheet. */
const char *phrases_style(const struct phrases *);

#endif
