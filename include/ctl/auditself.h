/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditself.h - the addresses of this machine, and where it listens: nothing else may be
 * audited.  One thread; blocks on files of the system.
 */
#ifndef RELAYGUARD_CTL_AUDITSELF_H
#define RELAYGUARD_CTL_AUDITSELF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/endpoint.h"

#define AUDITSELF_ADDRESSES 64
#define AUDITSELF_LISTENERS 256

struct auditself {
	size_t naddresses, nlisteners;
	struct ipaddr address[AUDITSELF_ADDRESSES]; /* of its interfaces, but link-local ones */
	struct endpoint listener[AUDITSELF_LISTENERS]; /* of TCP; 0.0.0.0 or :: for all */
};

/* Read them; false: the system does not tell. */
bool auditself_read(struct auditself *);

/* Whether an address is this machine's own: of an interface, or of loopback. */
bool auditself_has(const struct auditself *, const struct ipaddr *);

/* Whether somebody listens there. */
bool auditself_listens(const struct auditself *, const struct endpoint *);

/* Whether a listener takes connections from other machines. */
bool auditself_is_open(const struct endpoint *listener);

/* Read a line of /proc/net/tcp or tcp6; false: nobody listens by it, or it cannot be read. */
bool auditself_line(const char *line, struct endpoint *out);

#endif
