/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditmta.c - postconf(1) and postmap(1) know Postfix's tables; of Sendmail the classes w
 * and R are in its .cf, or in files that it names.
 */
#include "config.h"

#include "ctl/auditmta.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/prefix.h"
#include "base/setting.h"
#include "base/strbuf.h"

#define ITEM_MAX 1024
#define DUMP_MAX 65536
#define WHY_MAX 512
#define LINE_SIZE 2048
#define PATIENCE_MS 5000
#define WIDE_V4 16
#define WIDE_V6 32
#define PRIVATE_LEAST 7 /* fc00::/7: no special network is wider */
#define LOOPBACK_STRANGER "127.0.0.77"

static const char *const names[] = {"mydestination", "relay_domains", "virtual_alias_domains",
    "virtual_mailbox_domains", "mynetworks", "allow_untrusted_routing",
    "smtpd_relay_restrictions", "smtpd_recipient_restrictions", "relay_recipient_maps",
    "local_recipient_maps", "virtual_mailbox_maps", "virtual_alias_maps", "luser_relay",
    "permit_mx_backup_networks", "smtpd_sasl_auth_enable", "smtpd_client_message_rate_limit",
    "smtpd_hard_error_limit", NULL};

/* Where domains are, and by which tables their recipients are known. */
static const struct {
	const char *domains, *recipients;
} classes[] = {
    {"mydestination", "local_recipient_maps"},
    {"virtual_mailbox_domains", "virtual_mailbox_maps"},
    {"virtual_alias_domains", "virtual_alias_maps"},
    {"relay_domains", "relay_recipient_maps"},
};

#define CLASSES (sizeof(classes) / sizeof(classes[0]))

void
auditmta_value(const struct auditor *a, const char *name, char out[AUDITMTA_VALUE_MAX])
{
	(void)postfixconf_get(a->postfix, a->service, name, out, AUDITMTA_VALUE_MAX);
}

/* --- Tables --- */

static bool
is_table(const char *item)
{
	return strchr(item, ':') != NULL && item[0] != '[';
}

/* postmap(1) with an option and maybe a key; its status. */
static int
postmap(struct auditor *a, const char *option, const char *key, const char *table, char *out,
    size_t size)
{
	static const struct command_user self = {NULL, NULL};
	const char *argv[8] = {"postmap"};
	size_t n = 1;

	if (a->m.postfix != NULL) {
		argv[n++] = "-c";
		argv[n++] = a->m.postfix;
	}
	argv[n++] = option;
	if (key != NULL)
		argv[n++] = key;
	argv[n] = table;
	return command_run(argv, &self, machine_until(&a->m, PATIENCE_MS), out, size);
}

/* Whether a list of names and tables holds a name; found: the item by which. */
static bool
holds(struct auditor *a, const char *list, const char *name, char found[ITEM_MAX])
{
	char out[ITEM_MAX];

	while (postfixconf_item(&list, found, ITEM_MAX))
		if (is_table(found) ? postmap(a, "-q", name, found, out, sizeof(out)) == 0
				    : setting_same_domain(found, name))
			return true;
	return false;
}

/* Add the keys of a table; false: it does not tell them. */
static bool
add_table(struct auditor *a, const char *table)
{
	static char dump[DUMP_MAX];
	char *rest = dump, *line;

	if (postmap(a, "-s", NULL, table, dump, sizeof(dump)) != 0)
		return false;
	while ((line = strsep(&rest, "\n")) != NULL) {
		line[strcspn(line, " \t")] = '\0';
		auditor_add_domain(a, line);
	}
	return true;
}

/* --- Domains --- */

static void
add_list(struct auditor *a, const char *parameter, const char *list)
{
	char item[ITEM_MAX];

	while (postfixconf_item(&list, item, sizeof(item)))
		if (!is_table(item))
			auditor_add_domain(a, item);
		/* A domain of virtual_alias_maps is one of its keys, among mailboxes. */
		else if (!add_table(a, item) && strcmp(parameter, "virtual_alias_domains") != 0)
			machine_add(&a->m, FINDING_UNSEEN, "domains", "name them by --own",
			    "which domains %s has in %s", parameter, item);
}

static void
add_own(struct auditor *a, const char *own)
{
	char name[DOMAIN_NAME_SIZE];
	struct strbuf sb;

	while (*own != '\0') {
		size_t len = strcspn(own, ",");

		strbuf_init(&sb, name, sizeof(name));
		strbuf_addn(&sb, own, len);
		auditor_add_domain(a, name);
		own += len;
		own += *own == ',';
	}
}

/* A file of names, a line each. */
static void
add_file(struct auditor *a, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE];

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "#\r\n \t")] = '\0';
		auditor_add_domain(a, line);
	}
	(void)fclose(file);
}

