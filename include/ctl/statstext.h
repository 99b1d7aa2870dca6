/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statstext.h - what was counted, as text for people.  One thread; blocks on the stream.
 */
#ifndef RELAYGUARD_CTL_STATSTEXT_H
#define RELAYGUARD_CTL_STATSTEXT_H

#include <stdio.h>

#include "ctl/stats.h"

void statstext_write(FILE *, const struct stats *);

/* "2026-11-29 01:12", of a time as logentry has it. */
/* Where a store has no figures. */
#define STATSTEXT_UNCOUNTED \
	"nothing is counted yet: that is written every five minutes, and when relayguard stops"

#define STATSTEXT_TIME_MAX 20
const char *statstext_time(int64_t seconds, char out[STATSTEXT_TIME_MAX]);

#endif
