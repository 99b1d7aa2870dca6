/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/words.c - getopt_long(3) would need a table beside that of the verbs. */
#include "config.h"

#include "ctl/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"

bool
words_is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0'; /* "-" is a file */
}

bool
words_wrong(const char *verb, const char *word, const char *why)
{
	fprintf(stderr, "relayguardctl: %s: %s%s%s\n", verb, word != NULL ? word : "",
	    word != NULL ? ": " : "", why);
	return false;
}

bool
words_is(const char *word, const char *name)
{
	return ascii_take(&word, "--") && ascii_take(&word, name) &&
	    (*word == '=' || *word == '\0');
}

const char *
words_value(char *const **at)
{
	const char *equals = strchr(**at, '=');

	if (equals != NULL)
		return equals + 1;
	return (*at)[1] != NULL ? *++*at : NULL;
}

/* False: there is none of that name, or it has no value. */
static bool
take_one(const char *verb, char *const **at, const struct words_option *option)
{
	const char *word = **at;

	while (option->name != NULL && !words_is(word, option->name))
		option++;
	if (option->name == NULL)
		return words_wrong(verb, word, WORDS_NO_OPTION);
	if ((*option->value = words_value(at)) == NULL)
		return words_wrong(verb, word, WORDS_NO_VALUE);
	return true;
}

bool
words_take(const char *verb, char *const **at, const struct words_option *options)
{
	for (; **at != NULL && words_is_option(**at); ++*at) {
		if (strcmp(**at, "--") == 0) {
			++*at;
			break;
		}
		if (!take_one(verb, at, options))
			return false;
	}
	return true;
}

bool
words_number(const char *verb, const char *option, const char *text, int64_t max, int64_t *out)
{
	char why[64];
	const char *rest = text;

	*out = number_plain(&rest, max);
	if (*out > 0 && *rest == '\0')
		return true;
	(void)snprintf(why, sizeof(why), "must be a number from 1 to %" PRId64, max);
	return words_wrong(verb, option, why);
}
