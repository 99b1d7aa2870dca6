/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redisrules.h - what the section "cache" says of Redis.  Rank 5; may block on
 * files.
 */
#ifndef RELAYGUARD_REDISRULES_H
#define RELAYGUARD_REDISRULES_H

#include <stdbool.h>

#include "redisconf.h"
#include "report.h"
#include "section.h"

/*
 * Fill in the options, which are empty.  What is wrong, or makes no sense
 * together, is a mistake in the report.  False: there is no Redis.
 */
bool redisrules_build(struct redis_options *, const struct section *cache, struct report *);

#endif
