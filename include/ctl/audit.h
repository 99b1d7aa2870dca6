/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/audit.h - the verb audit: try at our own mail server what testers of relays try, and look
 * at what else makes a server a nuisance.  No daemon is needed.  Blocks for minutes at most.
 */
#ifndef RELAYGUARD_CTL_AUDIT_H
#define RELAYGUARD_CTL_AUDIT_H

#include <stdbool.h>

/* As a verb_fn of ctl/verbs.h; the status is that of findings_end(), or of sysexits(3). */
int audit_run(bool json, char *const *word);

#endif
