/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/inheritance.h - a policy and those that it inherits from.  Pure.
 */
#ifndef RELAYGUARD_CONF_INHERITANCE_H
#define RELAYGUARD_CONF_INHERITANCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/report.h"
#include "conf/section.h"

#define INHERITANCE_MAX 16

struct inheritance {
	unsigned n;                                 /* 1 at least */
	const struct section *sec[INHERITANCE_MAX]; /* the policy itself first */
};

/* The policy of a file that one inherits from; NULL: none, or none that is there. */
const struct section *inheritance_parent(
    const struct section *file, const struct section *policy);

/* Find the inheritance of a policy of a file; mistakes in its own inherit go to the
 * report. */
void inheritance_find(struct inheritance *, const struct section *file,
    const struct section *policy, struct report *);

/*
 * Let each word that adds values by += add to those of the next policy on the way up
 * that has the word; where none has, to the default ones, as it does already.  True, but
 * where memory is out.
 */
bool inheritance_join(struct section *file);

/* The section whose word counts. */
const struct section *inheritance_pick(const struct inheritance *, const char *word);

/* Whether it is the policy itself. */
bool inheritance_own(const struct inheritance *, const char *word);

/* As section_number() and section_place() of that one. */
int64_t inheritance_number(const struct inheritance *, const char *word);
struct place inheritance_place(const struct inheritance *, const char *word);

#endif
