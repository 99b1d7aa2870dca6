/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/publish.h - what lookups have learned from lists, for other nodes: one value of Redis
 * for each subject.  I/O thread.
 */
#ifndef RELAYGUARD_LOOKUP_PUBLISH_H
#define RELAYGUARD_LOOKUP_PUBLISH_H

#include <stdbool.h>

struct lookup;
struct lookups;

/* Before there is a lookup; false: out of memory. */
bool publish_init(struct lookups *);

/* After the loop has stopped, before Redis ends: what they have learned and have not let others
 * know by now, nobody hears of. */
void publish_stop(struct lookups *);

/* When there is no lookup any more. */
void publish_end(struct lookups *);

/* Have Redis get the fact of a list's question, with others of its lookup or soon. */
void publish_later(struct lookup *, unsigned list);

#endif
