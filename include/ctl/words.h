/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/words.h - options behind a verb: "--name value" and "--name=value", and what is said of a
 * wrong word, as one line on stderr.  Any thread; never blocks on more than stderr.
 */
#ifndef RELAYGUARD_CTL_WORDS_H
#define RELAYGUARD_CTL_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#define WORDS_NO_OPTION "no such option"
#define WORDS_NO_VALUE "needs a value"
#define WORDS_TOO_MANY "one word too many"
#define WORDS_TOO_FEW "a word is missing"

/* Say what is wrong with a word of a verb, or, where it is NULL, with all; always false. */
bool words_wrong(const char *verb, const char *word, const char *why);

/* Whether a word is an option at all, and whether it is that one. */
bool words_is_option(const char *word);
bool words_is(const char *word, const char *name);

/*
 * The value of the option that stands at *at, where *at is left at its last word; NULL: there
 * is none.  Borrowed.
 */
const char *words_value(char *const **at);

/* An option that has a value, and where that goes; a NULL for a name ends them. */
struct words_option {
	const char *name;
	const char **value;
};

/* Take the options at the beginning, up to "--", where *at is left behind them.  False: one is
 * not known, or has no value, which is said. */
bool words_take(const char *verb, char *const **at, const struct words_option *);

/* The value of an option, a number from 1 to max; false: it is none, which is said. */
bool words_number(
    const char *verb, const char *option, const char *text, int64_t max, int64_t *out);

#endif
