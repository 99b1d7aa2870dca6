/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/words.h - options behind a verb: "--name value" and "--name=value".  Pure.
 */
#ifndef RELAYGUARD_CTL_WORDS_H
#define RELAYGUARD_CTL_WORDS_H

#include <stdbool.h>
#include <stdint.h>

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
 * not known, or has no value. */
bool words_take(char *const **at, const struct words_option *);

/* A number from 1 to max; false: it is none. */
bool words_number(const char *text, int64_t max, int64_t *out);

#endif
