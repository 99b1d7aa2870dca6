/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datawhere.h - the lines by which a data set has an address or a name listed, or not: what
 * is in memory does not know them, so the files are read once more.  Blocks on them.
 */
#ifndef RELAYGUARD_DATA_DATAWHERE_H
#define RELAYGUARD_DATA_DATAWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "data/datafile.h"

#define DATAWHERE_MAX 16 /* lines of a set; more of them are left out */

struct datawhere_line {
	const char *file; /* of the source */
	unsigned line;
	bool excluded; /* it says that it is not listed */
};

/* The most specific lines, in their order. */
struct datawhere {
	unsigned n;
	struct datawhere_line line[DATAWHERE_MAX];
};

/*
 * Find the lines for an address, or, where that is NULL, for a name in lower case without a
 * last dot; now in clock_wall().  Of a combined set they are those of all sections that hold
 * it.  False: the files cannot be read, or not by the deadline, in clock_ms().
 */
bool datawhere_find(const struct data_source *, const struct ipaddr *, const char *name,
    int64_t now, int64_t deadline, struct datawhere *);

#endif
