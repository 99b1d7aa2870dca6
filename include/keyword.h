/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyword.h - every word of the configuration, and what its value must be.
 * Rank 5; pure.
 */
#ifndef RELAYGUARD_KEYWORD_H
#define RELAYGUARD_KEYWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipaddr.h"
#include "setting.h"

#define KEYWORD_LABEL_MAX 64 /* bytes of the name of a list */
#define KEYWORD_KEY_MAX 63   /* of a key: one label in DNS */

/* 32 nibbles come before a zone. */
#define KEYWORD_ZONE_MAX (SETTING_DOMAIN_MAX - IPADDR_LABELS)

/* What stands for the key in a zone. */
#define KEYWORD_KEY "%{key}"

typedef bool keyword_checker(const char *text, char *why, size_t whysize);

/* A word: its value is read where it is a number of some kind, else checked. */
struct keyword {
	const char *section; /* "root" is the file itself */
	const char *name;    /* NULL: the section's title */
	const char *def;     /* as it would be written; of a list, in braces; or NULL */
	bool list;
	keyword_checker *check;
	setting_reader *read;
	int64_t min, max;
};

/* The words one after the other, section by section; NULL past the last one. */
const struct keyword *keyword_at(size_t i);

/* The word of that section; name NULL: what the title must be.  NULL: none. */
const struct keyword *keyword_find(const char *section, const char *name);

/* Whether its values are files that are read when the configuration is. */
bool keyword_is_file(const struct keyword *);

/* Whether text is a value for it.  False: a sentence in why. */
bool keyword_check(const struct keyword *, const char *text, char *why, size_t whysize);

/* The number that text means, or its default where text is NULL or wrong. */
int64_t keyword_number(const struct keyword *, const char *text);

/*
 * Write the zone with the key in its place and without a last dot.  False where
 * that is no name of a zone; why never quotes it.
 */
bool keyword_zone(const char *zone, const char *key, char out[KEYWORD_ZONE_MAX + 2], char *why,
    size_t whysize);

/* Take "label*2" apart; without a weight it is 1.  False: a sentence in why. */
bool keyword_vote(const char *text, char label[KEYWORD_LABEL_MAX + 1], int64_t *weight,
    char *why, size_t whysize);

#endif
