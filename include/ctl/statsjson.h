/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statsjson.h - what was counted, as JSON for programs: an object a line.  One thread;
 * blocks on the stream.
 */
#ifndef RELAYGUARD_CTL_STATSJSON_H
#define RELAYGUARD_CTL_STATSJSON_H

#include <stdio.h>

#include "ctl/stats.h"

/* Write the total, then each list, policy and reason, and the line that says so with status;
 * false: memory is out, and something is missing. */
bool statsjson_write(FILE *, const struct stats *, int status);

#endif
