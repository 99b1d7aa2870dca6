/* SPDX-License-Identifier: BSD-2-Clause */
/* test_codesets.c - equal sets have one number, and it leads back to them. */
#include "config.h"

#include "data/codesets.h"

#include "tap.h"

#define SETS 5000

static struct codeset
make_set(unsigned i)
{
	struct codeset set = {0};

	for (unsigned k = 0; k < i % 5; k++)
		codeset_add(&set, 0x7f000000U + (i / 5 + 7 * k) % 600);
	return set;
}

static bool
are_equal(const struct codeset *a, const struct codeset *b)
{
	return a->n == b->n && memcmp(a->code, b->code, a->n * sizeof(a->code[0])) == 0;
}

int
main(void)
{
	struct codesets *sets = codesets_new();
	static uint32_t number[SETS];
	struct codeset set = {0}, got;
	bool same = true, back = true;
	uint32_t again;

	for (unsigned i = 0; i < SETS; i++) {
		set = make_set(i);
		if (!codesets_number(sets, &set, &number[i]))
			return 1;
	}
	for (unsigned i = 0; i < SETS; i++) {
		set = make_set(i);
		got = codesets_get(sets, number[i]);
		back &= are_equal(&set, &got);
		same &= codesets_number(sets, &set, &again) && again == number[i];
	}
	ok(same, "a set keeps its number");
	ok(back, "a number leads to its set");
	set.n = 0;
	ok(codesets_number(sets, &set, &again) && again == CODESET_NONE, "nothing is nothing");
	codeset_add(&set, 5);
	ok(codesets_number(sets, &set, &again) && again != 5, "a code from 0/8");
	got = codesets_get(sets, again);
	ok(are_equal(&set, &got), "comes back, too");
	for (uint32_t code = 100; code > 0; code--)
		codeset_add(&set, code);
	same_num(set.n, CODESET_MAX, "too many codes are left out");
	ok(codesets_number(sets, &set, &again), "what is full has a number");
	got = codesets_get(sets, again);
	ok(are_equal(&set, &got), "and comes back");
	codesets_free(sets);
	return done();
}
