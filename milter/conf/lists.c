/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lists.c - from what two files tell of lists to listings.  A list is built when
 * the first policy names it: what nobody names is neither asked nor able to stop
 * a start.
 */
#include "config.h"

#include "conf/lists.h"

#include <stdlib.h>
#include <string.h>

#include "base/setting.h"
#include "conf/checker.h"
#include "conf/listbuilder.h"

#define CONTAINS_DEPTH 4 /* lists in lists in lists */

/* What a list of the file or the registry has become. */
enum state { LIST_UNUSED, LIST_BUILT, LIST_WRONG };

struct entry {
	struct layers layers;
	enum state state;
	struct listed listed;
};

struct lists {
	struct roster *roster;
	struct report *report;
	size_t n;
	struct entry *entries;
};

/* A list that is dead, or asked under another label, is not to be asked. */
static void
check_zone(const struct lists *lists, const struct listing *list, const struct layers *l,
    const struct place *vote)
{
	const struct roster *roster = lists->roster;
	struct place place = l->own != NULL && section_text(l->own, "zone") != NULL
	    ? section_place(l->own, "zone")
	    : *vote;

	for (size_t i = 0; i < lists->n; i++) {
		const char *dead = layers_text(&lists->entries[i].layers, "dead");
		const char *zone = layers_text(&lists->entries[i].layers, "zone");

		if (dead != NULL && dead[0] != '\0' && zone != NULL && zone[0] != '\0' &&
		    setting_below_domain(list->zone, zone))
			report_mistake(
			    lists->report, &place, "zone: this list is dead: %s", dead);
	}
	for (unsigned i = 0; i < roster->n; i++)
		if (setting_same_domain(list->zone, roster->list[i]->zone) &&
		    strcmp(list->label, roster->list[i]->label) != 0)
			report_mistake(lists->report, &place,
			    "lists \"%s\" and \"%s\" have the same zone",
			    roster->list[i]->label, list->label);
}

/* What stands in a zone after its key, if it has one. */
static const char *
keyless(const char *zone)
{
	const char *key = strstr(zone, CHECKER_KEY);

	if (key == NULL)
		return zone;
	key += strlen(CHECKER_KEY);
	return key + (key[0] == '.');
}

/* An address is never to be asked of a list of domains, whatever it is called here. */
static void
check_known_kind(const struct lists *lists, const struct listing *list, const struct layers *l)
{
	/* Where a known list is given another kind, it is that word that is wrong. */
	bool recast = l->base != NULL && section_word(layers_front(l), "kind")->set;
	const char *word = recast ? "kind" : "zone";
	struct place place = section_place(layers_front(l), word);

	for (size_t i = 0; i < lists->n; i++) {
		const struct section *base = lists->entries[i].layers.base;
		const char *zone = base != NULL ? section_text(base, "zone") : NULL;
		bool domains;

		if (zone == NULL ||
		    !(keyless(zone) == zone ? setting_same_domain(list->zone, zone)
					    : setting_below_domain(list->zone, keyless(zone))))
			continue;
		domains = section_number(base, "kind") == KIND_DOMAIN;
		if (domains != (list->kind == KIND_DOMAIN))
			report_mistake(lists->report, &place,
			    "%s: this is known as a list of %s%s", word,
			    domains ? "domains" : "addresses", recast ? "" : ": set its kind");
	}
}

static struct entry *
find(const struct lists *lists, const char *label)
{
	for (size_t i = 0; i < lists->n; i++)
		if (strcmp(layers_front(&lists->entries[i].layers)->title, label) == 0)
			return &lists->entries[i];
	return NULL;
}

static void
check_contains(const struct lists *lists, const struct layers *l)
{
	const struct word *word = section_word(layers_pick(l, "contains"), "contains");

	for (size_t i = 0; i < word->n; i++)
		if (find(lists, word->values[i].text) == NULL)
			report_mistake(lists->report, &word->values[i].place,
			    "contains: there is no list \"%s\"", word->values[i].text);
}

/* A list that a policy names; NULL, and a mistake, where it is no good. */
static struct listing *
build_list(
    const struct lists *lists, const struct layers *l, enum role role, const struct place *vote)
{
	unsigned before = report_mistakes(lists->report);
	struct listing *list = list_builder_build(l, role, vote, lists->report);

	check_contains(lists, l);
	if (list == NULL)
		return NULL;
	if (list->zone[0] != '\0') {
		check_zone(lists, list, l, vote);
		check_known_kind(lists, list, l);
	}
	if (report_mistakes(lists->report) == before)
		return list;
	listing_free(list);
	return NULL;
}

