/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditrelay.c - recipients, and what was said to them.  What is taken is not delivered:
 * there is no message.
 */
#include "config.h"

#include "ctl/auditrelay.h"

#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "ctl/auditforms.h"
#include "ctl/auditmta.h"

#define SHOWN_MAX 400
#define PATH_SIZE (DOMAIN_NAME_SIZE + 64)
#define NO_PROOF "(accepted, not delivered: no message was sent)"

/* How the forms of one name have gone. */
struct relay_test {
	unsigned tried, taken, unknown;
	char shown[SHOWN_MAX];       /* those that were taken */
	char why[SMTPTALK_TEXT_MAX]; /* the last one is not known */
	bool plain;                  /* the first form was taken */
	struct strbuf list;
};

typedef bool write_form(size_t, const struct auditforms_place *, char out[AUDITFORMS_SIZE]);

static void
try_form(struct auditor *a, const char *path, struct relay_test *t)
{
	struct smtptalk_reply reply;

	switch (auditor_rcpt(a, path, &reply)) {
	case AUDITOR_TAKEN:
		t->plain |= t->tried == 0;
		t->taken++;
		strbuf_addf(&t->list, "%s%s", t->list.len > 0 ? ", " : "", path);
		break;
	case AUDITOR_UNKNOWN:
		t->unknown++;
		(void)smtptalk_line(&reply, t->why);
		break;
	case AUDITOR_REFUSED:
		break;
	}
	t->tried++;
}

static void
try_forms(
    struct auditor *a, const char *name, write_form *write, size_t n, struct relay_test *t)
{
	char literal[IPADDR_STRLEN + 8], path[AUDITFORMS_SIZE];
	const struct auditforms_place place = {.user = a->user,
	    .domain = a->elsewhere,
	    .host = name,
	    .literal = auditor_literal(&a->target.address, literal)};

	*t = (struct relay_test){0};
	strbuf_init(&t->list, t->shown, sizeof(t->shown));
	for (size_t i = 0; i < n; i++) {
		if (!write(i, &place, path))
			continue;
		try_form(a, path, t);
		/* Who takes the plain form takes all; and who does not tell once will not. */
		if (t->plain || t->unknown > 0)
			return;
	}
}

/* What is tried at a server that takes anybody there may be the name of a mailbox. */
static void
judge(struct auditor *a, const char *name, const struct relay_test *t, bool dubious,
    const char *advice)
{
	char from[IPADDR_STRLEN];

	ipaddr_format(&a->source, from);
	if (t->taken > 0)
		machine_add(&a->m, dubious ? FINDING_WARNING : FINDING_ERROR, "relay", advice,
		    "%s: mail of %s for %s is taken " NO_PROOF ": %s%s%s", name, from,
		    a->elsewhere, t->shown, t->list.cut ? " ..." : "",
		    dubious ? "; all names are taken there, so that may be a mailbox" : "");
	else if (t->unknown > 0)
		machine_add(&a->m, FINDING_UNSEEN, "relay", NULL, "%s: %u of %u forms: %s",
		    name, t->unknown, t->tried, t->why);
	else
		machine_add(&a->m, FINDING_OK, "relay", NULL,
		    "%s: mail of %s for %s is refused, in %u forms", name, from, a->elsewhere,
		    t->tried);
}

static struct auditor_domain *
find_domain(struct auditor *a, const char *name)
{
	for (size_t i = 0; i < a->ndomains; i++)
		if (strcmp(a->domain[i].name, name) == 0)
			return &a->domain[i];
	return NULL;
}

static bool
is_dubious(struct auditor *a, const struct auditor_domain *d)
{
	return d != NULL && d->asked && d->anybody == AUDITOR_TAKEN && !auditmta_routes(a);
}

static void
look_at_domain(struct auditor *a, struct auditor_domain *d)
{
	struct relay_test t;

	(void)auditor_takes_anybody(a, d);
	try_forms(a, d->name, auditforms_domain, auditforms_domain_count(), &t);
	judge(a, d->name, &t, is_dubious(a, d), auditmta_relay_advice(a, d->name));
}

