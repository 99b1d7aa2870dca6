/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lintnet.c - warnings of servers that will not be answered, and of networks that hold
 * everybody.
 */
#include "config.h"

#include "conf/lintnet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"
#include "base/textfile.h"
#include "conf/lintlist.h"
#include "dns/server.h"

#define WHO_MAX 256
#define WHY_MAX 300

/* Those that everybody may use: Google, Cloudflare, Quad9, OpenDNS, Level 3. */
static const char *const public_resolvers[] = {"8.8.8.8", "8.8.4.4", "2001:4860:4860::8888",
    "2001:4860:4860::8844", "1.1.1.1", "1.0.0.1", "1.1.1.2", "1.0.0.2", "1.1.1.3", "1.0.0.3",
    "2606:4700:4700::1111", "2606:4700:4700::1001", "9.9.9.9", "9.9.9.10", "9.9.9.11",
    "149.112.112.112", "149.112.112.10", "149.112.112.11", "2620:fe::fe", "2620:fe::9",
    "208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53", "4.2.2.1",
    "4.2.2.2"};

static bool
is_public(const char *server)
{
	struct endpoint known, asked;

	if (!dnsserver_parse(&asked, server))
		return false;
	for (size_t i = 0; i < sizeof(public_resolvers) / sizeof(public_resolvers[0]); i++)
		if (dnsserver_parse(&known, public_resolvers[i]) &&
		    ipaddr_compare(&known.address, &asked.address) == 0)
			return true;
	return false;
}

/* The lists that ask those servers, and that public ones are not answered by. */
static listset
find_picky(const struct roster *roster)
{
	listset picky = 0;

	for (unsigned i = 0; i < roster->n; i++)
		if (!roster->list[i]->public_resolvers && roster->list[i]->servers[0] == NULL)
			picky |= (listset)1 << i;
	return picky;
}

/* The lists that are picky, and what is said of them. */
struct judge {
	char who[WHO_MAX]; /* they are */
	unsigned n;        /* how many */
	struct report *report;
};

static void
judge_server(const struct judge *judge, const char *server, const struct place *place)
{
	if (is_public(server))
		report_warning(judge->report, place,
		    "servers: %s refuse%s the questions of the public resolver %s: run one of "
		    "your own",
		    judge->who, judge->n == 1 ? "s" : "", server);
}

static void
judge_servers(const struct judge *judge, const struct word *servers)
{
	for (size_t i = 0; i < servers->n; i++)
		judge_server(judge, servers->values[i].text, &servers->values[i].place);
}

/* The servers of resolv.conf(5), a line each. */
static void
judge_system(const struct judge *judge, const char *path)
{
	char why[WHY_MAX], *line, *text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why));
	struct place place = {path, 0};
	char *rest = text;

	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		char *word = strsep(&line, " \t");

		place.line++;
		if (strcmp(word, "nameserver") != 0 || line == NULL)
			continue;
		line += strspn(line, " \t");
		line[strcspn(line, " \t\r#;%")] = '\0';
		judge_server(judge, line, &place);
	}
	free(text);
}

void
lintnet_resolvers(const struct roster *roster, const struct word *servers,
    const char *resolv_conf, struct report *report)
{
	struct judge judge = {.report = report};

	judge.n = lintlist_name(roster, find_picky(roster), judge.who, sizeof(judge.who));
	if (judge.n == 0)
		return;
	judge_servers(&judge, servers);
	if (servers->n == 0)
		judge_system(&judge, resolv_conf);
}

void
lintnet_own(const struct listing *list, const struct word *servers, struct report *report)
{
	struct judge judge = {.n = 1, .report = report};

	if (list->public_resolvers)
		return;
	snprintf(judge.who, sizeof(judge.who), "list \"%s\"", list->label);
	judge_servers(&judge, servers);
}

/* What is odd about a network; LINTNET_ODDITIES: nothing. */
static enum lintnet_oddity
oddity_of(const struct network *net, enum netline_sense sense)
{
	enum ipaddr_kind kind = ipaddr_kind(&net->addr, net->len);

	if (net->len == 0)
		return net->addr.bits == 32 ? LINTNET_ALL : LINTNET_ALL_IPV6;
	if (net->len < (net->addr.bits == 32 ? 8 : 16))
		return LINTNET_WIDE;
	return sense == NETLINE_DENY && (kind == IPADDR_PRIVATE || kind == IPADDR_LOOPBACK)
	    ? LINTNET_PRIVATE
	    : LINTNET_ODDITIES;
}

void
lintnet_count(
    struct lintnet_counts *counts, const struct network *net, const struct place *place)
{
	enum lintnet_oddity oddity = oddity_of(net, counts->sense);

	if (oddity == LINTNET_ODDITIES)
		return;
	if (counts->odd[oddity].n++ == 0) {
		counts->odd[oddity].net = *net;
		counts->odd[oddity].place = *place;
	}
}

void
lintnet_say(const struct lintnet_counts *counts, struct report *report)
{
	static const char *const sentences[][2] = {
	    [LINTNET_ALL] = {[NETLINE_ALLOW] = "is everybody: nobody is ever refused",
		[NETLINE_DENY] = "is everybody: all mail is refused"},
	    [LINTNET_ALL_IPV6] = {[NETLINE_ALLOW] = "is everybody with an IPv6 address: none "
						    "of them is ever refused",
		[NETLINE_DENY] = "is everybody with an IPv6 address: all of them are refused"},
	    [LINTNET_WIDE] = {[NETLINE_ALLOW] = "is a very large part of all addresses",
		[NETLINE_DENY] = "is a very large part of all addresses"},
	    [LINTNET_PRIVATE] = {[NETLINE_DENY] = "holds private addresses, which only "
						  "machines of your own can come from"},
	};

	for (unsigned i = 0; i < LINTNET_ODDITIES; i++) {
		const struct lintnet_odd *odd = &counts->odd[i];
		char address[IPADDR_STRLEN], more[64] = "";

		if (odd->n == 0)
			continue;
		if (odd->n > 1)
			snprintf(more, sizeof(more), " (and %u more)", odd->n - 1);
		report_warning(report, &odd->place, "%s: %s/%u %s%s",
		    counts->sense == NETLINE_ALLOW ? "allow" : "deny",
		    ipaddr_format(&odd->net.addr, address), odd->net.len,
		    sentences[i][counts->sense], more);
	}
}