static unsigned
count_roles(const struct layers *l)
{
	unsigned n = 0;

	for (unsigned role = 0; role < ROLES; role++)
		n += list_builder_asks(l, (enum role)role);
	return n;
}

/* Put a list into the roster, once for each thing that it is asked about. */
static void
enlist(struct lists *lists, struct entry *entry, const struct place *vote)
{
	struct roster *roster = lists->roster;
	unsigned n = count_roles(&entry->layers);
	struct place place = section_place(layers_pick(&entry->layers, "asks"), "asks");

	entry->state = LIST_WRONG;
	if (n == 0)
		report_mistake(lists->report, &place, "asks: of what is missing");
	if (roster->n + n > LISTS_MAX) {
		report_mistake(lists->report, vote,
		    "policies name more than %d lists, "
		    "where one of domains counts for each name that it is asked about",
		    LISTS_MAX);
		n = 0;
	}
	entry->listed = (struct listed){roster->n, n};
	for (unsigned role = 0; n > 0 && role < ROLES; role++) {
		struct listing *list = NULL;

		if (!list_builder_asks(&entry->layers, (enum role)role))
			continue;
		list = build_list(lists, &entry->layers, (enum role)role, vote);
		if (list == NULL)
			return;
		roster->list[roster->n++] = list;
	}
	if (n > 0)
		entry->state = LIST_BUILT;
}

struct lists *
lists_new(struct roster *roster, const struct section *file, const struct section *registry,
    struct report *report)
{
	struct lists *lists = calloc(1, sizeof(*lists));
	size_t n = 0;
	struct layers *layers = layers_make(file, registry, "list", &n);

	if (lists != NULL)
		*lists = (struct lists){.roster = roster, .report = report, .n = n};
	if (lists == NULL || layers == NULL ||
	    (lists->entries = calloc(n + 1, sizeof(struct entry))) == NULL) {
		report_no_memory(report);
		free(layers);
		free(lists);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		lists->entries[i].layers = layers[i];
	free(layers);
	return lists;
}

void
lists_free(struct lists *lists)
{
	if (lists == NULL)
		return;
	free(lists->entries);
	free(lists);
}

bool
lists_use(struct lists *lists, const char *label, const struct place *vote, struct listed *out)
{
	struct entry *entry = find(lists, label);
	const char *dead;

	if (entry == NULL) {
		report_mistake(lists->report, vote, "lists: there is no list \"%s\"", label);
		return false;
	}
	dead = layers_text(&entry->layers, "dead");
	if (dead != NULL && dead[0] != '\0') {
		report_mistake(lists->report, vote, "lists: \"%s\" is dead: %s", label, dead);
		return false;
	}
	if (entry->state == LIST_UNUSED)
		enlist(lists, entry, vote);
	*out = entry->listed;
	return entry->state == LIST_BUILT;
}

bool
lists_is_good(const struct lists *lists, const char *label)
{
	const struct entry *entry = find(lists, label);
	const char *dead = entry != NULL ? layers_text(&entry->layers, "dead") : NULL;

	return entry != NULL && entry->state != LIST_WRONG && (dead == NULL || dead[0] == '\0');
}

const struct layers *
lists_at(const struct lists *lists, size_t i)
{
	return i < lists->n ? &lists->entries[i].layers : NULL;
}

const struct layers *
lists_layers(const struct lists *lists, const char *label)
{
	const struct entry *entry = find(lists, label);

	return entry != NULL ? &entry->layers : NULL;
}

static bool
holds(const struct lists *lists, const char *label, const char *other, unsigned depth)
{
	const struct entry *entry = depth > 0 ? find(lists, label) : NULL;
	const struct word *word;

	if (entry == NULL)
		return false;
	word = section_word(layers_pick(&entry->layers, "contains"), "contains");
	for (size_t i = 0; i < word->n; i++)
		if (strcmp(word->values[i].text, other) == 0 ||
		    holds(lists, word->values[i].text, other, depth - 1))
			return true;
	return false;
}

bool
lists_contains(const struct lists *lists, const char *label, const char *other)
{
	return holds(lists, label, other, CONTAINS_DEPTH);
}
