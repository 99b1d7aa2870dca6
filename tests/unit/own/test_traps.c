/* SPDX-License-Identifier: BSD-2-Clause */
/* test_traps.c - what is a trap, and how it is shown. */
#include "config.h"

#include "own/traps.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define MANY 60000

static const struct {
	const char *text, *why; /* NULL: it is good */
} addresses[] = {
    {"old.sales@example.org", NULL},
    {"<old.sales@example.org>", NULL},
    {"\"old sales\"@example.org", NULL},
    {"old.sales+*@example.org", NULL},
    {"example.org", NULL},
    {".example.org", NULL},
    {"b\xc3\xbc"
     "cher.example",
	NULL},
    {"x@", "must be like \"user@"},
    {"@example.org", "must be like \"user@"},
    {"<>", "must be like \"user@example.org\", \"example.org\""},
    {"", "must be like"},
    {".", "must be like"},
    {"secret%b@example.org", "must be like \"user@"},
    {"*@example.org", "there are no patterns"},
    {"+*@example.org", "there are no patterns"},
    {"secret.*@example.org", "there are no patterns"},
    {"ol?d+*@example.org", "there are no patterns"},
    {"*.example.org", "must be like"},
    {"example", "must be like"},
    {".co.uk", "anybody may have a domain below"},
    {"co.uk", "anybody may have a domain below"},
};

/* Address and id. */
static const char *const set[][2] = {
    {"old.sales@example.org", "page"},
    {"Seed@Example.ORG", "seed"},
    {"seed2+*@example.org", "plus"},
    {"trap.example.net", "whole"},
    {"inner@trap.example.net", "inner"},
    {".below.example", "below"},
    {"abuse@seeded.example", "role"},
    {"seeded.example", "seeded"},
    {"old.sales@example.org", "second"},
};

static const struct {
	const char *path, *id, *shown; /* NULL: it is no trap */
} matches[] = {
    {"<old.sales@example.org>", "page", "trap:page@example.org"},
    {"old.sales@example.org", "page", "trap:page@example.org"},
    {"<OLD.Sales@EXAMPLE.org>", "page", "trap:page@example.org"},
    {"<\"old.sales\"@example.org>", "page", "trap:page@example.org"},
    {"<@relay.example:old.sales@example.org>", "page", "trap:page@example.org"},
    {"<old.sales@example.org.>", "page", "trap:page@example.org"},
    {"<seed@example.org>", "seed", "trap:seed@example.org"},
    {"<old.sales+x@example.org>", NULL, NULL},
    {"<seed2@example.org>", "plus", "trap:plus@example.org"},
    {"<seed2+x@example.org>", "plus", "trap:plus@example.org"},
    {"<seed2+x+y@example.org>", "plus", "trap:plus@example.org"},
    {"<seed2-x@example.org>", NULL, NULL},
    {"<old.sale@example.org>", NULL, NULL},
    {"<old.saless@example.org>", NULL, NULL},
    {"<old.sales@sub.example.org>", NULL, NULL},
    {"<old.sales%example.org@example.net>", NULL, NULL},
    {"<anybody@trap.example.net>", "whole", "trap:whole"},
    {"<anybody+x@Trap.Example.Net>", "whole", "trap:whole"},
    {"<inner@trap.example.net>", "inner", "trap:inner"},
    {"<anybody@a.trap.example.net>", NULL, NULL},
    {"<postmaster@trap.example.net>", NULL, NULL},
    {"<Abuse@trap.example.net>", NULL, NULL},
    {"<anybody@a.below.example>", "below", "trap:below"},
    {"<anybody@b.a.below.example>", "below", "trap:below"},
    {"<anybody@below.example>", NULL, NULL},
    {"<abuse@seeded.example>", "role", "trap:role"},
    {"<postmaster@seeded.example>", NULL, NULL},
    {"<old.sales>", NULL, NULL},
    {"<@trap.example.net>", NULL, NULL},
    {"<>", NULL, NULL},
    {"", NULL, NULL},
    {"<old.sales@example.org", NULL, NULL},
};

static bool
add(struct traps *traps, const char *text, const char *id, enum trap_kind kind)
{
	struct trap_address at;
	char why[200];
	const struct trap trap = {.id = id, .note = "seeded there", .kind = kind};

	return trap_address_parse(&at, text, why, sizeof(why)) &&
	    traps_add(traps, &at, &trap, 1, 7);
}

static void
test_addresses(void)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const char *text = addresses[i].text, *want = addresses[i].why;
		struct trap_address at;
		char why[200] = "";
		bool good = trap_address_parse(&at, text, why, sizeof(why));

		if (!ok(good == (want == NULL) &&
			    (good || strncmp(why, want, strlen(want)) == 0),
			"address \"%s\"", text))
			printf("# %s\n", why);
		ok(strstr(why, "secret") == NULL, "which is not quoted");
	}
}

static void
test_matches(void)
{
	struct traps *traps = traps_new();
	bool added = traps != NULL;
	size_t at = 0;

	for (size_t i = 0; i < sizeof(set) / sizeof(set[0]); i++)
		added = added && add(traps, set[i][0], set[i][1], TRAP_RECYCLED);
	added = added && traps_seal(traps);
	same_num(added, true, "a set");
	while (at < traps_count(traps) && strcmp(traps_at(traps, at).trap->id, "page") != 0)
		at++;
	same_str(traps_at(traps, at).address, "old.sales@example.org", "equal ones stand");
	same_str(traps_at(traps, at + 1).trap->id, "second", "side by side, in their order");
	same_num(
	    traps_at(traps, at).file * 10 + traps_at(traps, at).line, 17, "with their line");
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		const struct trap *trap = traps_match(traps, matches[i].path);
		char shown[TRAPS_SHOWN_SIZE];

		same_str(trap != NULL ? trap->id : NULL, matches[i].id, matches[i].path);
		if (trap == NULL)
			continue;
		same_str(traps_show(traps, trap, matches[i].path, shown), matches[i].shown,
		    "is shown by its id");
		same_str(trap->note, "seeded there", "has its note");
		same_str(trap_kind_name(trap->kind), "recycled", "and its kind");
	}
	ok(traps_match(traps, NULL) == NULL, "no path");
	traps_free(traps);
}

static void
test_sizes(void)
{
	struct traps *traps = traps_new();
	const struct trap *trap;
	char text[64];
	size_t found = 0;

	traps_seal(traps);
	ok(traps_match(traps, "<a@example.org>") == NULL, "of none");
	ok(traps_match(NULL, "<a@example.org>") == NULL, "without a set");
	traps_free(traps);
	traps_free(NULL);
	traps = traps_new();
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), i % 2 ? "u%u@example.org" : "u%u.example.org", i);
		add(traps, text, "many", TRAP_PRISTINE);
	}
	traps_seal(traps);
	same_num((long long)traps_count(traps), MANY, "many");
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(
		    text, sizeof(text), i % 2 ? "<u%u@example.org>" : "<x@u%u.example.org>", i);
		trap = traps_match(traps, text);
		found += trap != NULL;
	}
	same_num((long long)found, MANY, "all are found");
	traps_free(traps);
}

int
main(void)
{
	test_addresses();
	test_matches();
	test_sizes();
	return done();
}