/* Go past the letter of a class that has domains of ours, "w" or "{R}". */
static bool
take_class(char **at)
{
	static const char *const letters[] = {"w", "{w}", "R", "{R}"};
	const char *rest = *at;

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (ascii_take(&rest, letters[i])) {
			*at += strlen(letters[i]);
			return true;
		}
	return false;
}

/* "CwNAME", "Fw/etc/mail/local-host-names", "F{R}-o /etc/mail/relay-domains". */
static void
add_class(struct auditor *a, char *line)
{
	char *rest = line + 1, *word;

	if ((line[0] != 'C' && line[0] != 'F') || !take_class(&rest))
		return;
	while ((word = strsep(&rest, " \t\r\n")) != NULL) {
		if (word[0] == '\0' || word[0] == '-')
			continue;
		if (line[0] == 'C') {
			auditor_add_domain(a, word);
			continue;
		}
		word[strcspn(word, "%")] = '\0';
		add_file(a, word);
		return;
	}
}

static void
read_sendmail(struct auditor *a)
{
	char path[PATH_MAX], line[LINE_SIZE];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/sendmail.cf", a->m.sendmail);
	if ((file = fopen(path, "re")) == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		add_class(a, line);
	(void)fclose(file);
}

/* --- Postfix --- */

/* The service of master.cf that listens at the port. */
static const struct postfix_service *
find_service(const struct auditor *a)
{
	char port[16], any[16];

	(void)snprintf(port, sizeof(port), ":%u/inet", a->target.port);
	(void)snprintf(any, sizeof(any), "%u/inet", a->target.port);
	for (size_t i = 0; i < a->postfix->n; i++) {
		const struct postfix_service *s = &a->postfix->service[i];
		const char *colon = strrchr(s->name, ':');

		if (strcmp(s->name, any) == 0 || (colon != NULL && strcmp(colon, port) == 0) ||
		    (a->target.port == 25 && strstr(s->name, "smtp/inet") != NULL &&
			strstr(s->name, "smtps") == NULL))
			return s;
	}
	return NULL;
}

/* All others have HELP, and say so. */
static bool
is_postfix(const struct auditor *a)
{
	return !smtptalk_offers(&a->hello, "HELP");
}

/* False: it is not there, or not as it is read. */
static bool
read_postfix(struct auditor *a)
{
	enum postfixconf_result result;
	char why[WHY_MAX];

	if ((a->postfix = calloc(1, sizeof(*a->postfix))) == NULL)
		return false;
	result = postfixconf_read(a->postfix, a->m.postfix, names,
	    machine_until(&a->m, PATIENCE_MS), why, sizeof(why));
	if (result == POSTFIXCONF_READ) {
		a->service = find_service(a);
		return true;
	}
	if (result != POSTFIXCONF_NONE)
		machine_add(&a->m, FINDING_UNSEEN, "domains", NULL, "%s", why);
	auditmta_free(a);
	return false;
}

void
auditmta_free(struct auditor *a)
{
	free(a->postfix);
	a->postfix = NULL;
}

void
auditmta_read(struct auditor *a, const char *own)
{
	char value[AUDITMTA_VALUE_MAX];

	if (own != NULL)
		add_own(a, own);
	if (!is_postfix(a) || !read_postfix(a)) {
		if (own == NULL)
			read_sendmail(a);
	} else {
		for (size_t i = 0; own == NULL && i < CLASSES; i++) {
			auditmta_value(a, classes[i].domains, value);
			add_list(a, classes[i].domains, value);
		}
	}
	if (a->ndomains == 0)
		auditor_add_domain(a, a->host);
	if (a->more_domains)
		machine_add(&a->m, FINDING_UNSEEN, "domains",
		    "name the others by --own, some in each run",
		    "there are more than %d domains: the others", AUDITOR_DOMAINS_MAX);
}

/* --- Who is trusted --- */

bool
auditmta_is_wide(const struct network *net)
{
	struct ipaddr last = net->addr;

	if (net->len >= (net->addr.bits == 32 ? WIDE_V4 : WIDE_V6))
		return false;
	for (unsigned bit = net->len; bit < net->addr.bits; bit++)
		last.byte[bit / 8] |= (unsigned char)(0x80U >> bit % 8);
	return net->len < PRIVATE_LEAST ||
	    ipaddr_kind(&net->addr, net->addr.bits) == IPADDR_GLOBAL ||
	    ipaddr_kind(&last, last.bits) == IPADDR_GLOBAL;
}

/* An item of mynetworks: "192.0.2.0/24", "[2001:db8::]/32", "!192.0.2.1". */
static bool
parse_network(struct network *net, const char *item)
{
	char text[ITEM_MAX], why[WHY_MAX];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	for (; *item != '\0'; item++)
		if (*item != '[' && *item != ']')
			strbuf_addc(&sb, *item);
	return prefix_parse(net, text, why, sizeof(why));
}

static bool
is_trusted(struct auditor *a, const char *list, const struct ipaddr *address)
{
	char item[ITEM_MAX], text[IPADDR_STRLEN], out[ITEM_MAX];
	struct network net;

	ipaddr_format(address, text);
	while (postfixconf_item(&list, item, sizeof(item))) {
		bool denied = item[0] == '!', match;

		if (is_table(item + denied) && !parse_network(&net, item + denied))
			match = postmap(a, "-q", text, item + denied, out, sizeof(out)) == 0;
		else
			match = parse_network(&net, item + denied) &&
			    ipaddr_within(address, &net.addr, net.len);
		if (match)
			return !denied;
	}
	return false;
}

bool
auditmta_trusts(struct auditor *a, const struct ipaddr *address)
{
	char value[AUDITMTA_VALUE_MAX];

	if (a->postfix == NULL)
		return false;
	auditmta_value(a, "mynetworks", value);
	return is_trusted(a, value, address);
}

static void
look_at_width(struct auditor *a, const char *list)
{
	char item[ITEM_MAX];
	struct network net;

	while (postfixconf_item(&list, item, sizeof(item))) {
		if (!parse_network(&net, item) || !auditmta_is_wide(&net))
			continue;
		a->trusts_strangers = true;
		machine_add(&a->m, FINDING_ERROR, "networks",
		    "have mynetworks name your own machines alone: "
		    "mynetworks = 127.0.0.0/8 [::1]/128",
		    "mynetworks has %s: all of that network may send mail anywhere by this server",
		    item);
	}
	if (!a->trusts_strangers)
		machine_add(&a->m, FINDING_OK, "networks", NULL,
		    "mynetworks has no network that is wider than one's own");
}

static bool
try_source(struct auditor *a, const char *list, const struct ipaddr *address)
{
	if (address->bits != a->target.address.bits || is_trusted(a, list, address))
		return false;
	a->source = *address;
	return true;
}

/* A loopback address that is not trusted, or one of an interface. */
static bool
find_source(struct auditor *a, const char *list)
{
	struct ipaddr address;

	if (ipaddr_parse(&address, LOOPBACK_STRANGER) && try_source(a, list, &address))
		return true;
	for (size_t i = 0; i < a->self.naddresses; i++)
		if (try_source(a, list, &a->self.address[i]))
			return true;
	return false;
}

void
auditmta_look_at_networks(struct auditor *a)
{
	char value[AUDITMTA_VALUE_MAX] = "";

	if (a->postfix != NULL) {
		auditmta_value(a, "mynetworks", value);
		look_at_width(a, value);
	}
	a->untrusted = find_source(a, value);
}

/* --- Why it relays --- */

bool
auditmta_routes(const struct auditor *a)
{
	char value[AUDITMTA_VALUE_MAX];

	if (a->postfix == NULL)
		return false;
	auditmta_value(a, "allow_untrusted_routing", value);
	return strcmp(value, "yes") == 0;
}

const char *
auditmta_relay_advice(struct auditor *a, const char *domain)
{
	char value[AUDITMTA_VALUE_MAX], item[ITEM_MAX];

	if (a->postfix == NULL)
		return "take promiscuous_relay and its like out of sendmail.mc, and domains that "
		       "are not yours out of relay-domains and the access map";
	if (domain != NULL && auditmta_routes(a))
		return "allow_untrusted_routing = no";
	auditmta_value(a, "relay_domains", value);
	if (holds(a, value, a->elsewhere, item))
		return "have relay_domains name your own domains: it matches domains that nobody "
		       "has";
	return "have reject_unauth_destination stand before permit and all that may accept, in "
	       "smtpd_relay_restrictions";
}

bool
auditmta_is_catch_all(struct auditor *a, const char *domain)
{
	char value[AUDITMTA_VALUE_MAX], item[ITEM_MAX], key[DOMAIN_NAME_SIZE + 1];

	if (a->postfix == NULL)
		return false;
	(void)snprintf(key, sizeof(key), "@%s", domain);
	for (size_t i = 0; i < CLASSES; i++) {
		auditmta_value(a, classes[i].domains, value);
		if (!holds(a, value, domain, item))
			continue;
		auditmta_value(a, classes[i].recipients, value);
		if (holds(a, value, key, item))
			return true;
		auditmta_value(a, "virtual_alias_maps", value);
		if (holds(a, value, key, item))
			return true;
		auditmta_value(a, "luser_relay", value);
		return i == 0 && value[0] != '\0';
	}
	return false;
}
