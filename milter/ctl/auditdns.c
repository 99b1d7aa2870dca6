/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditdns.c - the questions that other servers ask about us.  What lists say the daemon is
 * asked, for it knows which of them may be believed.
 */
#include "config.h"

#include "ctl/auditdns.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/client.h"
#include "ctl/machinedns.h"

#define LOOKUP_MS 20000
#define SPF "v=spf1"
#define LISTS_SHOWN 512

/* --- Names --- */

static void
look_at_address(struct auditor *a, const struct ipaddr *address)
{
	char text[IPADDR_STRLEN], name[DNSWIRE_NAME_SIZE];

	ipaddr_format(address, text);
	switch (machinedns_name(&a->m, address, name)) {
	case MACHINEDNS_UNKNOWN:
		machine_add(
		    &a->m, FINDING_UNSEEN, "name", NULL, "%s: DNS does not answer", text);
		break;
	case MACHINEDNS_NONE:
		machine_add(&a->m, FINDING_ERROR, "name",
		    "have whoever gave you the address set a PTR record to the name of the server",
		    "%s has no name: many servers refuse its mail", text);
		break;
	case MACHINEDNS_STRAY:
		machine_add(&a->m, FINDING_ERROR, "name",
		    "give that name this address in DNS, or have the PTR record name another",
		    "%s is %s, and that name does not lead back", text, name);
		break;
	case MACHINEDNS_CONFIRMED:
		machine_add(&a->m, FINDING_OK, "name", NULL, "%s is %s, and back", text, name);
		break;
	}
}

static void
look_at_helo(struct auditor *a)
{
	bool known;

	if (machinedns_leads_to(&a->m, a->host, NULL, &known))
		machine_add(&a->m, FINDING_OK, "helo", NULL, "%s has an address", a->host);
	else if (!known)
		machine_add(
		    &a->m, FINDING_UNSEEN, "helo", NULL, "%s: DNS does not answer", a->host);
	else
		machine_add(&a->m, FINDING_WARNING, "helo",
		    "give that name an address in DNS, or the server a name that has one",
		    "%s, as which the server greets, has no address in DNS", a->host);
}

/* --- Policies of senders --- */

/* How many policies there are; the last one is copied. */
static unsigned
find_policy(const struct dns_reply *reply, char out[512])
{
	unsigned n = 0;

	for (size_t i = 0; reply->records != NULL && i < reply->records->n; i++) {
		const char *text = (const char *)reply->records->record[i].data;
		const char *rest = text + strlen(SPF);

		if (strncasecmp(text, SPF, strlen(SPF)) != 0 || (*rest != ' ' && *rest != '\0'))
			continue;
		(void)strbuf_copy(out, 512, text);
		n++;
	}
	return n;
}

static bool
allows_all(const char *policy)
{
	for (const char *at = policy; (at = strchr(at, ' ')) != NULL;) {
		at += strspn(at, " ");
		if (strcasecmp(at, "+all") == 0 || strcasecmp(at, "all") == 0)
			return true;
	}
	return false;
}

static void
look_at_policy(struct auditor *a, const char *domain)
{
	const struct dns_reply *reply = machinedns_ask(&a->m, DNS_TXT, domain);
	char policy[512] = "";
	unsigned n;

	if (reply == NULL) {
		machine_add(
		    &a->m, FINDING_UNSEEN, "spf", NULL, "%s: DNS does not answer", domain);
		return;
	}
	n = find_policy(reply, policy);
	if (n == 0)
		machine_add(&a->m, FINDING_WARNING, "spf",
		    "publish which servers send for it: \"v=spf1 mx -all\"",
		    "%s has no SPF policy: anybody may write in its name", domain);
	else if (n > 1)
		machine_add(&a->m, FINDING_ERROR, "spf", "leave one (RFC 7208, 4.5)",
		    "%s has %u SPF policies, which count as none", domain, n);
	else if (allows_all(policy))
		machine_add(&a->m, FINDING_ERROR, "spf", "end it in -all or ~all",
		    "%s lets everybody send for it: %s", domain, policy);
	else
		machine_add(&a->m, FINDING_OK, "spf", NULL, "%s: %s", domain, policy);
}

/* --- Lists --- */

struct listings {
	struct strbuf lists; /* that have the address, and count against it */
	unsigned n, clear;
};

static int
take_list(const char *line, void *arg)
{
	struct listings *l = arg;
	json_t *reply = json_loads(line, 0, NULL), *data = json_object_get(reply, "data");
	const char *answer = json_string_value(json_object_get(data, "answer")),
		   *label = json_string_value(json_object_get(data, "label")),
		   *state = json_string_value(json_object_get(data, "state"));
	bool believed = answer != NULL && label != NULL && state != NULL &&
	    (strcmp(state, "good") == 0 || strcmp(state, "new") == 0);
	const json_t *status = json_object_get(reply, "status"),
		     *score = json_object_get(data, "score");
	int result;

	if (believed && strcmp(answer, "listed") == 0 && json_number_value(score) > 0)
		strbuf_addf(&l->lists, "%s%s", l->n++ > 0 ? ", " : "", label);
	l->clear += believed && strcmp(answer, "clear") == 0;
	result = json_is_integer(status) ? (int)json_integer_value(status) : -1;
	json_decref(reply);
	return result;
}

static void
look_at_lists(struct auditor *a, const struct ipaddr *address)
{
	char text[IPADDR_STRLEN], shown[LISTS_SHOWN];
	const char *path = a->m.conf != NULL ? a->m.conf->control.socket : NULL;
	struct listings l = {0};
	json_t *request;

	ipaddr_format(address, text);
	if (path == NULL) {
		machine_add(&a->m, FINDING_UNSEEN, "listed", NULL,
		    "%s: the daemon is asked at a control socket, and there is none", text);
		return;
	}
	strbuf_init(&l.lists, shown, sizeof(shown));
	request = json_pack("{s:s, s:s, s:b}", "verb", "lookup", "address", text, "fresh", 1);
	(void)client_ask(path, request, LOOKUP_MS, take_list, &l);
	json_decref(request);
	if (l.n > 0)
		machine_add(&a->m, FINDING_ERROR, "listed",
		    "relayguardctl lookup says what for; then see the list's own page",
		    "%s is on %s", text, shown);
	else if (l.clear > 0)
		machine_add(&a->m, FINDING_OK, "listed", NULL, "%s is on none of %u lists",
		    text, l.clear);
	else
		machine_add(&a->m, FINDING_UNSEEN, "listed", NULL,
		    "%s: no list, or not the daemon, has answered", text);
}

void
auditdns_look(struct auditor *a)
{
	bool global = false;

	for (size_t i = 0; i < a->self.naddresses; i++) {
		const struct ipaddr *address = &a->self.address[i];

		if (!ipaddr_is_global(address) || machine_is_late(&a->m, "name", "addresses"))
			continue;
		global = true;
		look_at_address(a, address);
		look_at_lists(a, address);
	}
	if (!global)
		machine_add(&a->m, FINDING_UNSEEN, "name", NULL,
		    "this machine has private addresses alone: how others see it is not known "
		    "here");
	look_at_helo(a);
	for (size_t i = 0; i < a->ndomains; i++)
		if (!machine_is_late(&a->m, "spf", a->domain[i].name))
			look_at_policy(a, a->domain[i].name);
}
