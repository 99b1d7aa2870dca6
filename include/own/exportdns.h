/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportdns.h - networks as zones: for rbldnsd, and as a response policy zone.  Pure, but
 * for the stream; one thread.
 */
#ifndef RELAYGUARD_OWN_EXPORTDNS_H
#define RELAYGUARD_OWN_EXPORTDNS_H

#include <stdbool.h>
#include <stdio.h>

#include "own/exportdocument.h"

/*
 * A file of rbldnsd's for a zone of type "combined": both families, a test entry of each code,
 * an end after which the zone is not answered for at all, and a text for each entry.
 */
void exportdns_rbldnsd(FILE *, const struct export_document *);

/* A zone for BIND and others: names with such an address are not there. */
void exportdns_rpz(FILE *, const struct export_document *);

/* Read the network of a line of such a zone; false: it has none. */
bool exportdns_read_rpz(const char *line, struct network *);

#endif
