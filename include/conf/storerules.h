/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/storerules.h - where decisions are kept, for how long, and where copies of them go, as
 * the configuration has it.  May block on files.
 */
#ifndef RELAYGUARD_CONF_STORERULES_H
#define RELAYGUARD_CONF_STORERULES_H

#include "base/report.h"
#include "redis/conf.h"
#include "store/writer.h"

struct section;

/* Fill in the options, which are empty, from the section; mistakes go to the report.  cache:
 * the Redis of the cache, which copies go to where the section names none; NULL: there is
 * none. */
void storerules_build(struct store_options *, const struct section *,
    const struct redis_options *cache, struct report *);

#endif
