/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/places.h - in which lines a section and its words were written: what is kept of that
 * when the section is gone, in little room, for there may be very many.  Pure.
 */
#ifndef RELAYGUARD_CONF_PLACES_H
#define RELAYGUARD_CONF_PLACES_H

#include <limits.h>

#include "conf/section.h"
#include "verdict/policy.h"

struct places;

/* The places in a section: one piece of memory, to be freed by free().  NULL: memory is
 * out. */
struct places *places_new(const struct section *);

/* The line where the section begins; 0: there is none. */
unsigned places_begin(const struct places *);

/* The line of a value of a word of that kind of section, the first one being 0; of a word
 * that was written without a value, that of the section.  0: it was not written. */
unsigned places_line(const struct places *, const char *kind, const char *word, unsigned value);

/* The same for a policy, or the first that it inherits from and that has the word: *owner. */
unsigned places_policy_line(
    const struct policy *, const char *word, unsigned value, const struct policy **owner);

#define PLACES_TEXT_SIZE (PATH_MAX + 16)

/* Write "file:line" into out, or "default" for line 0; returns out. */
const char *places_text(char out[PLACES_TEXT_SIZE], const char *file, unsigned line);

#endif
