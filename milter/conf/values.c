/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/values.c - values of a configuration, taken out of its sections: what they are
 * made into lives longer than those do.
 */
#include "config.h"

#include "conf/values.h"

#include <string.h>

#include "base/textfile.h"

#define WHY_MAX 300

char *
values_copy(const char *text, struct report *report)
{
	char *new = text != NULL ? strdup(text) : NULL;

	if (text != NULL && new == NULL)
		report_no_memory(report);
	return new;
}

/* How many values of a word are to be read; a mistake where there are more. */
static size_t
count(const struct word *word, size_t max, struct report *report)
{
	if (word->n <= max)
		return word->n;
	report_mistake(
	    report, &word->values[max].place, "%s: %zu at most", word->keyword->name, max);
	return max;
}

void
values_servers(char **out, const struct section *sec, struct report *report)
{
	const struct word *word = section_word(sec, "servers");
	size_t n = count(word, SERVERS_MAX, report);

	for (size_t i = 0; i < n; i++)
		out[i] = values_copy(word->values[i].text, report);
}

unsigned
values_networks(struct network *out, size_t max, const struct word *word, network_reader *read,
    struct report *report)
{
	size_t values = count(word, max, report);
	char why[WHY_MAX];
	unsigned n = 0;

	/* What is no network has been said. */
	for (size_t i = 0; i < values; i++)
		n += read(&out[n], word->values[i].text, why, sizeof(why));
	return n;
}

bool
values_secret(
    const struct section *sec, const char *word, char *out, size_t size, struct report *report)
{
	struct place place = section_place(sec, word);
	const char *path = section_text(sec, word);
	char why[WHY_MAX];

	/* What is no path has been said, but not what it is: it may be the secret. */
	if (!keyword_check(section_word(sec, word)->keyword, path, why, sizeof(why)))
		return false;
	if (textfile_secret(path, out, size, why, sizeof(why)))
		return true;
	report_mistake(report, &place, "%s: %s: %s", word, path, why);
	return false;
}
