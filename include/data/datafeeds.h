/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datafeeds.h - the feeds of all lists of the process, so that a list that stays as it is
 * over a reload keeps its data.  Any thread.
 */
#ifndef RELAYGUARD_DATA_DATAFEEDS_H
#define RELAYGUARD_DATA_DATAFEEDS_H

#include "data/datafeed.h"

/*
 * The feed of rules that are equal to these, with a reference: one that is there, or a new one,
 * with what one has whose files are the same, or which nobody has looked at.  NULL when memory
 * is out.
 */
struct datafeed *datafeeds_open(const struct datafeed_rules *);

struct datafeed *datafeed_ref(struct datafeed *);

/*
 * Drop a reference and clear the pointer; NULL in it is fine.  The feed stays for whoever opens
 * it next, until datafeeds_sweep(): to free millions of entries takes its time.
 */
void datafeed_unref(struct datafeed **);

/* Free the feeds that nobody has a reference of. */
void datafeeds_sweep(void);

/*
 * The feed after that one, or the first after NULL, which has to be one with a reference: of
 * that the reference is dropped, and the next is returned with one.  NULL: there are no more.
 */
struct datafeed *datafeeds_next(struct datafeed *);

#endif
