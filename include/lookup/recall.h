/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/recall.h - what Redis knows of the subject of a lookup.  I/O thread.
 */
#ifndef RELAYGUARD_LOOKUP_RECALL_H
#define RELAYGUARD_LOOKUP_RECALL_H

struct lookup;

/* Ask Redis, which is configured, about the lists that the lookup is without; then the lists
 * that it has nothing of.  In place of what the lookup had open there is what that opens. */
void recall_begin(struct lookup *);

#endif
