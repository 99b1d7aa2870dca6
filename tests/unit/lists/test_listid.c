/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_listid.c - the same label and zone are the same list, and what is
 * thought of it stays where it is.
 */
#include "config.h"

#include "lists/listid.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MANY 2000

static struct listing
give(const char *label, const char *zone)
{
	struct listing list = {.label = strdup(label)};

	if (list.label == NULL || !listid_give(&list, zone))
		abort();
	free(list.label);
	list.label = NULL;
	return list;
}

static void
test_sameness(void)
{
	static const struct {
		const char *what, *label, *zone;
		bool same; /* as "ours", "ours.example" */
	} rows[] = {
	    {"the same", "ours", "ours.example", true},
	    {"another zone", "ours", "bl.ours.example", false},
	    {"another label", "theirs", "ours.example", false},
	    {"a label in another case", "Ours", "ours.example", false},
	    {"nothing", "", "", false},
	    {"the two moved together", "oursours.example", "", false},
	    {"with a key", "ours", "%{key}.ours.example", false},
	    {"the same again", "ours", "ours.example", true},
	};
	struct listing first = give("ours", "ours.example");

	same_num(listing_state(&first), LIST_NEW, "a new one is new");
	atomic_store(first.state, LIST_SUSPENDED);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct listing list = give(rows[i].label, rows[i].zone);

		same_num(list.id == first.id, rows[i].same, rows[i].what);
		same_num(list.state == first.state, rows[i].same, rows[i].what);
		same_num(listing_state(&list),
		    rows[i].same                  ? LIST_SUSPENDED
			: rows[i].zone[0] != '\0' ? LIST_NEW
						  : LIST_GOOD,
		    rows[i].what);
		same_num(list.data_state == list.state, rows[i].zone[0] == '\0',
		    "what DNS says of it has a state of its own, where it is asked");
	}
}

static void
test_many(void)
{
	struct listing first = give("first", "a.example"), again;
	unsigned wrong = 0;
	char zone[32];

	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < MANY; i++) {
			struct listing list;

			snprintf(zone, sizeof(zone), "z%u.example", i);
			list = give("many", zone);
			wrong += listing_state(&list) != i % (LIST_SUSPENDED + 1) && round > 0;
			atomic_store(list.state, i % (LIST_SUSPENDED + 1));
		}
	same_num(wrong, 0, "two thousand keep what they have");
	again = give("first", "a.example");
	ok(again.state == first.state && again.id == first.id, "none has moved");
}

int
main(void)
{
	test_sameness();
	test_many();
	return done();
}
