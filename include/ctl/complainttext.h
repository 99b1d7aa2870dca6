/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/complainttext.h - evidence as a text that somebody at another network reads.  Pure.
 */
#ifndef RELAYGUARD_CTL_COMPLAINTTEXT_H
#define RELAYGUARD_CTL_COMPLAINTTEXT_H

#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "ctl/sightings.h"

/* Who complains: a mailbox that is read, its domain, and whose that is. */
struct complainant {
	const char *mailbox, *domain, *organisation;
};

/* Write the message (RFC 6650, 5): its subject and body. */
void complainttext_write(struct strbuf *, const struct ipaddr *, const struct sightings *,
    const struct complainant *);

/* Write what was seen, a line each: the part of it that is evidence. */
void complainttext_hits(struct strbuf *, const struct ipaddr *, const struct sightings *);

/* What a client has done, as "tried to have mail passed on ...", by its weightiest kind. */
const char *complainttext_deed(const struct sightings *);

#endif
