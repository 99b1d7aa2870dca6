/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_domainset.c - which name of a set is found for a domain, and that 100,000
 * are as good as one.
 */
#include "config.h"

#include "base/domainset.h"

#include <stdlib.h>

#include "tap.h"

#define MANY 100000

static const char *const names[] = {"a.example", ".b.example", "Sub.B.Example.", ".org",
    "a.example", ".x.b.example", "\xc3\xbc.example", ".\xc3\xa1.example"};

static const struct {
	const char *domain;
	int want; /* index, or -1 */
} rows[] = {
    {"a.example", 0},
    {"A.EXAMPLE", 0},
    {"a.example.", 0},
    {"x.a.example", -1},
    {"b.example", -1},
    {"y.b.example", 1},
    {"sub.b.example", 2},
    {"z.sub.b.example", 1},
    {"x.b.example", 1},
    {"y.x.b.example", 5},
    {"yx.b.example", 1},
    {"org", -1},
    {"x.org", 3},
    {".org", -1},
    {".b.example", -1},
    {"", -1},
    {".", -1},
    {"..", -1},
    {"example", -1},
    {"\xff.org", -1},
    {"\xc3\xbc.org", 3},
    {"\xc3\x9c.EXAMPLE", 6},
    {"xn--tda.example", 6},
    {"a.xn--1ca.example", 7},
};

static void
test_rows(void)
{
	struct domainset *set = domainset_new();
	char longest[400];

	if (set == NULL)
		abort();
	memset(longest, 'a', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ok(domainset_add(set, names[i], names[i], (unsigned)i + 1), "add %s", names[i]);
	ok(!domainset_add(set, longest, NULL, 0), "add: too long");
	ok(!domainset_add(set, "", NULL, 0), "add: nothing");
	domainset_seal(set);
	same_num((long long)domainset_count(set), 7, "one name is there twice");
	for (size_t i = 0; i < domainset_count(set); i++) {
		struct domainset_entry entry = domainset_at(set, i);

		ok(entry.value == names[entry.line - 1], "at: %.*s", (int)entry.len,
		    entry.name);
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct domainset_entry entry;
		bool found = domainset_find(set, rows[i].domain, &entry);

		ok(found == (rows[i].want >= 0) &&
			(!found ||
			    (entry.value == (const void *)names[rows[i].want] &&
				entry.line == (unsigned)rows[i].want + 1)),
		    "find \"%s\"", rows[i].domain);
	}
	ok(domainset_find(set, "a.example", NULL), "find without an entry");
	ok(!domainset_find(set, longest, NULL), "find what is too long");
	domainset_free(set);
	domainset_free(NULL);
}

static void
test_many(void)
{
	struct domainset *set = domainset_new();
	static char value[MANY];
	unsigned right = 0;
	char name[64];

	if (set == NULL)
		abort();
	/* In no order: 7919 is prime to their number. */
	for (size_t i = 0; i < MANY; i++) {
		size_t k = i * 7919 % MANY;

		snprintf(name, sizeof(name), "customer-%zu.example", k);
		right += domainset_add(set, name, &value[k], 0);
	}
	domainset_seal(set);
	same_num(right, MANY, "many: all are added");
	same_num((long long)domainset_count(set), MANY, "many: all are there");
	right = 0;
	for (size_t i = 0; i < MANY; i++) {
		struct domainset_entry got;

		snprintf(name, sizeof(name), "Customer-%zu.example", i);
		right +=
		    domainset_find(set, name, &got) && got.value == (const void *)&value[i];
	}
	same_num(right, MANY, "many: each is found");
	ok(!domainset_find(set, "customer-100000.example", NULL), "many: no other");
	domainset_free(set);
}

static void
test_empty(void)
{
	struct domainset *set = domainset_new();

	if (set == NULL)
		abort();
	domainset_seal(set);
	ok(!domainset_find(set, "a.example", NULL), "empty: nothing is found");
	domainset_free(set);
}

int
main(void)
{
	test_rows();
	test_many();
	test_empty();
	return done();
}
