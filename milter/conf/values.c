/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/values.c - values of a configuration, taken out of its sections: what they are
 * made into lives longer than those do.
 */
#include "config.h"

#include "conf/values.h"

#include <string.h>

#include "base/prefix.h"
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

void
values_servers(char **out, const struct section *sec, struct report *report)
{
	const struct word *word = section_word(sec, "servers");

	for (size_t i = 0; i < word->n && i < SERVERS_MAX; i++)
		out[i] = values_copy(word->values[i].text, report);
	if (word->n > SERVERS_MAX)
		report_mistake(report, &word->values[SERVERS_MAX].place, "servers: %d at most",
		    SERVERS_MAX);
}

unsigned
values_canaries(
    struct network out[CANARY_NETS_MAX], const struct section *sec, struct report *report)
{
	const struct word *word = section_word(sec, "canary");
	char why[WHY_MAX];
	unsigned n = 0;

	/* What is no network has been said. */
	for (size_t i = 0; i < word->n && i < CANARY_NETS_MAX; i++)
		n += prefix_parse(&out[n], word->values[i].text, why, sizeof(why));
	if (word->n > CANARY_NETS_MAX)
		report_mistake(report, &word->values[CANARY_NETS_MAX].place,
		    "canary: %d at most", CANARY_NETS_MAX);
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
