/* SPDX-License-Identifier: BSD-2-Clause */
/* control/verbs.c - the table of the verbs. */
#include "config.h"

#include "control/verbs.h"

#include "control/caches.h"
#include "control/forget.h"
#include "control/local.h"
#include "control/lookups.h"
#include "control/metrics.h"
#include "control/page.h"
#include "control/pageown.h"
#include "control/passes.h"
#include "control/reloading.h"
#include "control/status.h"
#include "control/stored.h"
#include "control/suspensions.h"
#include "control/tail.h"
#include "control/taking.h"
#include "control/watching.h"

static const struct server_verb verbs[] = {
    {"status", RIGHT_STATUS, verb_status, ""},
    {"lists", RIGHT_STATUS, verb_lists, "label"},
    {"metrics", RIGHT_STATUS, verb_metrics, ""},
    {"explain", RIGHT_CONTROL, verb_explain, "address name helo from to"},
    {"lookup", RIGHT_CONTROL, verb_lookup, "address fresh"},
    {"cache", RIGHT_CONTROL, verb_cache, "action address all fleet"},
    {"suspend", RIGHT_CONTROL, verb_suspend, "label for why"},
    {"resume", RIGHT_CONTROL, verb_resume, "label"},
    {"take", RIGHT_CONTROL, verb_take, "label"},
    {"pass", RIGHT_CONTROL, verb_pass, "address for why end list"},
    {"forget", RIGHT_CONTROL, verb_forget, "address"},
    {"local", RIGHT_CONTROL, verb_local, "address"},
    {"remove", RIGHT_CONTROL, verb_remove, "address by"},
    {"nominate", RIGHT_CONTROL, verb_nominate, "address reason until evidence by"},
    {"requests", RIGHT_CONTROL, verb_requests, ""},
    {"watch", RIGHT_STATUS, verb_watch, "changes after"},
    {"tail", RIGHT_CONTROL, verb_tail, "verdict list"},
    {"reload", RIGHT_CONTROL, verb_reload, ""},
    {"page-status", RIGHT_PAGE, verb_page_status, ""},
    {"page-decision", RIGHT_PAGE, verb_page_decision, "ref"},
    {"page-pass", RIGHT_PAGE, verb_page_pass, "ref"},
    {"page-remove", RIGHT_PAGE, verb_page_remove, "address"},
    {"page-nominate", RIGHT_PAGE, verb_page_nominate, "address evidence"},
    {"page-criteria", RIGHT_PAGE, verb_page_criteria, ""},
    {"page-address", RIGHT_PAGE, verb_page_address, "address"},
};

const struct server_verb *
verbs_all(size_t *n)
{
	*n = sizeof(verbs) / sizeof(verbs[0]);
	return verbs;
}
