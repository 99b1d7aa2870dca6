/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditproxy.h - whether a proxy on this machine lets strangers reach a mail server through
 * it.  One thread; blocks on what listens here.
 */
#ifndef RELAYGUARD_CTL_AUDITPROXY_H
#define RELAYGUARD_CTL_AUDITPROXY_H

#include "ctl/auditor.h"

void auditproxy_look(struct auditor *);

#endif
