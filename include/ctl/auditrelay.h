/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditrelay.h - whom the server takes mail for: strangers elsewhere, those that everybody
 * must be able to write to, and those that nobody has.  One thread; blocks on the server.
 */
#ifndef RELAYGUARD_CTL_AUDITRELAY_H
#define RELAYGUARD_CTL_AUDITRELAY_H

#include "ctl/auditor.h"

/* Mail for another domain, in all the forms that testers of relays try. */
void auditrelay_look(struct auditor *);

/* Postmaster and abuse of each domain, and somebody whom there is not. */
void auditrelay_look_at_mailboxes(struct auditor *);

#endif
