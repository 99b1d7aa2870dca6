/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lintlist.c - warnings of lists: what they say of themselves, whether they are those
 * that were meant, and whether the servers that are asked about them will be answered.
 */
#include "config.h"

#include "conf/lintlist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/domain.h"
#include "base/ipaddr.h"
#include "base/setting.h"
#include "base/strbuf.h"
#include "base/textfile.h"
#include "conf/checker.h"
#include "dns/server.h"

#define LOOPBACK 0x7f000001U
#define OWNER_MIN 4 /* bytes of a name that can hardly be there twice by chance */
#define NAMED_MAX 3 /* lists that are named one by one */
#define WHO_MAX 256
#define WHY_MAX 300

/* A zone without its key and without its top-level domain. */
struct stem {
	const char *text;
	size_t len;
	const char *top; /* with its dot */
};

static bool
find_stem(struct stem *stem, const char *zone)
{
	const char *key = strstr(zone, CHECKER_KEY);

	if (key != NULL)
		zone = key + strlen(CHECKER_KEY) + 1;
	stem->text = zone;
	stem->top = strrchr(zone, '.');
	stem->len = stem->top != NULL ? (size_t)(stem->top - zone) : 0;
	return stem->len > 0;
}

/* Whether two zones are the same but for what they end in. */
static bool
is_elsewhere(const char *zone, const char *known)
{
	struct stem a, b;

	return find_stem(&a, zone) && find_stem(&b, known) && a.len == b.len &&
	    strncasecmp(a.text, b.text, a.len) == 0 && !setting_same_domain(a.top, b.top);
}

/* Whether the owners of two zones have the same name in different places. */
static bool
is_other_owner(const char *zone, const char *known)
{
	char a[DOMAIN_NAME_SIZE], b[DOMAIN_NAME_SIZE];
	struct stem stem;
	const char *x, *y;
	size_t len;

	if (!find_stem(&stem, known) || !domain_normalise(zone, a) ||
	    !domain_normalise(stem.text, b) || (x = domain_registered(a)) == NULL ||
	    (y = domain_registered(b)) == NULL || strcmp(x, y) == 0)
		return false;
	len = strcspn(x, ".");
	return len >= OWNER_MIN && len == strcspn(y, ".") && strncmp(x, y, len) == 0;
}

/* Whether a known list has its zone below the same registered domain. */
static bool
is_known_owner(const struct lists *lists, const char *zone)
{
	char normal[DOMAIN_NAME_SIZE];
	const struct layers *l;
	const char *owner = domain_normalise(zone, normal) ? domain_registered(normal) : NULL;

	for (size_t i = 0; owner != NULL && (l = lists_at(lists, i)) != NULL; i++) {
		const char *known = l->base != NULL ? section_text(l->base, "zone") : NULL;
		struct stem stem;

		if (known != NULL && find_stem(&stem, known) &&
		    setting_below_domain(stem.text, owner))
			return true;
	}
	return false;
}

/* bl.spamcop.org is not bl.spamcop.net, and may be anybody's. */
static void
warn_of_zone(const struct lists *lists, const struct layers *own, struct report *report)
{
	const char *zone = own->own != NULL ? section_text(own->own, "zone") : NULL;
	const struct layers *l;
	const char *dead;
	struct place place;
	bool known_owner;

	if (zone == NULL)
		return;
	place = section_place(own->own, "zone");
	known_owner = is_known_owner(lists, zone);
	for (size_t i = 0; (l = lists_at(lists, i)) != NULL; i++) {
		const char *known = l->base != NULL ? section_text(l->base, "zone") : NULL;

		if (known == NULL || setting_same_domain(zone, known) ||
		    !(is_elsewhere(zone, known) ||
			(!known_owner && is_other_owner(zone, known))))
			continue;
		dead = section_text(l->base, "dead");
		report_warning(report, &place, "zone: the list that is known is at \"%s\"%s%s",
		    known, dead != NULL && dead[0] != '\0' ? ", and is dead: " : "",
		    dead != NULL ? dead : "");
		return;
	}
}

/* The configuration may be read by others than a file for a key may. */
static void
warn_of_key(const struct lists *lists, const struct layers *own, struct report *report)
{
	const char *zone = own->own != NULL ? section_text(own->own, "zone") : NULL;
	const struct layers *l;

	if (zone == NULL || strstr(zone, CHECKER_KEY) != NULL)
		return;
	for (size_t i = 0; (l = lists_at(lists, i)) != NULL; i++) {
		const char *known = l->base != NULL ? section_text(l->base, "zone") : NULL;
		struct place place = section_place(own->own, "zone");
		struct stem stem;

		if (known == NULL || strstr(known, CHECKER_KEY) == NULL ||
		    !find_stem(&stem, known) || setting_same_domain(zone, stem.text) ||
		    !setting_below_domain(zone, stem.text))
			continue;
		report_warning(report, &place,
		    "zone: a key in here can be read by whoever reads this file: write \"%s\", "
		    "and put it into a key_file",
		    known);
		return;
	}
}

