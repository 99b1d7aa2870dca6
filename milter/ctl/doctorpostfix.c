/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorpostfix.c - the two configurations beside each other: each may be good, and
 * they still do not meet.
 */
#include "config.h"

#include "ctl/doctorpostfix.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/setting.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/doctorpolicy.h"
#include "ctl/postfixconf.h"
#include "ctl/postfixplace.h"
#include "os/socketspec.h"

#define VALUE_MAX 8192
#define ITEM_MAX POSTFIXPLACE_MAX
#define WHY_MAX 512
#define PATIENCE_MS 5000 /* for each call of a program of Postfix's */
#define STRANGER "192.0.2.1"
#define PROTOCOL_MACROS 6 /* from this version on a milter names the macros that it needs */

#define LINE \
	"smtpd_milters = { %s, connect_timeout=3s, command_timeout=10s, default_action=accept }"

static const char *const names[] = {"queue_directory", "compatibility_level", "smtpd_milters",
    "non_smtpd_milters", "milter_connect_timeout", "milter_command_timeout",
    "milter_content_timeout", "milter_default_action", "milter_protocol", "smtpd_milter_maps",
    "milter_connect_macros", "milter_mail_macros", "milter_rcpt_macros",
    "milter_end_of_data_macros", "postscreen_dnsbl_sites", "smtpd_client_restrictions",
    "smtpd_helo_restrictions", "smtpd_sender_restrictions", "smtpd_relay_restrictions",
    "smtpd_recipient_restrictions", "smtpd_data_restrictions", "smtpd_end_of_data_restrictions",
    "smtpd_policy_service_timeout", "smtpd_policy_service_default_action", NULL};

/* How an item of smtpd_milters stands to the socket that we listen at. */
enum match { MATCH_OTHER, MATCH_TURNED, MATCH_OURS };

struct look {
	struct machine *m;
	const struct conf *conf;
	const struct postfixconf *p;
	const struct postfix_service *service; /* the one that is looked at */
	char item[ITEM_MAX];                   /* ours, without its braces */
};

/* --- Items --- */

static enum match
match_item(const struct look *l, const char *item)
{
	char place[ITEM_MAX], why[WHY_MAX];
	struct socketspec spec;

	postfixplace_of(item, place);
	if (strncmp(place, "unix:", strlen("unix:")) != 0 && strchr(place, '@') != NULL)
		return socketspec_parse(&spec, place, why, sizeof(why)) &&
			strcmp(spec.milter, l->conf->listen) == 0
		    ? MATCH_TURNED
		    : MATCH_OTHER;
	return postfixplace_is_ours(l->p, place, l->conf->listen_postfix, l->conf->listen_path)
	    ? MATCH_OURS
	    : MATCH_OTHER;
}

/* The best match among the items of a parameter; of a service's own where own is not NULL. */
static enum match
find_ours(struct look *l, const struct postfix_service *service, const char *name,
    char value[VALUE_MAX], bool *own)
{
	enum match best = MATCH_OTHER;
	char item[ITEM_MAX];
	const char *at = value;

	*own = postfixconf_get(l->p, service, name, value, VALUE_MAX);
	while (postfixconf_item(&at, item, sizeof(item))) {
		enum match match = match_item(l, item);

		if (match <= best)
			continue;
		best = match;
		(void)strbuf_copy(l->item, sizeof(l->item), item);
	}
	return best;
}

/* The value of an option in our item, "connect_timeout = 3s", else that of a parameter. */
static void
read_setting(const struct look *l, const char *option, const char *name, char out[ITEM_MAX])
{
	if (!postfixplace_option(l->item, option, out))
		(void)postfixconf_get(l->p, l->service, name, out, ITEM_MAX);
}

/* --- Services --- */

/* The port of a service: what stands behind a host, if there is one. */
static const char *
port_of(const struct postfix_service *s)
{
	const char *colon = strrchr(s->name, ':');

	return colon != NULL ? colon + 1 : s->name;
}

/* Whether strangers bring mail to it: at port 25, or through postscreen(8). */
static bool
is_open(const struct postfix_service *s)
{
	const char *port = port_of(s);

	if (strncmp(s->name, "127.", 4) == 0 || strncmp(s->name, "localhost:", 10) == 0 ||
	    strncmp(s->name, "[::1]:", 6) == 0)
		return false;
	return strcmp(s->command, "smtpd") == 0 &&
	    (strcmp(port, "smtp/inet") == 0 || strcmp(port, "25/inet") == 0 ||
		strstr(s->name, "/pass") != NULL);
}

