/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/words.h - options behind a verb: "--name value" and "--name=value".  Pure.
 */
#ifndef RELAYGUARD_CTL_WORDS_H
#define RELAYGUARD_CTL_WORDS_H

#include <stdbool.h>

/* Whether a word is an option at all, and whether it is that one. */
bool words_is_option(const char *word);
bool words_is(const char *word, const char *name);

/*
 * The value of the option that stands at *at, where *at is left at its last word; NULL: there
 * is none.  Borrowed.
 */
const char *words_value(char *const **at);

#endif
