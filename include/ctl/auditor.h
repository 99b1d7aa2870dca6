/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditor.h - who audits our mail server: what is known of it, and how it is asked to take
 * recipients: never more than AUDITOR_RCPT_MAX in a run, by one connection at a time, and
 * never with a message.  One thread; blocks on the server.
 */
#ifndef RELAYGUARD_CTL_AUDITOR_H
#define RELAYGUARD_CTL_AUDITOR_H

#include "base/domain.h"
#include "ctl/auditself.h"
#include "ctl/machine.h"
#include "ctl/postfixconf.h"
#include "ctl/smtptalk.h"

#define AUDITOR_RCPT_MAX 64
#define AUDITOR_DOMAINS_MAX 24
#define AUDITOR_NAME "relayguard-audit" /* in HELO, sender and recipient: whose it is */

/* What a server has said to a recipient. */
enum auditor_answer {
	AUDITOR_TAKEN,
	AUDITOR_REFUSED,
	AUDITOR_UNKNOWN, /* put off for another reason, or never asked: why is in the reply */
};

struct auditor_domain {
	char name[DOMAIN_NAME_SIZE];
	bool asked;                  /* whether it takes anybody */
	enum auditor_answer anybody; /* what it has said to a recipient that nobody has */
};

struct auditor {
	struct machine m; /* configuration, resolvers, findings */
	struct auditself self;
	struct endpoint target;
	struct ipaddr source;           /* no address that is trusted, where there is one */
	bool untrusted;                 /* source is none, as far as can be told */
	bool trusts_strangers;          /* mynetworks has networks that are nobody's own */
	char host[DOMAIN_NAME_SIZE];    /* what the server calls itself */
	struct smtptalk_reply greeting; /* of the first connection, */
	struct smtptalk_reply hello;    /* and what it offers, before TLS */
	size_t ndomains;
	bool more_domains;                                 /* there was no room for all */
	struct auditor_domain domain[AUDITOR_DOMAINS_MAX]; /* that it takes mail for */
	const char *user, *elsewhere; /* the mailbox that is nobody's here, and its domain */
	struct postfixconf *postfix;  /* NULL: it is no Postfix, or cannot be read */
	const struct postfix_service *service; /* of the target, in master.cf; or NULL */
	struct smtptalk talk;
	unsigned recipients, refusals; /* tried in all; in this connection */
};

/* Connect, and read greeting, name and offers; false: the server does not talk to us, and that
 * is a finding. */
bool auditor_begin(struct auditor *);

/* Ask for a recipient, an argument of RCPT: by as many connections as it takes. */
enum auditor_answer auditor_rcpt(
    struct auditor *, const char *path, struct smtptalk_reply *reply);

/* What it says to a recipient in a domain of ours that nobody has; asked once. */
enum auditor_answer auditor_takes_anybody(struct auditor *, struct auditor_domain *);

/* Begin a connection for other commands, with EHLO said; false: there is none. */
bool auditor_open(struct auditor *);

/* Add a domain of ours, if it is the name of one and not there yet; where there is no room, that
 * is remembered. */
void auditor_add_domain(struct auditor *, const char *name);

/* Our address in brackets (RFC 5321, 4.1.3). */
const char *auditor_literal(const struct ipaddr *, char out[IPADDR_STRLEN + 8]);

#endif
