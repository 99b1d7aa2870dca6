/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/watchrules.c - each address and name once, in one form. */
#include "config.h"

#include "conf/watchrules.h"

#include <string.h>

#include "base/domain.h"
#include "conf/checker.h"
#include "conf/lists.h"

static void
add(struct watch_options *o, const struct word *word, unsigned value, const char *text,
    const struct ipaddr *address, struct report *report)
{
	const struct place *place = &word->values[value].place;
	struct watch_subject *s = &o->subject[o->n];

	for (unsigned i = 0; i < o->n; i++)
		if (strcmp(o->subject[i].text, text) == 0) {
			report_warning(
			    report, place, "%s: %s is there twice", word->keyword->name, text);
			return;
		}
	if (o->n == WATCH_SUBJECTS_MAX) {
		report_mistake(report, place, "%s: %d addresses and names at most",
		    word->keyword->name, WATCH_SUBJECTS_MAX);
		return;
	}
	*s = (struct watch_subject){.text = values_copy(text, report)};
	if (address != NULL)
		s->address = *address;
	o->n += s->text != NULL;
}

void
watchrules_build(struct watch_options *o, const struct section *file, struct report *report)
{
	const struct section *watch = section_find(file, "watch", NULL);
	const struct word *addresses = section_word(watch, "addresses"),
			  *names = section_word(watch, "names");
	char text[IPADDR_STRLEN], name[DOMAIN_NAME_SIZE];
	struct ipaddr address;

	*o = (struct watch_options){.every = section_number(watch, "every") / 1000,
	    .all = section_number(watch, "lists") != 0};
	/* What is no address or name has been said. */
	for (unsigned i = 0; i < addresses->n; i++)
		if (ipaddr_parse(&address, addresses->values[i].text) &&
		    ipaddr_is_global(&address))
			add(o, addresses, i, ipaddr_format(&address, text), &address, report);
	for (unsigned i = 0; i < names->n; i++)
		if (domain_normalise(names->values[i].text, name))
			add(o, names, i, name, NULL, report);
}

/* --- Lists --- */

static bool
is_set(const char *text)
{
	return text != NULL && text[0] != '\0';
}

/* Whether everybody may ask a list that the registry, or the file, knows. */
static bool
is_for_all(const struct layers *l)
{
	const struct section *servers = layers_pick(l, "servers");
	const char *zone = layers_text(l, "zone");

	return is_set(zone) && strstr(zone, CHECKER_KEY) == NULL &&
	    !is_set(layers_text(l, "dead")) && !is_set(layers_text(l, "needs")) &&
	    layers_number(l, "source") == 0 &&
	    (servers != l->base || section_word(servers, "servers")->n == 0);
}

/* Whether another list that is asked has all that a list has, and says no less of it: one of
 * whole networks does not tell whether it is about us. */
static bool
is_contained(const struct lists *lists, const struct roster *used, const struct layers *part)
{
	const char *label = layers_front(part)->title;
	int64_t scope = layers_number(part, "scope");
	const struct layers *l;

	for (unsigned i = 0; i < used->n; i++)
		if (used->list[i]->scope == scope &&
		    lists_contains(lists, used->list[i]->label, label))
			return true;
	for (size_t i = 0; (l = lists_at(lists, i)) != NULL; i++)
		if (is_for_all(l) && layers_number(l, "scope") == scope &&
		    lists_contains(lists, layers_front(l)->title, label))
			return true;
	return false;
}

/* Add those that nobody uses; false: there was no room for all of them. */
static bool
add_known(struct lists *lists, struct roster *roster, const struct place *place)
{
	unsigned used = roster->n;
	const struct layers *l;
	struct listed listed;
	bool room = true;

	for (size_t i = 0; (l = lists_at(lists, i)) != NULL; i++) {
		const char *label = layers_front(l)->title;

		if (is_for_all(l) && !is_contained(lists, roster, l) &&
		    !lists_use(lists, label, place, &listed))
			room = room && roster->n + ROLES <= LISTS_MAX;
	}
	for (unsigned i = used; i < roster->n; i++)
		roster->list[i]->seldom = true;
	return room;
}

struct roster *
watchrules_roster(const struct watch_options *o, struct roster *used,
    const struct section *file, const struct section *registry, struct report *report)
{
	struct place place = section_place(section_find(file, "watch", NULL), "lists");
	/* What is wrong with those that are used has been said, and others are left out. */
	struct report_mark mark = report_mark(report);
	struct roster *roster = o->all && o->n > 0 ? roster_new() : roster_ref(used);
	struct lists *lists;
	struct listed listed;
	bool room;

	if (roster == NULL || roster == used)
		return roster;
	if ((lists = lists_new(roster, file, registry, report)) == NULL) {
		roster_unref(&roster);
		return NULL;
	}
	for (unsigned i = 0; i < used->n; i++)
		(void)lists_use(lists, used->list[i]->label, &place, &listed);
	room = add_known(lists, roster, &place);
	lists_free(lists);
	report_rewind(report, &mark);
	if (!room)
		report_warning(report, &place,
		    "lists: some are not asked, as there are %d at most", LISTS_MAX);
	return roster;
}
