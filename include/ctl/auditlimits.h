/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditlimits.h - what of Postfix's configuration turns a small fault into much mail of
 * strangers'.  One thread; blocks on programs of Postfix's, and files.
 */
#ifndef RELAYGUARD_CTL_AUDITLIMITS_H
#define RELAYGUARD_CTL_AUDITLIMITS_H

#include "ctl/auditor.h"

/* Look at permit_mx_backup, the gateway of a container, and limits. */
void auditlimits_look(struct auditor *);

#endif