/* Dying lists answer 127.0.0.1 to all. */
static void
warn_of_loopback(const struct listing *list, const struct place *place, struct report *report)
{
	for (unsigned i = 0; i < list->nanswers; i++) {
		const struct codes *codes = &list->answers[i].codes;

		if (codes->bits != 0 || codes->low == codes->high || codes->low > LOOPBACK ||
		    codes->high < LOOPBACK)
			continue;
		report_warning(report, place,
		    "list \"%s\": a range of answers holds 127.0.0.1, which dying lists answer "
		    "to all",
		    list->label);
		return;
	}
}

/* Those that everybody may use: Google, Cloudflare, Quad9, OpenDNS, Level 3. */
static const char *const public_resolvers[] = {"8.8.8.8", "8.8.4.4", "2001:4860:4860::8888",
    "2001:4860:4860::8844", "1.1.1.1", "1.0.0.1", "1.1.1.2", "1.0.0.2", "1.1.1.3", "1.0.0.3",
    "2606:4700:4700::1111", "2606:4700:4700::1001", "9.9.9.9", "9.9.9.10", "9.9.9.11",
    "149.112.112.112", "149.112.112.10", "149.112.112.11", "2620:fe::fe", "2620:fe::9",
    "208.67.222.222", "208.67.220.220", "2620:119:35::35", "2620:119:53::53", "4.2.2.1",
    "4.2.2.2"};

bool
lintlist_is_public(const char *server)
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

/* The lists that are picky, and what is said of them. */
struct judge {
	char who[WHO_MAX]; /* they are */
	unsigned n;        /* how many */
	struct report *report;
};

static void
judge_server(const struct judge *judge, const char *server, const struct place *place)
{
	if (lintlist_is_public(server))
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

/* The servers of one list alone. */
static void
warn_of_servers(const struct listing *list, const struct layers *l, struct report *report)
{
	struct judge judge = {.n = 1, .report = report};

	if (list->public_resolvers || list->zone[0] == '\0')
		return;
	snprintf(judge.who, sizeof(judge.who), "list \"%s\"", list->label);
	judge_servers(&judge, section_word(layers_pick(l, "servers"), "servers"));
}

void
lintlist_check(const struct lists *lists, const struct listing *list, const struct place *vote,
    struct report *report)
{
	const struct layers *l = lists_layers(lists, list->label);
	const char *needs = layers_text(l, "needs");

	if (needs != NULL && strcmp(needs, "registration") == 0 && list->zone[0] != '\0')
		report_warning(report, vote,
		    "list \"%s\" answers only those who have registered with it: once that is "
		    "done, set needs = \"\"",
		    list->label);
	warn_of_loopback(list, &layers_front(l)->place, report);
	warn_of_zone(lists, l, report);
	warn_of_key(lists, l, report);
	warn_of_servers(list, l, report);
}

/* Whether a list before that one in the roster has its label, and is in the set. */
static bool
is_named(const struct roster *roster, listset set, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (listset_has(set, k) &&
		    strcmp(roster->list[k]->label, roster->list[i]->label) == 0)
			return true;
	return false;
}

unsigned
lintlist_name(const struct roster *roster, listset set, char *out, size_t size)
{
	unsigned n, told = 0;
	struct strbuf sb;

	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(set, i) && is_named(roster, set, i))
			set &= ~((listset)1 << i);
	n = listset_count(set);
	strbuf_init(&sb, out, size);
	strbuf_add(&sb, n == 1 ? "list" : "lists");
	for (unsigned i = 0; i < roster->n && told < NAMED_MAX; i++) {
		if (!listset_has(set, i))
			continue;
		if (told > 0)
			strbuf_add(&sb, told + 1 == n ? " and" : ",");
		strbuf_addf(&sb, " \"%s\"", roster->list[i]->label);
		told++;
	}
	if (n > told)
		strbuf_addf(&sb, " and %u more", n - told);
	return n;
}

/* The lists that ask those servers, and that public ones are not answered by. */
static listset
find_picky(const struct roster *roster)
{
	listset picky = 0;

	for (unsigned i = 0; i < roster->n; i++)
		if (!roster->list[i]->public_resolvers && roster->list[i]->servers[0] == NULL &&
		    roster->list[i]->zone[0] != '\0')
			picky |= (listset)1 << i;
	return picky;
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
lintlist_resolvers(const struct roster *roster, const struct word *servers,
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