static void
add_missing(const struct look *l, enum match match, const char *value, bool own)
{
	char advice[WHY_MAX], place[ITEM_MAX];

	postfixplace_of(l->item, place);
	(void)snprintf(advice, sizeof(advice), "%s, write: " LINE,
	    own ? "in master.cf, take -o smtpd_milters away; or" : "in main.cf",
	    l->conf->listen_postfix);
	if (match == MATCH_TURNED)
		machine_add(l->m, FINDING_ERROR, "postfix-milter", advice,
		    "%s: smtpd_milters has %s, which is Sendmail's order: Postfix takes it for "
		    "another place, and nobody is there",
		    l->service->name, place);
	else if (own)
		machine_add(l->m, FINDING_ERROR, "postfix-milter", advice,
		    "%s: its own smtpd_milters in master.cf, \"%s\", replaces that of main.cf, and "
		    "relayguard (%s) is not in it",
		    l->service->name, value, l->conf->listen_postfix);
	else
		machine_add(l->m, FINDING_ERROR, "postfix-milter", advice,
		    "%s: relayguard listens at %s, and Postfix does not ask there: smtpd_milters "
		    "is \"%s\"",
		    l->service->name, l->conf->listen_postfix, value);
}

/* --- What there is to an item of ours --- */

static void
look_at_times(const struct look *l)
{
	static const struct {
		const char *option, *name;
		bool connects;
	} times[] = {
	    {"connect_timeout", "milter_connect_timeout", true},
	    {"command_timeout", "milter_command_timeout", false},
	    {"content_timeout", "milter_content_timeout", false},
	};
	bool good = true;
	char text[ITEM_MAX];

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t seconds, least = times[i].connects ? 1000 : l->conf->deadline_ms + 1;

		read_setting(l, times[i].option, times[i].name, text);
		seconds = postfixconf_seconds(text);
		if (seconds < 0 || seconds * 1000 >= least)
			continue;
		good = false;
		machine_add(l->m, FINDING_ERROR, "postfix-time-outs",
		    "write 3s for connect_timeout and 10s for command_timeout into the item of "
		    "smtpd_milters, or lower deadline in relayguard.conf",
		    "%s: %s is %s, and relayguard takes up to %" PRId64
		    " ms: slow answers count as none",
		    l->service->name, times[i].name, text, l->conf->deadline_ms);
	}
	if (good)
		machine_add(l->m, FINDING_OK, "postfix-time-outs", NULL,
		    "%s waits for longer than the %" PRId64 " ms that relayguard takes",
		    l->service->name, l->conf->deadline_ms);
}

static void
look_at_action(const struct look *l)
{
	static const struct {
		const char *action, *means;
	} actions[] = {
	    {"tempfail", "all mail is put off with 451"},
	    {"reject", "all mail is refused for good"},
	    {"quarantine", "all mail is held in the queue"},
	    {"shutdown", "every client gets 421, and the connection ends"},
	};
	char text[ITEM_MAX];

	read_setting(l, "default_action", "milter_default_action", text);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(text, actions[i].action) != 0)
			continue;
		machine_add(l->m, FINDING_WARNING, "postfix-default-action",
		    "write default_action=accept into the item of smtpd_milters",
		    "%s: milter_default_action is %s: while relayguard is down, %s",
		    l->service->name, text, actions[i].means);
		return;
	}
	if (strcmp(text, "accept") == 0)
		machine_add(l->m, FINDING_OK, "postfix-default-action", NULL,
		    "%s: mail goes on while relayguard is down", l->service->name);
	else
		machine_add(l->m, FINDING_WARNING, "postfix-default-action",
		    "write default_action=accept into the item of smtpd_milters",
		    "%s: milter_default_action is \"%s\", which is none that is known",
		    l->service->name, text);
}

static void
look_at_chroot(const struct look *l)
{
	char place[ITEM_MAX];
	const char *at = place;

	postfixplace_of(l->item, place);
	if (!ascii_take(&at, "unix:"))
		return;
	if (at[0] == '/' && postfixplace_is_chrooted(l->p, l->service))
		machine_add(l->m, FINDING_ERROR, "postfix-chroot",
		    "have listen below the queue directory, and write the path relative to it: "
		    "listen = \"unix:/var/spool/postfix/relayguard/milter.sock\", and "
		    "unix:relayguard/milter.sock in smtpd_milters",
		    "%s runs in a chroot, its queue directory, and does not see %s there",
		    l->service->name, at);
	else
		machine_add(l->m, FINDING_OK, "postfix-chroot", NULL,
		    "%s sees the socket %s, %s a chroot", l->service->name, at,
		    postfixplace_is_chrooted(l->p, l->service) ? "in" : "without");
}

