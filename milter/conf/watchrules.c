/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/watchrules.c - each address and name once, in one form. */
#include "config.h"

#include "conf/watchrules.h"

#include <string.h>

#include "base/domain.h"

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

	*o = (struct watch_options){.every = section_number(watch, "every") / 1000};
	/* What is no address or name has been said. */
	for (unsigned i = 0; i < addresses->n; i++)
		if (ipaddr_parse(&address, addresses->values[i].text) &&
		    ipaddr_is_global(&address))
			add(o, addresses, i, ipaddr_format(&address, text), &address, report);
	for (unsigned i = 0; i < names->n; i++)
		if (domain_normalise(names->values[i].text, name))
			add(o, names, i, name, NULL, report);
}
