/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint.c - warnings.  Each is of something that an administrator did on the way to
 * a refusal that is wrong, or that never comes.
 */
#include "config.h"

#include "lint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "action.h"
#include "checker.h"
#include "dnsserver.h"
#include "domain.h"
#include "ipaddr.h"
#include "setting.h"
#include "textfile.h"

#define WHY_MAX 300
#define LOOPBACK 0x7f000001U
#define OWNER_MIN 4 /* bytes of a name that can hardly be there twice by chance */

/* --- One list --- */

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
		report_warning(
		    report, &place, "zone: the list that is known is at \"%s\"", known);
		return;
	}
}

/* Dying lists answer 127.0.0.1 to all. */
static void
warn_of_loopback(const struct listing *list, const struct place *place, struct report *report)
{
	for (unsigned i = 0; i < list->nanswers; i++) {
		const struct answer *a = &list->answers[i];

		if (a->bits != 0 || a->low == a->high || a->low > LOOPBACK ||
		    a->high < LOOPBACK)
			continue;
		report_warning(report, place,
		    "list \"%s\": a range of answers holds 127.0.0.1, which dying lists answer "
		    "to all",
		    list->label);
		return;
	}
}

void
lint_list(const struct lists *lists, const struct listing *list, const struct place *vote,
    struct report *report)
{
	const struct layers *l = lists_layers(lists, list->label);
	const char *needs = layers_text(l, "needs");

	if (needs != NULL && strcmp(needs, "registration") == 0)
		report_warning(report, vote,
		    "list \"%s\" answers only those who have registered with it: once that is "
		    "done, set needs = \"\"",
		    list->label);
	warn_of_loopback(list, &layers_front(l)->place, report);
	warn_of_zone(lists, l, report);
}

/* --- One policy --- */

