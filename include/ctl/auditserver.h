/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditserver.h - what the server tells strangers, and how it protects what they tell it.
 * One thread; blocks on the server, openssl(1) and apt-cache(8).
 */
#ifndef RELAYGUARD_CTL_AUDITSERVER_H
#define RELAYGUARD_CTL_AUDITSERVER_H

#include "ctl/auditor.h"

/* Banner, VRFY, EXPN, AUTH without TLS, STARTTLS and the certificate; and whether there are
 * updates. */
void auditserver_look(struct auditor *);

#endif
