/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportrouter.h - networks for routers.  Pure, but for the stream; one thread.
 */
#ifndef RELAYGUARD_OWN_EXPORTROUTER_H
#define RELAYGUARD_OWN_EXPORTROUTER_H

#include <stdbool.h>
#include <stdio.h>

#include "own/exportdocument.h"

/*
 * Named access lists of Cisco IOS for port 25, which permit all the rest; that rule comes
 * first and has the last number, so that a file that is cut shuts out nobody else.
 */
void exportrouter_ios(FILE *, const struct export_document *);

/* Read the network of a line of such lists; false: it has none. */
bool exportrouter_read_ios(const char *line, struct network *);

/* Commands for Junos: prefix lists and filters for port 25, which accept all the rest. */
void exportrouter_junos(FILE *, const struct export_document *);

/* Prefix lists of FRR, which permit what is listed, for a route map to match. */
void exportrouter_frr(FILE *, const struct export_document *);

/* Sets of prefixes for a filter of BIRD. */
void exportrouter_bird(FILE *, const struct export_document *);

#endif
