/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/watchrules.h - the section "watch": which addresses and names of ours lists are asked
 * about.  Pure. */
#ifndef RELAYGUARD_CONF_WATCHRULES_H
#define RELAYGUARD_CONF_WATCHRULES_H

#include "base/report.h"
#include "conf/section.h"
#include "lists/listing.h"
#include "own/watched.h"

/* Read the section of a file, which need not be there. */
void watchrules_build(struct watch_options *, const struct section *file, struct report *);

/*
 * The lists that are tested, and asked about what is watched: those that policies use, and
 * behind them, if all are meant, all that are known, alive, and answer everybody: none that
 * takes a key or a registration, or a server of one's own.  The reference is the caller's;
 * NULL: out of memory.  May block on files.
 */
struct roster *watchrules_roster(const struct watch_options *, struct roster *used,
    const struct section *file, const struct section *registry, struct report *);

#endif