/* What a policy does, the most severe first, and how it is said. */
static const struct {
	enum action action;
	const char *word, *done;
} steps[] = {
    {ACTION_DROP, "drop", "dropped"},
    {ACTION_REFUSE, "refuse", "refused"},
    {ACTION_QUARANTINE, "quarantine", "held"},
    {ACTION_DEFER, "defer", "deferred"},
    {ACTION_TAG, "tag", "tagged"},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* A policy that is looked at, and what is needed for it. */
struct desk {
	const struct lists *lists;
	const struct roster *roster;
	const struct policy *policy;
	const struct place *votes;
	const struct lineage *lineage;
	struct report *report;
};

static const struct listing *
list_of(const struct desk *s, unsigned vote)
{
	return s->roster->list[s->policy->vote[vote].list];
}

/* The most that a vote can add. */
static int
worst_of(const struct desk *s, unsigned vote)
{
	const struct listing *list = list_of(s, vote);

	return list->shadow ? 0 : list->worst * s->policy->vote[vote].weight;
}

/* The score from which a client is sent away; 0: none is. */
static int
refusal(const struct policy *policy)
{
	if (policy->drop > 0 && (policy->refuse == 0 || policy->drop < policy->refuse))
		return policy->drop;
	return policy->refuse;
}

/* Thresholds that a more severe one comes before. */
static void
warn_of_order(const struct desk *s)
{
	for (size_t i = 1; i < STEPS; i++) {
		int threshold = action_threshold(s->policy, steps[i].action);
		struct place place = lineage_place(s->lineage, steps[i].word);

		for (size_t k = 0; threshold > 0 && k < i; k++) {
			int severe = action_threshold(s->policy, steps[k].action);

			if (severe == 0 || severe > threshold)
				continue;
			report_warning(s->report, &place,
			    "%s: never happens, as %d is %s already", steps[i].word, severe,
			    steps[k].done);
			break;
		}
	}
}

/* The highest score that SPF can add. */
static int
worst_spf(const struct policy *policy)
{
	int worst = 0;

	for (unsigned i = 0; i < SPF_RESULTS; i++)
		if (policy->spf[i].effect == SPF_SCORE && policy->spf[i].score > worst)
			worst = policy->spf[i].score;
	return worst;
}

/* The most that all can come to, where those of a group count once; and how many
 * groups there are. */
static int
add_up(const struct desk *s, unsigned *groups)
{
	int worst[LISTS_MAX] = {0}, sum = worst_spf(s->policy);

	*groups = sum > 0;
	for (unsigned i = 0; i < s->policy->nvotes; i++) {
		int *of_group = &worst[s->policy->vote[i].group];

		if (worst_of(s, i) > *of_group)
			*of_group = worst_of(s, i);
	}
	for (unsigned i = 0; i < s->policy->nvotes; i++) {
		sum += worst[i];
		*groups += worst[i] > 0;
	}
	return sum;
}

static void
warn_of_reach(const struct desk *s)
{
	struct place place = lineage_place(s->lineage, "agree");
	unsigned groups;
	int sum = add_up(s, &groups);

	if (s->policy->nvotes == 0)
		return;
	for (size_t i = 0; i < STEPS; i++) {
		int threshold = action_threshold(s->policy, steps[i].action);
		struct place at = lineage_place(s->lineage, steps[i].word);

		if (threshold > sum)
			report_warning(s->report, &at,
			    "%s: %d is never reached: all lists together come to %d",
			    steps[i].word, threshold, sum);
	}
	if (refusal(s->policy) > 0 && s->policy->agree > (int)groups && s->policy->agree > 1)
		report_warning(s->report, &place,
		    "agree: %d cannot agree where %u can speak against a client",
		    s->policy->agree, groups);
}

/* Whether a vote refuses by itself by an entry that covers more than one address. */
static bool
hits_networks(const struct desk *s, unsigned vote)
{
	const struct listing *list = list_of(s, vote);

	for (unsigned i = 0; i < list->nanswers; i++) {
		const struct answer *a = &list->answers[i];

		if ((list->scope != SCOPE_ADDRESS || a->category == CATEGORY_POLICY_RANGE) &&
		    a->score * s->policy->vote[vote].weight >= refusal(s->policy))
			return true;
	}
	return false;
}

/* Where a list decides: lists that are inherited were not named there. */
static void
say_where(const struct desk *s, char *out, size_t size)
{
	if (lineage_own(s->lineage, "lists"))
		snprintf(out, size, "here");
	else
		snprintf(out, size, "in policy \"%s\"", s->policy->name);
}

/* A list of whole networks hits the innocent, one of reports anybody's enemy:
 * neither ought to decide alone. */
static void
warn_of_deciding(const struct desk *s, unsigned vote)
{
	const struct listing *list = list_of(s, vote);
	int threshold = refusal(s->policy);
	char where[WHY_MAX];

	if (threshold == 0 || s->policy->agree > 1 || list->shadow ||
	    worst_of(s, vote) < threshold)
		return;
	say_where(s, where, sizeof(where));
	if (hits_networks(s, vote))
		report_warning(s->report, &s->votes[vote],
		    "list \"%s\" holds whole networks, and %s it refuses by itself",
		    list->label, where);
	if (list->origin == ORIGIN_REPORTS)
		report_warning(s->report, &s->votes[vote],
		    "list \"%s\" holds what anybody reports, and %s it refuses by itself",
		    list->label, where);
}

static void
warn_of_double(const struct desk *s, unsigned vote)
{
	const char *label = list_of(s, vote)->label;

	for (unsigned i = 0; i < s->policy->nvotes; i++) {
		const char *other = list_of(s, i)->label;

		if (strcmp(label, other) == 0 || !lists_contains(s->lists, other, label))
			continue;
		report_warning(s->report, &s->votes[vote],
		    "list \"%s\" is part of \"%s\", which is named too: they count once", label,
		    other);
		return;
	}
}

/* Whether a policy is told apart from what it inherits by anything of this. */
static bool
is_its_own(const struct lineage *lineage)
{
	static const char *const words[] = {"lists", "agree", "drop", "refuse", "quarantine",
	    "defer", "tag", "spf_fail", "spf_softfail", "spf_permerror", "spf_temperror"};

	if (lineage->n == 1)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (section_word(lineage->sec[0], words[i])->set)
			return true;
	return false;
}

void
lint_policy(const struct lists *lists, const struct roster *roster, const struct policy *policy,
    const struct place *votes, const struct lineage *lineage, struct report *report)
{
	struct desk s = {lists, roster, policy, votes, lineage, report};

	if (!is_its_own(lineage))
		return;
	warn_of_order(&s);
	warn_of_reach(&s);
	for (unsigned i = 0; i < policy->nvotes; i++) {
		/* A list of domains has several votes. */
		if (i > 0 && strcmp(list_of(&s, i)->label, list_of(&s, i - 1)->label) == 0)
			continue;
		warn_of_deciding(&s, i);
		if (lineage_own(lineage, "lists"))
			warn_of_double(&s, i);
	}
}

/* --- Resolvers --- */

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
	struct dnsserver known, asked;

	if (!dnsserver_parse(&asked, server))
		return false;
	for (size_t i = 0; i < sizeof(public_resolvers) / sizeof(public_resolvers[0]); i++)
		if (dnsserver_parse(&known, public_resolvers[i]) &&
		    ipaddr_compare(&known.address, &asked.address) == 0)
			return true;
	return false;
}

/* A list that asks those servers, and that public ones are not answered by. */
static const struct listing *
find_picky(const struct roster *roster)
{
	for (unsigned i = 0; i < roster->n; i++)
		if (!roster->list[i]->public_resolvers && roster->list[i]->servers[0] == NULL)
			return roster->list[i];
	return NULL;
}

static void
judge(const char *server, const struct listing *picky, const struct place *place,
    struct report *report)
{
	if (is_public(server))
		report_warning(report, place,
		    "servers: list \"%s\" refuses the questions of the public resolver %s: run "
		    "one of your own",
		    picky->label, server);
}

/* The servers of resolv.conf(5), a line each. */
static void
judge_system(const char *path, const struct listing *picky, struct report *report)
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
		judge(line, picky, &place, report);
	}
	free(text);
}

void
lint_resolvers(const struct roster *roster, const struct word *servers, const char *resolv_conf,
    struct report *report)
{
	const struct listing *picky = find_picky(roster);

	if (picky == NULL)
		return;
	for (size_t i = 0; i < servers->n; i++)
		judge(servers->values[i].text, picky, &servers->values[i].place, report);
	if (servers->n == 0)
		judge_system(resolv_conf, picky, report);
}
