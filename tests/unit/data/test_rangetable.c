/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_rangetable.c - an address has what a search through all entries says of it.
 * TEST_SEED=n repeats a run.
 */
#include "config.h"

#include "data/rangetable.h"

#include <stdlib.h>
#include <time.h>

#include "tap.h"

#define ENTRIES 400
#define LOOKUPS 4000
#define ROUNDS 40

static struct range_entry entries[ENTRIES];

static uint32_t
next_random(void)
{
	static uint64_t state;

	if (state == 0) {
		const char *given = getenv("TEST_SEED");

		state = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
		printf("# TEST_SEED=%llu\n", (unsigned long long)state);
	}
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 33);
}

/* Low ones, high ones, and some in between, so that all ends of the addresses are there. */
static uint32_t
random_address(void)
{
	uint32_t near = next_random() % 1024;

	switch (next_random() % 3) {
	case 0:
		return near;
	case 1:
		return UINT32_MAX - near;
	default:
		return near * 0x400000U + next_random() % 4;
	}
}

static struct range_entry
random_entry(enum range_doubles doubles)
{
	struct range_entry entry = {
	    .code = next_random() % 5 == 0 ? 0 : 0x7f000001U + next_random() % 4};

	if (doubles == RANGE_FIRST) {
		entry.level = 32 - next_random() % 33 / (1 + next_random() % 8);
		entry.first = entry.level > 0
		    ? random_address() & ~(entry.level < 32 ? UINT32_MAX >> entry.level : 0)
		    : 0;
		entry.last = entry.first | (entry.level < 32 ? UINT32_MAX >> entry.level : 0);
		return entry;
	}
	entry.level = 8 * (1 + next_random() % 4);
	entry.first = random_address();
	entry.last = entry.first;
	if (UINT32_MAX - entry.first > 600)
		entry.last += next_random() % 600;
	return entry;
}

static struct codeset
find_naively(enum range_doubles doubles, size_t n, uint32_t addr)
{
	struct codeset set = {0};
	unsigned level = 0;
	bool any = false, excluded = false;

	for (size_t i = 0; i < n; i++) {
		const struct range_entry *e = &entries[i];

		if (addr < e->first || addr > e->last || (any && e->level < level))
			continue;
		if (any && e->level == level && doubles == RANGE_FIRST)
			continue;
		if (!any || e->level > level) {
			set.n = 0;
			excluded = false;
		}
		any = true;
		level = e->level;
		excluded |= e->code == 0;
		if (e->code != 0)
			codeset_add(&set, e->code);
	}
	if (excluded)
		set.n = 0;
	return set;
}

static bool
test_round(enum range_doubles doubles, size_t n)
{
	struct rangetable *table = rangetable_new(doubles);
	struct codesets *sets = codesets_new();
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		entries[i] = random_entry(doubles);
		good &= rangetable_add(table, &entries[i]);
	}
	good &= rangetable_seal(table, sets);
	for (unsigned i = 0; good && i < LOOKUPS; i++) {
		uint32_t addr = random_address() + next_random() % 3 - 1;
		struct codeset want = find_naively(doubles, n, addr);
		struct codeset got = codesets_get(sets, rangetable_find(table, addr));

		good = got.n == want.n &&
		    memcmp(got.code, want.code, got.n * sizeof(got.code[0])) == 0;
		if (!good)
			printf("# %u entries, address %u: got %u codes, want %u\n", (unsigned)n,
			    addr, got.n, want.n);
	}
	rangetable_free(table);
	codesets_free(sets);
	return good;
}

static void
test_size(void)
{
	struct rangetable *table = rangetable_new(RANGE_UNITE);
	struct codesets *sets = codesets_new();
	bool good = true;
	size_t n = 100000;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t addr = next_random() * 2;

		good &= rangetable_add(
		    table, &(const struct range_entry){addr, addr, 0x7f000002U, 32});
	}
	good &= rangetable_seal(table, sets);
	ok(good && rangetable_bytes(table) <= 24 * n + 1000, "24 bytes an entry");
	rangetable_free(table);
	codesets_free(sets);
}

int
main(void)
{
	bool good[2] = {true, true};

	for (unsigned i = 0; i < ROUNDS; i++) {
		good[0] &= test_round(RANGE_UNITE, next_random() % ENTRIES);
		good[1] &= test_round(RANGE_FIRST, next_random() % ENTRIES);
	}
	ok(good[0], "ranges that are united");
	ok(good[1], "networks of which the first counts");
	ok(test_round(RANGE_UNITE, 0), "nothing");
	ok(test_round(RANGE_FIRST, 1), "one network");
	test_size();
	return done();
}
