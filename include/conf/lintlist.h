/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lintlist.h - warnings of lists that are used.  May block on a file.
 */
#ifndef RELAYGUARD_CONF_LINTLIST_H
#define RELAYGUARD_CONF_LINTLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/report.h"
#include "conf/lists.h"
#include "lists/listing.h"

/* Warn of a list and its own servers; vote is where a policy names it. */
void lintlist_check(
    const struct lists *, const struct listing *, const struct place *vote, struct report *);

/*
 * Write the labels of some lists of a roster, each once, as 'list "a"' or 'lists "a",
 * "b", "c" and 4 more'.  How many there are.
 */
unsigned lintlist_name(const struct roster *, listset, char *out, size_t size);

/*
 * Warn of the DNS servers that are asked, which many lists do not answer if they are
 * public ones: those of the configuration, else those in resolv_conf.
 */
void lintlist_resolvers(const struct roster *, const struct word *servers,
    const char *resolv_conf, struct report *);

/* Whether a server, as dns/server.h has it, is a resolver that everybody may use. */
bool lintlist_is_public(const char *server);

#endif
