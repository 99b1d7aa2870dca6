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

#define LINEAGE_MAX 16

struct lineage {
	unsigned n;                             /* 1 at least */
	const struct section *sec[LINEAGE_MAX]; /* the policy itself first */
};

/* Find the lineage of a policy of a file; mistakes in its own inherit go to the
 * report. */
void lineage_find(struct lineage *, const struct section *file, const struct section *policy,
    struct report *);

/*
 * Let each word that adds values by += add to those of the next policy on the way up
 * that has the word; where none has, to the default ones, as it does already.  True, but
 * where memory is out.
 */
bool lineage_join(struct section *file);

/* The section whose word counts. */
const struct section *lineage_pick(const struct lineage *, const char *word);

/* Whether it is the policy itself. */
bool lineage_own(const struct lineage *, const char *word);

/* As section_text(), section_number() and section_place() of that one. */
const char *lineage_text(const struct lineage *, const char *word);
int64_t lineage_number(const struct lineage *, const char *word);
struct place lineage_place(const struct lineage *, const char *word);

#endif
