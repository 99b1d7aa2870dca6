/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/pageown.h - the page's verbs of the own list, as control/page.h has the others.  A
 * thread of the client's; they block on files.
 *
 * page-remove   {"address"}: {"removed":true}, or {"removed":false, "why_not":"none" (it is
 *               not listed), or "held", "until" (the third in seven days)}
 * page-nominate {"address", "evidence"}: {"noted":true}: it lists nobody
 * page-criteria {}: what lists whom and for how long, as it is configured: {"forms",
 *               "senders", "both", "drop_box", "traps", "trap_days", "trap_hits",
 *               "dictionary", "helo", "life_hours":[4], "contact"}: numbers as struct
 *               own_options has them, 0 where a rule is off, and a mailbox or null
 * The first two are answered so many times a minute, whoever asks.
 */
#ifndef RELAYGUARD_CONTROL_PAGEOWN_H
#define RELAYGUARD_CONTROL_PAGEOWN_H

#include <jansson.h>

#include "control/server.h"
#include "control/status.h"

#define PAGEOWN_REMOVALS 60    /* a minute */
#define PAGEOWN_NOMINATIONS 10 /* a minute: each is written down */

server_verb_fn verb_page_remove, verb_page_nominate, verb_page_criteria;

/* Whether evidence is collected, and some policy names a list of it. */
bool pageown_has_list(const struct conf *);

/* What an address is listed for: {"reasons", "since", "until"}; null: for nothing. */
json_t *pageown_entry(const struct verbs_context *, const struct ipaddr *);

#endif
