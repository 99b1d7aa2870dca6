/* SPDX-License-Identifier: BSD-2-Clause */
/* web/decision.h - the page about one message, and the pass.  Thread of the reader's. */
#ifndef RELAYGUARD_WEB_DECISION_H
#define RELAYGUARD_WEB_DECISION_H

#include "web/pages.h"

page_fn decision_show, decision_pass;

#endif
