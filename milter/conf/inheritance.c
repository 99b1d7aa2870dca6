/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/inheritance.c - whom a policy inherits from, and by whose word it goes.  A word
 * counts where it was written first on the way up.
 */
#include "config.h"

#include "conf/inheritance.h"

#include <string.h>

/* The policy that one inherits from; NULL: none, or none that is there. */
static const struct section *
parent_of(const struct section *file, const struct section *policy)
{
	const char *title = section_text(policy, "inherit");

	return title != NULL ? section_find(file, "policy", title) : NULL;
}

void
lineage_find(struct lineage *lineage, const struct section *file, const struct section *policy,
    struct report *report)
{
	const char *title = section_text(policy, "inherit");
	const struct section *up = parent_of(file, policy);
	struct place place = section_place(policy, "inherit");

	*lineage = (struct lineage){.n = 1, .sec[0] = policy};
	if (title != NULL && up == NULL)
		report_mistake(report, &place, "inherit: there is no policy \"%s\"", title);
	for (; up != NULL && up != policy && lineage->n < LINEAGE_MAX; up = parent_of(file, up))
		lineage->sec[lineage->n++] = up;
	if (up == policy)
		report_mistake(report, &place, "inherit: goes round in a circle");
	else if (up != NULL)
		report_mistake(report, &place,
		    "inherit: leads into a circle, or over more than %d policies", LINEAGE_MAX);
}

/* Whether the way up comes to an end. */
static bool
has_end(const struct section *file, const struct section *policy)
{
	for (unsigned i = 0; policy != NULL && i < LINEAGE_MAX; i++)
		policy = parent_of(file, policy);
	return policy == NULL;
}

/* The next on the way up that has the word, or NULL. */
static const struct section *
find_above(const struct section *file, const struct section *policy, const char *word)
{
	const struct section *up = parent_of(file, policy);

	while (up != NULL && !section_word(up, word)->set)
		up = parent_of(file, up);
	return up;
}

/* Join the words of a policy, whose way up has an end, after those of the ones above. */
static bool
join_words(struct section *file, struct section *policy)
{
	const struct section *up = parent_of(file, policy);

	if (up == NULL)
		return true;
	if (!join_words(file, &file->sections[up - file->sections]))
		return false;
	for (size_t i = 0; i < policy->nwords; i++) {
		const char *word = policy->words[i].keyword->name;
		const struct section *from =
		    policy->words[i].added ? find_above(file, policy, word) : NULL;

		if (from != NULL && !section_join(policy, word, from))
			return false;
	}
	return true;
}

bool
lineage_join(struct section *file)
{
	for (size_t i = 0; i < file->nsections; i++) {
		struct section *sec = &file->sections[i];
		const struct section *up =
		    strcmp(sec->kind, "policy") == 0 ? parent_of(file, sec) : NULL;

		if (up != NULL)
			file->sections[up - file->sections].inherited = true;
		/* Where there is no end, there is a mistake, which is told later. */
		if (strcmp(sec->kind, "policy") == 0 && has_end(file, sec) &&
		    !join_words(file, sec))
			return false;
	}
	return true;
}

const struct section *
lineage_pick(const struct lineage *lineage, const char *word)
{
	for (unsigned i = 0; i < lineage->n; i++)
		if (section_word(lineage->sec[i], word)->set)
			return lineage->sec[i];
	return lineage->sec[0];
}

bool
lineage_own(const struct lineage *lineage, const char *word)
{
	return lineage_pick(lineage, word) == lineage->sec[0];
}

const char *
lineage_text(const struct lineage *lineage, const char *word)
{
	return section_text(lineage_pick(lineage, word), word);
}

int64_t
lineage_number(const struct lineage *lineage, const char *word)
{
	return section_number(lineage_pick(lineage, word), word);
}

struct place
lineage_place(const struct lineage *lineage, const char *word)
{
	return section_place(lineage_pick(lineage, word), word);
}
