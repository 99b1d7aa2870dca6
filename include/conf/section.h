/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/section.h - a configuration file as it was written: sections, words, values,
 * and the line of each.  Pure, but for the file of a secret.
 */
#ifndef RELAYGUARD_CONF_SECTION_H
#define RELAYGUARD_CONF_SECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/report.h"
#include "conf/keyword.h"

struct value {
	char *text;
	struct place place;
	bool inherited; /* it came by section_join(), and has been told about there */
};

struct word {
	const struct keyword *keyword;
	bool set;   /* written in the file, even if with no value */
	bool added; /* by +=: the first ndefaults values are those that it adds to */
	unsigned ndefaults;
	unsigned n;
	struct value *values; /* of a list, the default ones where it is not set */
};

/* The line of a value; 0: it is there by default. */
unsigned word_line(const struct word *, unsigned value);

struct section {
	const char *kind; /* "root" is the file itself */
	char *title;      /* or NULL */
	struct place place;
	bool inherited; /* a policy that another one inherits from */
	unsigned nwords;
	size_t nsections;
	struct word *words; /* every one of its kind, once */
	struct section *sections;
	const struct section **index; /* of them, by kind and title; or NULL */
};

/*
 * Begin a section; a kind that has no words is borrowed.  False when memory is out, with it good
 * for section_clear() alone, as after every false of these functions.
 */
bool section_init(struct section *, const char *kind, const char *title, const struct place *);

/* Add a value to a word of its kind. */
bool section_add(struct section *, const char *word, const char *text, const struct place *);

/* Say that a word was written. */
void section_mark(struct section *, const char *word);

/* Say that what its word has up to now is what the values that follow are added to. */
void section_extend(struct section *, const char *word);

/*
 * Resolve += of a word: its values come behind those that it has in another section, from
 * which this one inherits.  A word without += is left as it is.
 */
bool section_join(struct section *, const char *word, const struct section *from);

/* Add a section in a section that has no index; NULL when memory is out.  What was returned
 * before is not good any more. */
struct section *section_enter(
    struct section *, const char *kind, const char *title, const struct place *);

/* There will be no more sections in this one: find them fast.  False: memory is out. */
bool section_index(struct section *);

/*
 * The next two sections in it that have the same kind and title, in the order of the
 * index; *at begins with 0.  False: there are no others.
 */
bool section_double(const struct section *, size_t *at, const struct section **first,
    const struct section **second);

/* Free what a section holds, but not the struct. */
void section_clear(struct section *);

/* Write a mistake for each title and value, here and below, that is none. */
void section_check(const struct section *, struct report *);

/* Call fn for each value, here and below, that is a file to be read. */
void section_files(const struct section *, void (*fn)(void *arg, const char *path), void *arg);

/* The word of that name, which must be one of its kind. */
const struct word *section_word(const struct section *, const char *name);

/* Its one value, or its default; NULL if there is none; as a number, the default if it is wrong. */
const char *section_text(const struct section *, const char *name);
int64_t section_number(const struct section *, const char *name);

/* Where it was written; the section's place if it was not. */
struct place section_place(const struct section *, const char *name);

/* The section of that kind and title in it; NULL: none, or NULL given. */
const struct section *section_find(const struct section *, const char *kind, const char *title);

/* A titled section as two files tell it: what own says goes before base. */
struct layers {
	const struct section *own, *base; /* one may be NULL */
};

/*
 * Lay the sections of a kind of two files over each other, by title; either
 * file may be NULL.  The array of *n is the caller's; NULL when memory is out.
 */
struct layers *layers_make(
    const struct section *own, const struct section *base, const char *kind, size_t *n);

/* Let words of such sections of a file, and of their answers, add to what a base has for
 * them: true, but where memory is out. */
bool layers_join(struct section *own, const struct section *base, const char *kind);

/* The first of the two. */
const struct section *layers_front(const struct layers *);

/* The one whose word counts. */
const struct section *layers_pick(const struct layers *, const char *word);

const char *layers_text(const struct layers *, const char *word);
int64_t layers_number(const struct layers *, const char *word);

/* A copy of a text; NULL of NULL, and, with a mistake, where memory is out. */
char *values_copy(const char *text, struct report *);

/* Copy a section's servers into out, which has room for SERVERS_MAX and a NULL. */
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
