/* SPDX-License-Identifier: BSD-2-Clause */
/* control/datametrics.c - a family for each number, with a sample for each list. */
#include "config.h"

#include "control/datametrics.h"

#include "control/dataentry.h"
#include "control/exposition.h"
#include "data/datafeed.h"

/* A number of the data of each list that has some. */
static void
add_data_number(struct exposition *e, const struct roster *roster, const char *name,
    const char *help, uint64_t (*number)(const struct listing *, const struct datafeed_state *))
{
	const struct listing *list;
	struct datafeed_state s;
	unsigned at = 0;

	exposition_family(e, name, "gauge", help);
	while ((list = dataentry_next(roster, &at, &s)) != NULL)
		exposition_number(e, "list", list->label, NULL, NULL, number(list, &s));
}

static uint64_t
is_in_use(const struct listing *list, const struct datafeed_state *s)
{
	(void)list;
	return s->known;
}

static uint64_t
is_believed(const struct listing *list, const struct datafeed_state *s)
{
	(void)s;
	return dataentry_is_believed(list);
}

static uint64_t
entries_of(const struct listing *list, const struct datafeed_state *s)
{
	(void)list;
	return s->entries;
}

static uint64_t
bytes_of(const struct listing *list, const struct datafeed_state *s)
{
	(void)list;
	return s->bytes;
}

static uint64_t
written_of(const struct listing *list, const struct datafeed_state *s)
{
	(void)list;
	return (uint64_t)s->written;
}

static uint64_t
skipped_of(const struct listing *list, const struct datafeed_state *s)
{
	(void)list;
	return s->skipped;
}

static void
add_data_looks(struct exposition *e, const struct roster *roster)
{
	const struct listing *list;
	struct datafeed_state s;
	unsigned at = 0;

	exposition_family(e, "relayguard_list_data_loads_total", "counter",
	    "Files of a list that were others than before: taken, or refused.");
	while ((list = dataentry_next(roster, &at, &s)) != NULL) {
		exposition_number(e, "list", list->label, "result", "taken", s.taken);
		exposition_number(e, "list", list->label, "result", "refused", s.refused);
	}
}

void
datametrics_add(struct exposition *e, const struct roster *roster)
{
	if (roster_data(roster) == 0)
		return;
	add_data_number(e, roster, "relayguard_list_data_in_use",
	    "Whether the list has data here that is not too old.", is_in_use);
	add_data_number(e, roster, "relayguard_list_data_believed",
	    "Whether the word of that data counts without a doubt.", is_believed);
	add_data_number(e, roster, "relayguard_list_data_entries",
	    "Entries of the data of the list.", entries_of);
	add_data_number(e, roster, "relayguard_list_data_bytes",
	    "Bytes of memory that they take.", bytes_of);
	add_data_number(e, roster, "relayguard_list_data_written_timestamp_seconds",
	    "When the data of the list was written; 0: there is none.", written_of);
	add_data_number(e, roster, "relayguard_list_data_skipped_lines",
	    "Lines of its files that were left out.", skipped_of);
	add_data_looks(e, roster);
}
