/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditmta.h - what the configurations of Postfix and Sendmail tell an audit: the domains,
 * who is trusted, and why it relays.  One thread; blocks on programs of Postfix's, and files.
 */
#ifndef RELAYGUARD_CTL_AUDITMTA_H
#define RELAYGUARD_CTL_AUDITMTA_H

#include "ctl/auditor.h"

/* Read the configuration of the server that has greeted; own, if not NULL, are the domains
 * with commas between, in place of those that are configured. */
void auditmta_read(struct auditor *, const char *own);
void auditmta_free(struct auditor *);

#define AUDITMTA_VALUE_MAX 8192

/* The value of a parameter of Postfix's, which was read, for the server; "": it is not set. */
void auditmta_value(const struct auditor *, const char *name, char out[AUDITMTA_VALUE_MAX]);

/* Look at mynetworks, and find an address of ours that is not in it. */
void auditmta_look_at_networks(struct auditor *);

/* Whether an address is in mynetworks. */
bool auditmta_trusts(struct auditor *, const struct ipaddr *);

/* What is to be done where it relays for strangers: by any recipient, or, where domain is not
 * NULL, by one in that domain of ours. */
const char *auditmta_relay_advice(struct auditor *, const char *domain);

/* Whether allow_untrusted_routing is on. */
bool auditmta_routes(const struct auditor *);

/* Whether the table of recipients of a domain says that it takes anybody: a catch-all. */
bool auditmta_is_catch_all(struct auditor *, const char *domain);

/* Whether a network of trusted clients is wider than anybody's own. */
bool auditmta_is_wide(const struct network *);

#endif
