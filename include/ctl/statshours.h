/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statshours.h - what the daemon has counted by the hour, added to figures.  One thread.
 */
#ifndef RELAYGUARD_CTL_STATSHOURS_H
#define RELAYGUARD_CTL_STATSHOURS_H

#include "ctl/stats.h"
#include "store/dayfile.h"

/* Add a count of an hour; one that is not known, of a later version perhaps, is left out.
 * offset: how many seconds local time is ahead of UTC. */
void statshours_add(struct stats *, const struct dayfile_count *, int64_t offset);

#endif
