/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/jsonline.c - lines without blanks. */
#include "config.h"

#include "ctl/jsonline.h"

#define FORMAT 1

static bool
put(FILE *out, json_t *line)
{
	bool good = line != NULL && json_dumpf(line, out, JSON_COMPACT) == 0;

	if (good)
		fputc('\n', out);
	json_decref(line);
	return good;
}

bool
jsonline_data(FILE *out, const char *verb, json_t *data)
{
	return put(
	    out, json_pack("{s:i, s:s, s:o}", "format", FORMAT, "verb", verb, "data", data));
}

bool
jsonline_end(FILE *out, int status)
{
	return put(out, json_pack("{s:b, s:i}", "end", 1, "status", status));
}
