/* SPDX-License-Identifier: BSD-2-Clause */
/* test_names.c - names get numbers as they come, and there is an end of them. */
#include "config.h"

#include "ctl/names.h"

#include "tap.h"

int
main(void)
{
	struct names names = {.max = 4};
	char longest[NAMES_LEN_MAX + 1];

	memset(longest, 'x', sizeof(longest));
	same_num(names_number(&names, "mm", 2), 0, "the first");
	same_num(names_number(&names, "zzz", 2), 1, "a part of a text");
	same_num(names_number(&names, "a", 1), 2, "before all others");
	same_num(names_number(&names, "mm", 2), 0, "known");
	same_num(names_number(&names, "mmm", 3), 3, "longer than a known one");
	same_num(names_number(&names, "m", 1), -1, "no room");
	same_num(names_number(&names, "zz", 2), 1, "known, with no room");
	same_str(names.name[1], "zz", "its name");
	names_free(&names);
	same_num(names_number(&names, longest, NAMES_LEN_MAX + 1), -1, "too long");
	same_num(names_number(&names, longest, NAMES_LEN_MAX), 0, "the longest");
	names_free(&names);
	return done();
}
