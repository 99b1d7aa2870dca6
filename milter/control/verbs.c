/* SPDX-License-Identifier: BSD-2-Clause */
/* control/verbs.c - the table of the verbs. */
#include "config.h"

#include "control/verbs.h"

#include "control/caches.h"
#include "control/lookups.h"
#include "control/metrics.h"
#include "control/reloads.h"
#include "control/status.h"
#include "control/stored.h"
#include "control/suspensions.h"

static const struct server_verb verbs[] = {
    {"status", RIGHT_STATUS, verb_status},
    {"lists", RIGHT_STATUS, verb_lists},
    {"metrics", RIGHT_STATUS, verb_metrics},
    {"explain", RIGHT_CONTROL, verb_explain},
    {"lookup", RIGHT_CONTROL, verb_lookup},
    {"cache", RIGHT_CONTROL, verb_cache},
    {"suspend", RIGHT_CONTROL, verb_suspend},
    {"resume", RIGHT_CONTROL, verb_resume},
    {"reload", RIGHT_CONTROL, verb_reload},
};

const struct server_verb *
verbs_all(size_t *n)
{
	*n = sizeof(verbs) / sizeof(verbs[0]);
	return verbs;
}