/* Before version 6 of the protocol Postfix sends the macros of main.cf alone. */
static void
look_at_macros(const struct look *l)
{
	static const struct {
		const char *name, *needed, *without;
	} macros[] = {
	    {"milter_mail_macros", "{auth_authen}",
		"clients that have logged in are not known"},
	    {"milter_mail_macros", "{mail_addr}", "the sender is read as it was typed"},
	    {"milter_rcpt_macros", "{rcpt_addr}", "the recipient is read as it was typed"},
	};
	char text[VALUE_MAX];

	(void)postfixconf_get(l->p, l->service, "milter_protocol", text, sizeof(text));
	if (strtol(text, NULL, 10) >= PROTOCOL_MACROS) {
		machine_add(l->m, FINDING_OK, "postfix-macros", NULL,
		    "%s: relayguard gets the macros that it asks for", l->service->name);
		return;
	}
	machine_add(l->m, FINDING_WARNING, "postfix-protocol",
	    "take milter_protocol out of main.cf: 6 is the default",
	    "%s: milter_protocol is %s: relayguard gets only the macros that main.cf names",
	    l->service->name, text);
	for (size_t i = 0; i < sizeof(macros) / sizeof(macros[0]); i++) {
		(void)postfixconf_get(l->p, l->service, macros[i].name, text, sizeof(text));
		if (strstr(text, macros[i].needed) == NULL)
			machine_add(l->m, FINDING_WARNING, "postfix-macros",
			    "take it out of main.cf, for its default has them all",
			    "%s: %s has no %s: %s", l->service->name, macros[i].name,
			    macros[i].needed, macros[i].without);
	}
}

/* Ask a table as smtpd(8) would, for an address that is nobody's. */
static void
look_at_table(const struct look *l, const char *table)
{
	const char *argv[8] = {"postmap"};
	const struct command_user self = {NULL, NULL};
	char out[ITEM_MAX];
	size_t n = 1;
	int status;

	if (l->m->postfix != NULL) {
		argv[n++] = "-c";
		argv[n++] = l->m->postfix;
	}
	argv[n++] = "-q";
	argv[n++] = STRANGER;
	argv[n] = table;
	status = command_run(argv, &self, machine_until(l->m, PATIENCE_MS), out, sizeof(out));
	out[strcspn(out, "\n")] = '\0';
	if (status == 0)
		machine_add(l->m, FINDING_WARNING, "postfix-milter-maps",
		    "have the table name your own networks alone",
		    "smtpd_milter_maps: %s sends even " STRANGER
		    ", a stranger, by \"%s\" in place of smtpd_milters",
		    table, out);
	else if (status == 1 && out[0] == '\0')
		machine_add(l->m, FINDING_OK, "postfix-milter-maps", NULL,
		    "smtpd_milter_maps: %s leaves strangers to smtpd_milters", table);
	else
		machine_add(l->m, FINDING_WARNING, "postfix-milter-maps",
		    "mend it: smtpd puts mail off while the table cannot be read",
		    "smtpd_milter_maps: %s cannot be asked: %s", table, out);
}

static void
look_at_maps(const struct look *l)
{
	char value[VALUE_MAX], table[ITEM_MAX];
	const char *at = value;

	(void)postfixconf_get(l->p, l->service, "smtpd_milter_maps", value, sizeof(value));
	while (postfixconf_item(&at, table, sizeof(table)))
		look_at_table(l, table);
}

static void
look_at_item(const struct look *l)
{
	char place[ITEM_MAX];

	postfixplace_of(l->item, place);
	machine_add(l->m, FINDING_OK, "postfix-milter", NULL, "%s asks relayguard at %s",
	    l->service->name, place);
	look_at_times(l);
	look_at_action(l);
	look_at_chroot(l);
	look_at_macros(l);
	look_at_maps(l);
}

/* --- Lists that both ask --- */

/* The label of ours with that zone, which may end in a pattern of answers or a weight. */
static const char *
label_of(const struct conf *conf, char *zone)
{
	zone[strcspn(zone, "=*")] = '\0';
	for (unsigned i = 0; i < conf->roster->n; i++)
		if (setting_same_domain(conf->roster->list[i]->zone, zone))
			return conf->roster->list[i]->label;
	return NULL;
}

static void
add_double(const struct look *l, const char *name, const char *label)
{
	machine_add(l->m, FINDING_WARNING, "postfix-same-list",
	    "take it out of Postfix: relayguard asks it, watches its health, and says why",
	    "%s%s%s asks list \"%s\", too: what Postfix refuses by it, nobody checks",
	    l->service != NULL ? l->service->name : "", l->service != NULL ? ": " : "", name,
	    label);
}

