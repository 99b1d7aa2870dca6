/* SPDX-License-Identifier: BSD-2-Clause */
/* web/words.c - the keys. */
#include "config.h"

#include "web/words.h"

#include <string.h>

#include "base/ascii.h"

const char *
word_key(enum word w)
{
	static const char *const keys[] = {
#define X(id, key) key,
	    WORD_TABLE(X)
#undef X
	};

	return keys[w];
}

const char *
part_key(enum part p)
{
	static const char *const keys[] = {
#define X(id, key) key,
	    PART_TABLE(X)
#undef X
	};

	return keys[p];
}

enum slot
slot_take(const char **at)
{
	static const char *const keys[] = {
#define X(id, key) "%{" key "}",
	    SLOT_TABLE(X)
#undef X
	};
	unsigned s = 0;

	while (s < SLOT_MAX && !ascii_take(at, keys[s]))
		s++;
	return (enum slot)s;
}
