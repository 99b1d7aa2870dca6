/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/words.c - getopt_long(3) would need a table beside that of the verbs. */
#include "config.h"

#include "ctl/words.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"

bool
words_is_option(const char *word)
{
	return ascii_take(&word, "--");
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
take_one(char *const **at, const struct words_option *option)
{
	while (option->name != NULL && !words_is(**at, option->name))
		option++;
	return option->name != NULL && (*option->value = words_value(at)) != NULL;
}

bool
words_take(char *const **at, const struct words_option *options)
{
	for (; **at != NULL && words_is_option(**at); ++*at) {
		if (strcmp(**at, "--") == 0) {
			++*at;
			break;
		}
		if (!take_one(at, options))
			return false;
	}
	return true;
}

bool
words_number(const char *text, int64_t max, int64_t *out)
{
	*out = number_plain(&text, max);
	return *out > 0 && *text == '\0';
}
