/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_record.c - the line of a decision: what was done, what would have been,
 * and which lists were not believed.
 */
#include "config.h"

#include "record.h"

#include <stdlib.h>

#include "log.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LISTS 3

static const struct {
	const char *label;
	struct verdict verdict;
	const char *line; /* from verdict= on */
} rows[] = {
    {"refused", {.action = ACTION_REFUSE, .meant = ACTION_REFUSE, .score = 5, .threshold = 5},
	"verdict=refuse reason=lists client=198.51.100.7 policy=default score=5/5 ms=0"},
    {"only watched",
	{.action = ACTION_PASS, .meant = ACTION_REFUSE, .score = 5, .threshold = 5},
	"verdict=pass meant=refuse reason=lists client=198.51.100.7 policy=default score=5/5 "
	"ms=0"},
    {"put off for a doubt",
	{.action = ACTION_DEFER,
	    .meant = ACTION_DEFER,
	    .softened = true,
	    .score = 5,
	    .threshold = 5,
	    .doubted = 1},
	"verdict=defer softened=refuse reason=lists client=198.51.100.7 policy=default "
	"score=5/5 doubted=a ms=0"},
    {"passed for a doubt, only watched, and all that can be wrong with lists",
	{.action = ACTION_PASS,
	    .meant = ACTION_DEFER,
	    .softened = true,
	    .score = 5,
	    .threshold = 5,
	    .doubted = 5,
	    .suspended = 2,
	    .unknown = 4},
	"verdict=pass meant=defer softened=refuse reason=lists client=198.51.100.7 "
	"policy=default score=5/5 doubted=a,c suspended=b unknown=c ms=0"},
    {"all suspended", {.suspended = 7, .threshold = 5},
	"verdict=pass reason=lists client=198.51.100.7 policy=default score=0/5 "
	"suspended=a,b,c ms=0"},
};

/* Write the line of a record into text. */
static void
write_line(const struct record *record, char *text, size_t size)
{
	FILE *stream = fmemopen(text, size, "w");

	if (stream == NULL)
		abort();
	log_to_stream(stream);
	record_write(record);
	log_to_stream(stderr);
	fclose(stream);
	text[strcspn(text, "\n")] = '\0';
}

int
main(void)
{
	static char label[LISTS][2] = {"a", "b", "c"}, name[] = "default";
	static struct listing list[LISTS];
	static struct fact facts[LISTS];
	struct roster roster = {.n = LISTS};
	struct policy policy = {.name = name, .lists = 7};
	struct ipaddr client;

	if (!ipaddr_parse(&client, "198.51.100.7"))
		abort();
	for (unsigned i = 0; i < LISTS; i++) {
		list[i].label = label[i];
		roster.list[i] = &list[i];
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict verdict = rows[i].verdict;
		struct record record = {.ref = "7F3K2Q9M",
		    .client = &client,
		    .roster = &roster,
		    .facts = facts,
		    .policy = &policy,
		    .verdict = &verdict};
		char text[LOG_LINE_MAX + 64] = "", *from;

		verdict.ground = GROUND_LISTS;
		write_line(&record, text, sizeof(text));
		from = strstr(text, "verdict=");
		same_str(from != NULL ? from : text, rows[i].line, rows[i].label);
	}
	return done();
}
