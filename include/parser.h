/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * parser.h - a configuration file, taken apart.  Rank 5; may block on files, one
 * thread at a time in the process.
 */
#ifndef RELAYGUARD_PARSER_H
#define RELAYGUARD_PARSER_H

#include "report.h"
#include "section.h"

/*
 * Read a file into a section, which has been begun: of kind "root" it may hold
 * everything, of kind "registry" lists only.  Mistakes go to the report; after one
 * the section does not hold the whole file.
 */
void parser_read(struct section *, const char *path, struct report *);

#endif
