/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/datametrics.h - the metrics of lists whose entries are in files here
 * (data/datafeed.h).  Any thread; does not block.
 */
#ifndef RELAYGUARD_CONTROL_DATAMETRICS_H
#define RELAYGUARD_CONTROL_DATAMETRICS_H

#include "lists/listing.h"

struct exposition;

/* Add them; nothing where no list has data. */
void datametrics_add(struct exposition *, const struct roster *);

#endif
