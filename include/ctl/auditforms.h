/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditforms.h - the recipients by which relays have been made to pass on mail: those that
 * testers of relays try (own/probeform.h takes them apart).  Pure.
 */
#ifndef RELAYGUARD_CTL_AUDITFORMS_H
#define RELAYGUARD_CTL_AUDITFORMS_H

#include <stdbool.h>
#include <stddef.h>

#define AUDITFORMS_SIZE 640 /* of an argument of RCPT, with its NUL */

/* What stands for what. */
struct auditforms_place {
	const char *user, *domain; /* of a mailbox elsewhere */
	const char *host;          /* our name, or one of our domains */
	const char *literal;       /* our address, in brackets */
};

/* How many there are for the host's name, and for each domain that it takes mail for. */
size_t auditforms_host_count(void);
size_t auditforms_domain_count(void);

/* Write one of them, as an argument of RCPT; false: it is too long. */
bool auditforms_host(size_t, const struct auditforms_place *, char out[AUDITFORMS_SIZE]);
bool auditforms_domain(size_t, const struct auditforms_place *, char out[AUDITFORMS_SIZE]);

#endif
