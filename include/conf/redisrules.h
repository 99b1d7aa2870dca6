/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/redisrules.h - what the sections "cache" and "store" say of Redis.  May block on
 * files.
 */
#ifndef RELAYGUARD_CONF_REDISRULES_H
#define RELAYGUARD_CONF_REDISRULES_H

#include <stdbool.h>

#include "base/report.h"
#include "conf/section.h"
#include "redis/conf.h"

/*
 * Fill in the options, which are empty.  What is wrong, or makes no sense
 * together, is a mistake in the report.  False: there is no Redis.
 */
bool redisrules_build(struct redis_options *, const struct section *, struct report *);

#endif
