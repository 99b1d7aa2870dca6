/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/parser.h - a configuration file, taken apart.  May block on files, one
 * thread at a time in the process.
 */
#ifndef RELAYGUARD_CONF_PARSER_H
#define RELAYGUARD_CONF_PARSER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/report.h"
#include "conf/section.h"

/*
 * Read a file into a section, which has been begun: of kind "root" it may hold
 * everything, of kind "registry" lists only.  Mistakes go to the report.  False: the
 * file could not be read to its end, or memory is out.  Words that are not known are
 * left out, so that what else is wrong can be told of, too.  *sum gets a checksum of the
 * text, where there is one; NULL: it is not wanted.
 */
bool parser_read(struct section *, const char *path, uint32_t *sum, struct report *);

/* The checksum of a file as it is now; false: it cannot be read.  Any thread. */
bool parser_sum(const char *path, uint32_t *sum);

#endif
