/* SPDX-License-Identifier: BSD-2-Clause */
/* test_nametable.c - names, and what is below them. */
#include "config.h"

#include "data/nametable.h"

#include <string.h>

#include "tap.h"

#define MANY 20000

static const struct {
	const char *name;
	bool itself, below;
	uint32_t code;
} entries[] = {
    {"example.com", true, false, 2},
    {"example.net", false, true, 3},
    {"example.org", true, true, 4},
    {"example.org", true, false, 5},
    {"good.example.org", true, true, 0},
    {"good.example.org", true, false, 9},
    {"a.bad.good.example.org", true, false, 6},
    {"twice.example", true, true, 7},
    {"twice.example", true, true, 8},
    {"twice.example", true, true, 7},
    {"org", false, true, 9},
};

static const struct {
	const char *name;
	uint32_t codes[2];
} rows[] = {
    {"example.com", {2}},
    {"www.example.com", {0}},
    {"xample.com", {0}},
    {"com", {0}},
    {"example.net", {0}},
    {"a.b.example.net", {3}},
    {"example.org", {4, 5}},
    {"www.example.org", {4}},
    {"good.example.org", {0}},
    {"www.good.example.org", {0}},
    {"bad.good.example.org", {0}},
    {"a.bad.good.example.org", {6}},
    {"b.a.bad.good.example.org", {0}},
    {"twice.example", {7, 8}},
    {"a.twice.example", {7, 8}},
    {"other.org", {9}},
    {"org", {0}},
};

static void
test_names(void)
{
	struct nametable *table = nametable_new();
	struct codesets *sets = codesets_new();

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		ok(nametable_add(table, entries[i].name, entries[i].itself, entries[i].below,
		       entries[i].code),
		    "%s is added", entries[i].name);
	ok(nametable_seal(table, sets), "it is sealed");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct codeset got = codesets_get(sets, nametable_find(table, rows[i].name));
		unsigned want = rows[i].codes[0] == 0 ? 0 : rows[i].codes[1] == 0 ? 1 : 2;

		ok(got.n == want && (want < 1 || got.code[0] == rows[i].codes[0]) &&
			(want < 2 || got.code[1] == rows[i].codes[1]),
		    "%s", rows[i].name);
	}
	nametable_free(table);
	codesets_free(sets);
}

static bool
has_no_dot(const char *name)
{
	return strchr(name, '.') == NULL;
}

/* A name that stands for all that is below it. */
static void
test_parent(void)
{
	static const struct {
		const char *label, *name;
		bool itself, below;
		uint32_t code;
		const char *want;
	} steps[] = {
	    {"another name", "example.org", true, true, 2, ""},
	    {"the name alone", "com", true, false, 2, ""},
	    {"what is below it", "net", false, true, 2, "net"},
	    {"another one, later", "org", true, true, 2, "net"},
	    {"the first is excluded", "net", true, true, 0, "org"},
	};

	for (size_t n = 1; n <= sizeof(steps) / sizeof(steps[0]); n++) {
		struct nametable *table = nametable_new();
		struct codesets *sets = codesets_new();
		char name[NAMETABLE_NAME_SIZE] = "";
		bool found;

		for (size_t i = 0; i < n; i++)
			(void)nametable_add(table, steps[i].name, steps[i].itself,
			    steps[i].below, steps[i].code);
		(void)nametable_seal(table, sets);
		found = nametable_parent(table, has_no_dot, name);
		ok(found == (steps[n - 1].want[0] != '\0'), "%s", steps[n - 1].label);
		same_str(name, steps[n - 1].want, steps[n - 1].label);
		nametable_free(table);
		codesets_free(sets);
	}
}

static void
test_many(void)
{
	struct nametable *table = nametable_new();
	struct codesets *sets = codesets_new();
	unsigned wrong = 0;
	char name[40];

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "name-%u.example.com", i * 3);
		wrong += !nametable_add(table, name, true, true, 0x7f000002U + i % 3);
	}
	ok(wrong == 0 && nametable_seal(table, sets), "many names");
	for (unsigned i = 0; i < MANY * 3; i++) {
		snprintf(name, sizeof(name), "%sname-%u.example.com", i % 2 ? "x." : "", i);
		wrong += nametable_find(table, name) !=
		    (i % 3 == 0 ? 0x7f000002U + i / 3 % 3 : CODESET_NONE);
	}
	same_num(wrong, 0, "each is found, and no other");
	ok(nametable_bytes(table) <= (size_t)40 * MANY, "40 bytes each");
	nametable_free(table);
	codesets_free(sets);
}

int
main(void)
{
	struct nametable *none = nametable_new();
	struct codesets *sets = codesets_new();

	test_names();
	test_parent();
	test_many();
	ok(nametable_seal(none, sets) && nametable_find(none, "a") == CODESET_NONE, "nothing");
	nametable_free(none);
	codesets_free(sets);
	return done();
}
