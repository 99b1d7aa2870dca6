/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/inheritance.c - whom a policy inherits from, and by whose word it goes.  A word
 * counts where it was written first on the way up.
 */
#include "config.h"

#include "conf/inheritance.h"

#include <string.h>

const struct section *
inheritance_parent(const struct section *file, const struct section *policy)
{
	const char *title = section_text(policy, "inherit");

	return title != NULL ? section_find(file, "policy", title) : NULL;
}

void
inheritance_find(struct inheritance *inheritance, const struct section *file,
    const struct section *policy, struct report *report)
{
	const char *title = section_text(policy, "inherit");
	const struct section *up = inheritance_parent(file, policy);
	struct place place = section_place(policy, "inherit");

	*inheritance = (struct inheritance){.n = 1, .sec[0] = policy};
	if (title != NULL && up == NULL)
		report_mistake(report, &place, "inherit: there is no policy \"%s\"", title);
	for (; up != NULL && up != policy && inheritance->n < INHERITANCE_MAX;
	     up = inheritance_parent(file, up))
		inheritance->sec[inheritance->n++] = up;
	if (up == policy)
		report_mistake(report, &place, "inherit: goes round in a circle");
	else if (up != NULL)
		report_mistake(report, &place,
		    "inherit: leads into a circle, or over more than %d policies",
		    INHERITANCE_MAX);
}

/* Whether the way up comes to an end. */
static bool
has_end(const struct section *file, const struct section *policy)
{
	for (unsigned i = 0; policy != NULL && i < INHERITANCE_MAX; i++)
		policy = inheritance_parent(file, policy);
	return policy == NULL;
}

/* The next on the way up that has the word, or NULL. */
static const struct section *
find_above(const struct section *file, const struct section *policy, const char *word)
{
	const struct section *up = inheritance_parent(file, policy);

	while (up != NULL && !section_word(up, word)->set)
		up = inheritance_parent(file, up);
	return up;
}

/* Join the words of a policy, whose way up has an end, after those of the ones above. */
static bool
join_words(struct section *file, struct section *policy)
{
	const struct section *up = inheritance_parent(file, policy);

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
inheritance_join(struct section *file)
{
	for (size_t i = 0; i < file->nsections; i++) {
		struct section *sec = &file->sections[i];
		const struct section *up =
		    strcmp(sec->kind, "policy") == 0 ? inheritance_parent(file, sec) : NULL;

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
inheritance_pick(const struct inheritance *inheritance, const char *word)
{
	for (unsigned i = 0; i < inheritance->n; i++)
		if (section_word(inheritance->sec[i], word)->set)
			return inheritance->sec[i];
	return inheritance->sec[0];
}

bool
inheritance_own(const struct inheritance *inheritance, const char *word)
{
	return inheritance_pick(inheritance, word) == inheritance->sec[0];
}

int64_t
inheritance_number(const struct inheritance *inheritance, const char *word)
{
	return section_number(inheritance_pick(inheritance, word), word);
}

struct place
inheritance_place(const struct inheritance *inheritance, const char *word)
{
	return section_place(inheritance_pick(inheritance, word), word);
}