void
auditrelay_look(struct auditor *a)
{
	struct auditor_domain *host = find_domain(a, a->host);
	struct relay_test t;

	if (a->trusts_strangers)
		return; /* that is said: there is nobody who could be refused */
	if (!a->untrusted) {
		machine_add(&a->m, FINDING_UNSEEN, "relay",
		    "have a machine elsewhere say to it: MAIL FROM:<>, RCPT TO:<x@example.com>",
		    "all addresses of this machine are in mynetworks, and may relay");
		return;
	}
	if (host != NULL)
		(void)auditor_takes_anybody(a, host);
	try_forms(a, a->host, auditforms_host, auditforms_host_count(), &t);
	judge(a, a->host, &t, !t.plain && is_dubious(a, host), auditmta_relay_advice(a, NULL));
	for (size_t i = 0; !t.plain && i < a->ndomains; i++)
		if (&a->domain[i] != host &&
		    !machine_is_late(&a->m, "relay", a->domain[i].name))
			look_at_domain(a, &a->domain[i]);
}

/* --- Mailboxes --- */

static void
look_at_mailbox(struct auditor *a, const char *path, const char *advice)
{
	struct smtptalk_reply reply;
	char line[SMTPTALK_TEXT_MAX];

	switch (auditor_rcpt(a, path, &reply)) {
	case AUDITOR_TAKEN:
		machine_add(&a->m, FINDING_OK, "mailbox", NULL, "%s is taken", path);
		break;
	case AUDITOR_REFUSED:
		machine_add(&a->m, FINDING_ERROR, "mailbox", advice, "%s is refused: %u %s",
		    path, reply.code, smtptalk_line(&reply, line));
		break;
	case AUDITOR_UNKNOWN:
		machine_add(&a->m, FINDING_UNSEEN, "mailbox", NULL, "%s: %s", path,
		    smtptalk_line(&reply, line));
		break;
	}
}

static void
look_at_anybody(struct auditor *a, struct auditor_domain *d)
{
	switch (auditor_takes_anybody(a, d)) {
	case AUDITOR_REFUSED:
		machine_add(&a->m, FINDING_OK, "backscatter", NULL,
		    "%s: who is not there is refused", d->name);
		break;
	case AUDITOR_UNKNOWN:
		machine_add(&a->m, FINDING_UNSEEN, "backscatter", NULL,
		    "%s: nothing is known of who is not there", d->name);
		break;
	case AUDITOR_TAKEN:
		if (auditmta_is_catch_all(a, d->name))
			machine_add(&a->m, FINDING_OK, "backscatter", NULL,
			    "%s: somebody gets all that is for nobody, by its table", d->name);
		else
			machine_add(&a->m, FINDING_WARNING, "backscatter",
			    "have the server know who is there: relay_recipient_maps, "
			    "local_recipient_maps or virtual_mailbox_maps of Postfix",
			    "%s takes mail for a name that nobody has: if it is bounced later, "
			    "strangers get that",
			    d->name);
		break;
	}
}

void
auditrelay_look_at_mailboxes(struct auditor *a)
{
	char path[PATH_SIZE];

	look_at_mailbox(
	    a, "<PostMaster>", "take it, without a domain and in any case (RFC 5321, 4.5.1)");
	for (size_t i = 0; i < a->ndomains; i++) {
		struct auditor_domain *d = &a->domain[i];

		if (machine_is_late(&a->m, "mailbox", d->name))
			continue;
		(void)snprintf(path, sizeof(path), "<postmaster@%s>", d->name);
		look_at_mailbox(a, path, "have somebody read it (RFC 5321, 4.5.1)");
		(void)snprintf(path, sizeof(path), "<abuse@%s>", d->name);
		look_at_mailbox(a, path, "have somebody read it (RFC 2142, 4)");
		look_at_anybody(a, d);
	}
	smtptalk_close(&a->talk);
}
