/* SPDX-License-Identifier: BSD-2-Clause */
/* data/dataformat.c - a table. */
#include "config.h"

#include "data/dataformat.h"

#include <assert.h>
#include <string.h>

static const char *const names[DATA_FORMATS] = {
    [DATA_IP4SET] = "ip4set",
    [DATA_IP4TRIE] = "ip4trie",
    [DATA_IP4TSET] = "ip4tset",
    [DATA_IP6TRIE] = "ip6trie",
    [DATA_IP6TSET] = "ip6tset",
    [DATA_DNSET] = "dnset",
    [DATA_GENERIC] = "generic",
    [DATA_COMBINED] = "combined",
    [DATA_CIDR] = "cidr",
};

const char *
data_format_name(enum data_format format)
{
	assert(format < DATA_FORMATS);
	return names[format];
}

enum data_format
data_format_parse(const char *name)
{
	unsigned i;

	for (i = 0; i < DATA_FORMATS; i++)
		if (strcmp(names[i], name) == 0)
			break;
	return (enum data_format)i;
}
