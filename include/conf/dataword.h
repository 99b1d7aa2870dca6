/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/dataword.h - where a list's data is, as the configuration has it.  Pure.
 */
#ifndef RELAYGUARD_CONF_DATAWORD_H
#define RELAYGUARD_CONF_DATAWORD_H

#include <stdbool.h>
#include <stddef.h>

#include "data/datafile.h"

#define DATAWORD_PATH_MAX 200 /* bytes of the path of a file */
#define DATAWORD_SIZE (DATA_FILES_MAX * (DATAWORD_PATH_MAX + 1) + 128)

struct dataword {
	struct data_source source; /* its texts are those below */
	char text[DATAWORD_SIZE];
};

/*
 * Read "ip4set:/path", "dnset:/path,/another", "combined@subzone:/path", or a path alone, which
 * is of plain networks.  False: a sentence in why.
 */
bool dataword_parse(struct dataword *, const char *text, char *why, size_t whysize);

#endif