/* Whether the next item of restrictions is the zone of a list. */
static bool
asks_list(const char *word)
{
	return strcmp(word, "reject_rbl_client") == 0 ||
	    strncmp(word, "reject_rhsbl_", strlen("reject_rhsbl_")) == 0 ||
	    strcmp(word, "permit_dnswl_client") == 0 ||
	    strcmp(word, "permit_rhswl_client") == 0;
}

/* all: each item is a zone; how many are ours. */
static unsigned
look_for_zones(const struct look *l, const char *name, const char *value, bool all)
{
	char item[ITEM_MAX];
	bool zone = all;
	unsigned found = 0;

	while (postfixconf_item(&value, item, sizeof(item))) {
		const char *label = zone ? label_of(l->conf, item) : NULL;

		if (label != NULL)
			add_double(l, name, label);
		found += label != NULL;
		zone = all || asks_list(item);
	}
	return found;
}

/* A parameter in main.cf, and of each service that has its own. */
static unsigned
look_for_double(struct look *l, const char *name, bool all)
{
	char value[VALUE_MAX];
	unsigned found;

	l->service = NULL;
	(void)postfixconf_get(l->p, NULL, name, value, sizeof(value));
	found = look_for_zones(l, name, value, all);
	for (size_t i = 0; i < l->p->n; i++) {
		l->service = &l->p->service[i];
		if (postfixconf_get(l->p, l->service, name, value, sizeof(value)))
			found += look_for_zones(l, name, value, all);
	}
	return found;
}

static void
look_for_doubles(struct look *l)
{
	bool postscreen = false;
	unsigned found = 0;

	for (size_t i = 0; names[i] != NULL; i++)
		if (strstr(names[i], "_restrictions") != NULL)
			found += look_for_double(l, names[i], false);
	for (size_t i = 0; i < l->p->n; i++)
		postscreen |= strcmp(l->p->service[i].command, "postscreen") == 0;
	if (postscreen)
		found += look_for_double(l, "postscreen_dnsbl_sites", true);
	if (found == 0)
		machine_add(l->m, FINDING_OK, "postfix-same-list", NULL,
		    "no list is asked by Postfix, too");
}

/* --- All of it --- */

static void
look_at_services(struct look *l)
{
	char value[VALUE_MAX];
	unsigned open = 0;
	bool own;

	for (size_t i = 0; i < l->p->n; i++) {
		enum match match;

		l->service = &l->p->service[i];
		if (!is_open(l->service))
			continue;
		open++;
		match = find_ours(l, l->service, "smtpd_milters", value, &own);
		if (match == MATCH_OURS)
			look_at_item(l);
		if (!doctorpolicy_look(l->m, l->p, l->service, match == MATCH_OURS) &&
		    match != MATCH_OURS)
			add_missing(l, match, value, own);
	}
	if (open == 0)
		machine_add(l->m, FINDING_WARNING, "postfix-milter",
		    "look at the lines of smtpd in master.cf",
		    "master.cf has no smtpd at port 25, nor behind postscreen");
	if (find_ours(l, NULL, "non_smtpd_milters", value, &own) == MATCH_OURS)
		machine_add(l->m, FINDING_WARNING, "postfix-non-smtpd",
		    "take relayguard out of non_smtpd_milters",
		    "non_smtpd_milters asks relayguard about mail of this machine, which has no "
		    "client");
}

void
doctorpostfix_look(struct machine *m)
{
	struct postfixconf *p = calloc(1, sizeof(*p));
	struct look l = {.m = m, .conf = m->conf, .p = p};
	char why[WHY_MAX];

	switch (p == NULL ? POSTFIXCONF_FAILED
			  : postfixconf_read(p, m->postfix, names,
				machine_until(m, PATIENCE_MS), why, sizeof(why))) {
	case POSTFIXCONF_NONE:
		break;
	case POSTFIXCONF_FAILED:
		machine_add(m, FINDING_UNSEEN, "postfix-milter", NULL, "%s",
		    p == NULL ? "out of memory" : why);
		break;
	case POSTFIXCONF_BAD:
		m->has_mta = true;
		machine_add(m, FINDING_ERROR, "postfix-milter",
		    "mend that, then: postfix check",
		    "Postfix cannot read its configuration: %s", why);
		break;
	case POSTFIXCONF_READ:
		if (m->conf == NULL) {
			machine_add(
			    m, FINDING_UNSEEN, "postfix-milter", NULL, MACHINE_NEEDS_CONF);
			break;
		}
		m->has_mta = true;
		look_at_services(&l);
		look_for_doubles(&l);
		break;
	}
	free(p);
}
