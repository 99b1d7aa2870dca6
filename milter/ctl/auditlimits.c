/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/auditlimits.c - what no single recipient shows. */
#include "config.h"

#include "ctl/auditlimits.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/auditmta.h"
#include "ctl/gateways.h"

#define ERRORS_MAX 100 /* in a connection: Postfix's own default is 20 */

/* --- permit_mx_backup --- */

enum restriction { NEITHER, PERMITS, REFUSES };

/* What a list of restrictions says first of mail for a domain that is not ours. */
static enum restriction
first_word(const struct auditor *a, const char *parameter)
{
	static const char *const refusals[] = {
	    "reject_unauth_destination", "defer_unauth_destination", "reject", "defer"};
	char value[AUDITMTA_VALUE_MAX], item[AUDITMTA_VALUE_MAX];
	const char *at = value;

	auditmta_value(a, parameter, value);
	while (postfixconf_item(&at, item, sizeof(item))) {
		if (strcmp(item, "permit_mx_backup") == 0)
			return PERMITS;
		for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
			if (strcmp(item, refusals[i]) == 0)
				return REFUSES;
	}
	return NEITHER;
}

/* Whoever names this server as an MX of his domain has it carry mail there.  Either list may
 * refuse that before, and then the other one has no say. */
static void
look_at_mx_backup(struct auditor *a)
{
	enum restriction relay = first_word(a, "smtpd_relay_restrictions"),
			 recipient = first_word(a, "smtpd_recipient_restrictions");
	char networks[AUDITMTA_VALUE_MAX];

	if (relay == REFUSES || recipient == REFUSES ||
	    (relay != PERMITS && recipient != PERMITS))
		return;
	auditmta_value(a, "permit_mx_backup_networks", networks);
	if (networks[0] == '\0')
		machine_add(&a->m, FINDING_WARNING, "relay",
		    "name the domains in relay_domains instead, or the networks of their servers "
		    "in permit_mx_backup_networks",
		    "permit_mx_backup: mail is taken for every domain whose MX record names this "
		    "server, whoever has written it");
}

/* --- Containers --- */

/* As docker, podman and systemd mark them. */
static bool
in_container(void)
{
	return access("/.dockerenv", F_OK) == 0 || access("/run/.containerenv", F_OK) == 0 ||
	    access("/run/systemd/container", F_OK) == 0;
}

static bool
look_at_gateway(void *arg, const struct ipaddr *gateway)
{
	struct auditor *a = arg;
	char text[IPADDR_STRLEN];

	if (auditmta_trusts(a, gateway))
		machine_add(&a->m, FINDING_WARNING, "networks",
		    "put !ADDRESS before that network in mynetworks, and see which address the "
		    "log has for a client from outside",
		    "mynetworks has %s, the gateway of this container: where it stands for all "
		    "clients from outside, everybody may relay",
		    ipaddr_format(gateway, text));
	return true;
}

/* --- Limits --- */

static void
look_at_rate(struct auditor *a)
{
	char auth[AUDITMTA_VALUE_MAX], rate[AUDITMTA_VALUE_MAX];

	auditmta_value(a, "smtpd_sasl_auth_enable", auth);
	auditmta_value(a, "smtpd_client_message_rate_limit", rate);
	if (strcmp(auth, "yes") == 0 && strcmp(rate, "0") == 0)
		machine_add(&a->m, FINDING_WARNING, "limits",
		    "smtpd_client_message_rate_limit = 100, or a policy service that counts for "
		    "each user",
		    "a user whose password is stolen may send as many messages as the server "
		    "can carry");
	else
		machine_add(&a->m, FINDING_OK, "limits", NULL, "messages of a client: %s",
		    strcmp(rate, "0") == 0 ? "nobody logs in here" : "limited");
}

static void
look_at_errors(struct auditor *a)
{
	char errors[AUDITMTA_VALUE_MAX];

	auditmta_value(a, "smtpd_hard_error_limit", errors);
	if (strtoul(errors, NULL, 10) > ERRORS_MAX)
		machine_add(&a->m, FINDING_WARNING, "limits", "smtpd_hard_error_limit = 20",
		    "smtpd_hard_error_limit = %s: who guesses users or passwords may go on for "
		    "long in one connection",
		    errors);
	else
		machine_add(&a->m, FINDING_OK, "limits", NULL,
		    "a connection ends after %s errors", errors);
}

void
auditlimits_look(struct auditor *a)
{
	if (a->postfix == NULL)
		return;
	look_at_mx_backup(a);
	if (in_container())
		(void)gateways_each(look_at_gateway, a);
	look_at_rate(a);
	look_at_errors(a);
}
