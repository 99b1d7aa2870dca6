/* SPDX-License-Identifier: BSD-2-Clause */
/* control/dataentry.c - what is in memory does not know its lines: the files are read again. */
#include "config.h"

#include "control/dataentry.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "conf/places.h"
#include "control/server.h"
#include "data/datafeed.h"
#include "data/datawhere.h"

static void
add_places(json_t *all, const struct datawhere *where)
{
	char text[PLACES_TEXT_SIZE + 16];
	struct strbuf sb;

	for (unsigned i = 0; i < where->n; i++) {
		char place[PLACES_TEXT_SIZE];

		strbuf_init(&sb, text, sizeof(text));
		strbuf_add(&sb, places_text(place, where->line[i].file, where->line[i].line));
		if (where->line[i].excluded)
			strbuf_add(&sb, " (excluded)");
		json_array_append_new(all, request_shown(text));
	}
}

json_t *
dataentry_places(const struct listing *list, const struct subject *subject, int64_t deadline)
{
	const struct datafeed_rules *rules = datafeed_rules(list->data);
	const char *name = NULL;
	json_t *all = json_array();

	if (subject->name != NULL && (name = listing_asked_name(list, subject)) == NULL)
		return all;
	for (unsigned i = 0; i < rules->nsets; i++) {
		struct datawhere where;

		if (!datawhere_find(&rules->set[i], name == NULL ? &subject->key : NULL, name,
			clock_wall(), deadline, &where)) {
			json_decref(all);
			return json_null();
		}
		add_places(all, &where);
	}
	return all;
}

static json_t *
time_of(int64_t wall)
{
	char text[CLOCK_TEXT_SIZE];

	return wall != 0 ? json_string(clock_text(wall, text)) : json_null();
}

json_t *
dataentry_state(const struct listing *list)
{
	struct datafeed_state s;
	int64_t now = clock_wall();

	datafeed_state(list->data, now, &s);
	return json_pack("{s:b, s:s, s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:s?, s:o, s:o}",
	    "in_use", s.known, "state", list_state_name(listing_data_state(list)), "entries",
	    (json_int_t)s.entries, "bytes", (json_int_t)s.bytes, "written", time_of(s.written),
	    "until", time_of(s.expires), "lines_skipped", (json_int_t)s.skipped, "taken",
	    (json_int_t)s.taken, "not_taken", (json_int_t)s.refused, "last",
	    s.looked ? datafeed_news_name(s.last) : NULL, "last_file",
	    s.figures.file != NULL ? request_shown(s.figures.file) : json_null(), "last_why",
	    s.figures.why[0] != '\0' ? request_shown(s.figures.why) : json_null());
}

const struct listing *
dataentry_next(const struct roster *roster, unsigned *at, struct datafeed_state *state)
{
	while (*at < roster->n) {
		unsigned i = (*at)++;
		const struct listing *list = roster->list[i];

		if (list->data == NULL || roster_repeats(roster, i))
			continue;
		datafeed_state(list->data, clock_wall(), state);
		return list;
	}
	return NULL;
}

bool
dataentry_is_believed(const struct listing *list)
{
	enum list_state state = listing_data_state(list);

	return state == LIST_GOOD || state == LIST_RESTORED;
}
