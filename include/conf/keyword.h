/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/keyword.h - every word of the configuration, and what its value must be.
 * Pure.
 */
#ifndef RELAYGUARD_CONF_KEYWORD_H
#define RELAYGUARD_CONF_KEYWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/setting.h"
#include "conf/checker.h"

/* A word: its value is read where it is a number of some kind, else checked. */
struct keyword {
	const char *section; /* "root" is the file itself */
	const char *name;    /* NULL: the section's title */
	const char *def;     /* as it would be written; of a list, in braces; or NULL */
	bool list;
	checker *check;
	setting_reader *read;
	int64_t min, max;
};

/* The words one after the other, section by section; NULL past the last one. */
const struct keyword *keyword_at(size_t i);

/* The word of that section; name NULL: what the title must be.  NULL: none. */
const struct keyword *keyword_find(const char *section, const char *name);

/* Whether its values are files that are read when the configuration is. */
bool keyword_is_file(const struct keyword *);

/* Whether its values may be shown, even wrong ones: none of them holds a secret. */
bool keyword_is_telling(const struct keyword *);

/* Whether text is a value for it.  False: a sentence in why. */
bool keyword_check(const struct keyword *, const char *text, char *why, size_t whysize);

/* The number that text means, or its default where text is NULL or wrong. */
int64_t keyword_number(const struct keyword *, const char *text);

#endif
