/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/words.c - getopt_long(3) would need a table beside that of the verbs. */
#include "config.h"

#include "ctl/words.h"

#include <string.h>

#include "base/ascii.h"

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
