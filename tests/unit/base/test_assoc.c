/* SPDX-License-Identifier: BSD-2-Clause */
/* test_assoc.c - what stays, what goes, and that nothing else does. */
#include "config.h"

#include "base/assoc.h"

#include <string.h>

#include "tap.h"

#define ENTRIES 64
#define STRANGERS 100000

struct thing {
	struct assoc_entry entry;
	int value;
};

static uint64_t
key_of(const struct assoc *a, int n)
{
	return assoc_key(a, &n, sizeof(n));
}

static void
test_values(void)
{
	struct assoc *a = assoc_new(ENTRIES, sizeof(struct thing));
	struct thing *t;
	int kept = 0;

	ok(assoc_find(a, key_of(a, 1)) == NULL, "nothing is there");
	t = assoc_take(a, key_of(a, 1), 10);
	same_num(t->value, 0, "a new one is empty");
	t->value = 7;
	t = assoc_take(a, key_of(a, 1), 9);
	same_num(t->value, 7, "it is found again");
	same_num(t->entry.used, 10, "and was used last when it was");
	for (int i = 2; i <= ENTRIES / 4; i++)
		((struct thing *)assoc_take(a, key_of(a, i), 10))->value = i;
	for (int i = 2; i <= ENTRIES / 4; i++)
		kept += (t = assoc_find(a, key_of(a, i))) != NULL && t->value == i;
	ok(kept >= ENTRIES / 4 - 3, "where there is room nearly all stay: %d", kept);
	assoc_free(a);
}

/* Strangers come and go; who is to be kept stays, and who comes all the time. */
static void
test_flood(void)
{
	struct assoc *a = assoc_new(ENTRIES, sizeof(struct thing));
	struct thing *kept = assoc_take(a, key_of(a, -1), 0), *t;
	size_t n = 0, used = 0;

	kept->entry.keep = STRANGERS + 1;
	kept->value = 1;
	for (int i = 1; i <= STRANGERS; i++) {
		((struct thing *)assoc_take(a, key_of(a, -2), (uint32_t)i))->value++;
		assoc_take(a, key_of(a, i), (uint32_t)i);
	}
	t = assoc_find(a, key_of(a, -1));
	ok(t != NULL && t->value == 1, "what is to be kept is there");
	t = assoc_find(a, key_of(a, -2));
	ok(t != NULL && t->value == STRANGERS, "who comes all the time is there");
	ok(assoc_find(a, key_of(a, 1)) == NULL, "who came first of all is not");
	for (; (t = assoc_at(a, n)) != NULL; n++)
		used += t->entry.key != 0;
	same_num((long long)n, ENTRIES, "it has not grown");
	same_num((long long)used, ENTRIES, "and is full");
	assoc_free(a);
}

/* Where all are to be kept one of them goes: there is no end of them otherwise. */
static void
test_all_kept(void)
{
	struct assoc *a = assoc_new(1, sizeof(struct thing));

	for (int i = 0; i <= ASSOC_WAYS; i++)
		((struct thing *)assoc_take(a, key_of(a, i), (uint32_t)i + 1))->entry.keep =
		    true;
	ok(assoc_find(a, key_of(a, 0)) == NULL, "the one that was used least lately has gone");
	for (int i = 1; i <= ASSOC_WAYS; i++)
		ok(assoc_find(a, key_of(a, i)) != NULL, "not number %d", i);
	assoc_free(a);
}

/* What was to be kept, and until when, goes as others do from then on. */
static void
test_kept_until(void)
{
	struct assoc *a = assoc_new(1, sizeof(struct thing));

	for (int i = 0; i < ASSOC_WAYS; i++)
		assoc_take(a, key_of(a, i), 10 + (uint32_t)i);
	((struct thing *)assoc_find(a, key_of(a, 0)))->entry.keep = 100;
	assoc_take(a, key_of(a, ASSOC_WAYS), 99);
	ok(assoc_find(a, key_of(a, 0)) != NULL, "it is kept until then");
	assoc_take(a, key_of(a, ASSOC_WAYS + 1), 100);
	ok(assoc_find(a, key_of(a, 0)) == NULL, "and no longer");
	assoc_free(a);
}

/* A group fills a sixteenth of the table, however many it has. */
static void
test_groups(void)
{
	struct assoc *a = assoc_new(ENTRIES * ASSOC_GROUPS, sizeof(struct thing));
	uint64_t one = key_of(a, -1);
	size_t used = 0, others = 0;
	struct thing *t;

	for (int i = 0; i < STRANGERS; i++)
		assoc_take(a, assoc_key_within(a, one, key_of(a, i)), 1);
	for (size_t i = 0; (t = assoc_at(a, i)) != NULL; i++)
		used += t->entry.key != 0;
	same_num((long long)used, ENTRIES, "one group has its part, and no more");
	for (int i = 0; i < ENTRIES * ASSOC_GROUPS; i++)
		assoc_take(a, assoc_key_within(a, key_of(a, i), key_of(a, i)), 1);
	for (size_t i = 0; (t = assoc_at(a, i)) != NULL; i++)
		others += t->entry.key != 0;
	ok(others > ENTRIES * ASSOC_GROUPS * 3 / 4, "many groups have all: %zu", others);
	assoc_free(a);
	a = assoc_new(1, sizeof(struct thing));
	ok(assoc_key_within(a, one, 1) != assoc_key_within(a, one, 2),
	    "a small table has no parts");
	assoc_free(a);
}

static void
test_secrets(void)
{
	struct assoc *a = assoc_new(ENTRIES, sizeof(struct thing));
	struct assoc *b = assoc_new(ENTRIES, sizeof(struct thing));

	ok(key_of(a, 1) != key_of(b, 1), "each table has keys of its own");
	assoc_share_secret(b, a);
	ok(key_of(a, 1) == key_of(b, 1), "but where they share a secret");
	assoc_free(a);
	assoc_free(b);
}

int
main(void)
{
	struct assoc *a = assoc_new(1, sizeof(struct thing)),
		     *b = assoc_new(1, sizeof(struct thing));

	ok(assoc_key(a, "x", 1) != assoc_key(b, "x", 1), "two tables have keys of their own");
	ok(assoc_key(a, "x", 1) != 0 && assoc_key(a, "", 0) != 0, "none is 0");
	assoc_free(a);
	assoc_free(b);
	test_values();
	test_flood();
	test_all_kept();
	test_kept_until();
	test_groups();
	test_secrets();
	return done();
}
