/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/probeform.h - one attempt to relay: the form of its recipient, and the shape of its sender.
 * Pure.
 *
 * People and gateways write one form, mostly the plain one; only who looks for an open relay
 * tries one after the other.
 */
#ifndef RELAYGUARD_OWN_PROBEFORM_H
#define RELAYGUARD_OWN_PROBEFORM_H

#include <stdbool.h>

#include "base/domain.h"
#include "base/mailbox.h"

/* How a recipient names the domain that the mail is to go on to. */
enum probe_form {
	PROBE_PLAIN,   /* u@d */
	PROBE_PERCENT, /* u%d@h, the "percent hack" */
	PROBE_BANG,    /* d!u@h: RFC 976 */
	PROBE_AT,      /* "u@d"@h, u@d@h */
	PROBE_ROUTE,   /* @h:u@d: RFC 5321, appendix C; also h:u@d */
	PROBE_THROUGH, /* of what a client tries, all of u%d@h, d!u@h and "u@d"@h together */
	PROBE_FORMS
};

const char *probeform_name(enum probe_form);

struct probeform {
	enum probe_form form; /* as it is written: never PROBE_THROUGH */
	bool through;         /* it has a domain or an address to be brought to first */
	char target[DOMAIN_NAME_SIZE]; /* where the mail would end, in lower case */
	struct mailbox mailbox;        /* what the recipient is without any of that */
};

/*
 * Take the argument of RCPT apart, as the client typed it.  False: it leads nowhere else, for
 * it has no domain, or none that can be read.
 */
bool probeform_parse(struct probeform *, const char *path);

/*
 * What an attempt counts as.  A mail server brings u%d@h to h for whoever of its users types
 * it, and however he does: that is one form.  No server writes the others by itself: they have
 * no domain that it could look up, or are no address.
 */
enum probe_form probeform_count_as(const struct probeform *);

/* What a sender looks like; the same sender is the same shape, whoever it is. */
enum probe_sender {
	PROBE_SENDER_NULL,      /* probeform_is_notice() */
	PROBE_SENDER_BARE,      /* no domain */
	PROBE_SENDER_LOCALHOST, /* a domain of one label, or a private address */
	PROBE_SENDER_LITERAL,   /* an address instead of a domain */
	PROBE_SENDER_OWN,       /* a domain of ours */
	PROBE_SENDER_OUTSIDE,
	PROBE_SENDERS
};

/*
 * Whether a sender is that of what servers send by themselves: the null sender, or the one of
 * Postfix's own, "double-bounce".  Whoever forges a sender has them write to it.
 */
bool probeform_is_notice(const struct mailbox *sender);

/* Whether a domain, in lower case, is one of ours. */
typedef bool probeform_is_own(const void *arg, const char *domain);

enum probe_sender probeform_sender(const struct mailbox *, probeform_is_own *, const void *arg);

/* Whether a client says HELO with the name of a host: one with a dot, and no address. */
bool probeform_helo_is_name(const char *helo);

#endif
