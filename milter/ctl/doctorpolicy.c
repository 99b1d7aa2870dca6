/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorpolicy.c - the item behind check_policy_service, in whichever restrictions it
 * stands; those that a name stands for are not looked into.
 */
#include "config.h"

#include "ctl/doctorpolicy.h"

#include <inttypes.h>
#include <string.h>

#include "base/ascii.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/postfixplace.h"

#define VALUE_MAX 8192

/* At the end of data Postfix names one recipient, or none. */
static const char AT_END[] = "smtpd_end_of_data_restrictions";

/* Where smtpd(8) asks when a recipient is known. */
static const char *const places[] = {"smtpd_client_restrictions", "smtpd_helo_restrictions",
    "smtpd_sender_restrictions", "smtpd_relay_restrictions", "smtpd_recipient_restrictions",
    AT_END, NULL};

struct look {
	struct machine *m;
	const struct postfixconf *p;
	const struct postfix_service *service;
	const char *where;           /* the first restrictions that ask us; NULL: none do */
	char item[POSTFIXPLACE_MAX]; /* without its braces */
};

/* Whether some restrictions ask us. */
static bool
asks_us(struct look *l, const char *name)
{
	char value[VALUE_MAX], item[POSTFIXPLACE_MAX], place[POSTFIXPLACE_MAX];
	const struct conf *conf = l->m->conf;
	const char *at = value;
	bool asks = false;

	(void)postfixconf_get(l->p, l->service, name, value, sizeof(value));
	while (postfixconf_item(&at, item, sizeof(item))) {
		postfixplace_of(item, place);
		if (asks &&
		    postfixplace_is_ours(l->p, place, conf->policy, conf->policy_path)) {
			(void)strbuf_copy(l->item, sizeof(l->item), item);
			return true;
		}
		asks = strcmp(item, "check_policy_service") == 0;
	}
	return false;
}

/* The value of an option, else that of the parameter which stands for it. */
static void
read_setting(
    const struct look *l, const char *option, const char *name, char out[POSTFIXPLACE_MAX])
{
	if (!postfixplace_option(l->item, option, out))
		(void)postfixconf_get(l->p, l->service, name, out, POSTFIXPLACE_MAX);
}

static void
look_at_time(const struct look *l)
{
	char text[POSTFIXPLACE_MAX];
	int64_t seconds;

	read_setting(l, "timeout", "smtpd_policy_service_timeout", text);
	seconds = postfixconf_seconds(text);
	if (seconds >= 0 && seconds * 1000 <= l->m->conf->deadline_ms)
		machine_add(l->m, FINDING_ERROR, "postfix-time-outs",
		    "write timeout=10s behind check_policy_service, or lower deadline in "
		    "relayguard.conf",
		    "%s: the time-out of check_policy_service is %s, and relayguard takes up to "
		    "%" PRId64 " ms: slow answers count as none",
		    l->service->name, text, l->m->conf->deadline_ms);
}

static void
look_at_action(const struct look *l)
{
	char text[POSTFIXPLACE_MAX];

	read_setting(l, "default_action", "smtpd_policy_service_default_action", text);
	if (strcmp(text, "DUNNO") != 0)
		machine_add(l->m, FINDING_WARNING, "postfix-default-action",
		    "write default_action=DUNNO behind check_policy_service",
		    "%s: the default_action of check_policy_service is \"%s\": while relayguard is "
		    "down, that becomes of all mail",
		    l->service->name, text);
}

static void
look_at_chroot(const struct look *l)
{
	char place[POSTFIXPLACE_MAX];
	const char *at = place;

	postfixplace_of(l->item, place);
	if (ascii_take(&at, "unix:/") && postfixplace_is_chrooted(l->p, l->service))
		machine_add(l->m, FINDING_ERROR, "postfix-chroot",
		    "have listen below the queue directory, and write the path relative to it, as "
		    "relayguard -t prints it",
		    "%s runs in a chroot, its queue directory, and does not see /%s there",
		    l->service->name, at);
}

bool
doctorpolicy_look(struct machine *m, const struct postfixconf *p,
    const struct postfix_service *service, bool milter)
{
	struct look l = {.m = m, .p = p, .service = service};

	for (size_t i = 0; m->conf->policy != NULL && places[i] != NULL && l.where == NULL; i++)
		if (asks_us(&l, places[i]))
			l.where = places[i];
	if (l.where == NULL)
		return false;
	if (milter)
		machine_add(m, FINDING_WARNING, "postfix-two-doors",
		    "take check_policy_service out, which can do less; or relayguard out of "
		    "smtpd_milters",
		    "%s asks relayguard by smtpd_milters and by %s: the second question is for "
		    "nothing",
		    service->name, l.where);
	else
		machine_add(m, FINDING_OK, "postfix-policy", NULL, "%s asks relayguard in %s",
		    service->name, l.where);
	if (l.where == AT_END)
		machine_add(m, FINDING_WARNING, "postfix-policy",
		    "write check_policy_service into smtpd_recipient_restrictions",
		    "%s asks in %s alone: of a message to several, Postfix names no recipient there",
		    service->name, l.where);
	look_at_time(&l);
	look_at_action(&l);
	look_at_chroot(&l);
	return true;
}
