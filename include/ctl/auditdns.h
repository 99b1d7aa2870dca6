/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditdns.h - what DNS says of this server to others: its names, its senders' policies,
 * and what lists say.  One thread; blocks on resolvers and on the daemon.
 */
#ifndef RELAYGUARD_CTL_AUDITDNS_H
#define RELAYGUARD_CTL_AUDITDNS_H

#include "ctl/auditor.h"

void auditdns_look(struct auditor *);

#endif
