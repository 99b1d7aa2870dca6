/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exporthost.h - networks for programs of a mail server: packet filters, Postfix, proxies,
 * and scripts.  Pure, but for the stream; one thread.
 */
#ifndef RELAYGUARD_OWN_EXPORTHOST_H
#define RELAYGUARD_OWN_EXPORTHOST_H

#include <stdio.h>

#include "own/exportdocument.h"

/* cidr_table(5): each network with a reply that names the reason, the end and the URL. */
void exporthost_postfix(FILE *, const struct export_document *);

/* For nft -f, in one transaction: a table with sets whose elements end by themselves, and a
 * chain that refuses port 25. */
void exporthost_nft(FILE *, const struct export_document *);

/* For ipset restore: sets whose entries end by themselves, filled beside those in use and
 * swapped. */
void exporthost_ipset(FILE *, const struct export_document *);

/* For iptables-restore --noflush, or ip6tables-restore: a chain of that name. */
void exporthost_iptables(FILE *, const struct export_document *);

/* A network a line: for a table of pf, for HAProxy, and for scripts. */
void exporthost_plain(FILE *, const struct export_document *);

/* To be included in a geo block of nginx. */
void exporthost_nginx(FILE *, const struct export_document *);

/* An object a line. */
void exporthost_json(FILE *, const struct export_document *);

#endif
