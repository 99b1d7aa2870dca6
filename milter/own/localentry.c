/* SPDX-License-Identifier: BSD-2-Clause */
/* own/localentry.c - the names of reasons. */
#include "config.h"

#include "own/localentry.h"

#include <string.h>

static const char *const names[LOCAL_REASONS] = {
    [LOCAL_PROBE] = "probe",
    [LOCAL_TRAP] = "trap",
    [LOCAL_DICTIONARY] = "dictionary",
    [LOCAL_BACKSCATTER] = "backscatter",
    [LOCAL_NOMINATED] = "nominated",
    [LOCAL_HELO] = "helo",
};

const char *
local_reason_name(enum local_reason reason)
{
	return names[reason];
}

enum local_reason
local_reason_parse(const char *name)
{
	unsigned i = 0;

	while (i < LOCAL_REASONS && strcmp(name, names[i]) != 0)
		i++;
	return (enum local_reason)i;
}
