/* SPDX-License-Identifier: BSD-2-Clause */
/* test_bulk.c - arrays grow, keep what is in them, and are freed at every size. */
#include "config.h"

#include "base/bulk.h"

#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#if defined(HAVE_MALLINFO2)
#include <malloc.h>
#endif

#include "tap.h"

static unsigned yields;

/* In the place of the system's: how often others may have the processor. */
int
sched_yield(void)
{
	yields++;
	return 0;
}

/* A sanitizer asks these: memory is to run out here as it does elsewhere, with NULL. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);

const char *
__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *
__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static const struct {
	const char *label;
	size_t size;
} rows[] = {
    {"one byte", 1},
    {"a page", 4096},
    {"just below a step's worth", BULK_SIZE - 1},
    {"just large", BULK_SIZE},
    {"large, and one byte", BULK_SIZE + 1},
    {"large, and no whole number of steps", 3 * BULK_SIZE + 12345},
};

static const struct {
	const char *label;
	size_t room, need, want;
} growth[] = {
    {"the first", 0, 1, 1},
    {"there is room", 8, 8, 8},
    {"one too few: twice as many", 8, 9, 16},
    {"many at once", 8, 100, 100},
    {"more than there can be", 8, SIZE_MAX / 4, 8},
};

/* Elements that say where they are, from n to before end. */
static size_t *
add_up_to(size_t *array, size_t n, size_t end)
{
	for (; n < end; n++) {
		array = bulk_next(array, n, sizeof(*array));
		array[n] = n;
	}
	for (n = 0; n < end && array[n] == n; n++)
		;
	same_num((long)n, (long)end, "one after the other");
	return array;
}

static void
test_next(void)
{
	size_t *array = add_up_to(NULL, 0, 1000);

	array = add_up_to(array, 100, 200); /* what was taken away makes room */
	ok(bulk_next(array, SIZE_MAX / 8 + 1, sizeof(*array)) == NULL, "memory is out");
	free(array);
}

/* One that is freed does not bring the next ones among the small ones. */
static void
test_prepare(void)
{
#if defined(HAVE_MALLINFO2)
	size_t before = mallinfo2().hblks, room = 0;
	char *large = bulk_enlarge(NULL, &room, 2 * BULK_SIZE, 1);

	if (mallinfo2().hblks == before) { /* a sanitizer has memory of its own */
		bulk_free(large, room);
		return;
	}
	ok(bulk_prepare(), "it can be told");
	bulk_free(large, room);
	room = 0;
	large = bulk_enlarge(NULL, &room, BULK_SIZE, 1);
	same_num(
	    (long)mallinfo2().hblks, (long)before + 1, "the next large one is by itself, too");
	bulk_free(large, room);
#endif
}

static void
test_growth(void)
{
	for (size_t i = 0; i < sizeof(growth) / sizeof(growth[0]); i++) {
		size_t room = growth[i].room;
		uint64_t *array = room > 0 ? calloc(room, sizeof(*array)) : NULL, *larger;

		if (array != NULL)
			array[room - 1] = 42;
		larger = bulk_enlarge(array, &room, growth[i].need, sizeof(*array));
		same_num((long)room, (long)growth[i].want, growth[i].label);
		ok((larger == NULL) == (growth[i].need > room), "%s: had or not",
		    growth[i].label);
		if (larger != NULL && growth[i].room > 0)
			same_num((long)larger[growth[i].room - 1], 42, growth[i].label);
		free(larger != NULL ? larger : array);
	}
}

static const struct {
	const char *label;
	size_t first, end;
	unsigned want;
} pauses[] = {
    {"nothing", 0, 0, 0},
    {"the first one", 0, 1, 0},
    {"one of many", BULK_TURN / 2, BULK_TURN / 2 + 1, 0},
    {"the last one of a turn", BULK_TURN - 1, BULK_TURN, 1},
    {"the first one of the next turn", BULK_TURN, BULK_TURN + 1, 0},
    {"some, over the end of a turn", 2 * BULK_TURN - 100, 2 * BULK_TURN + 1, 1},
    {"all at once", 0, 10 * BULK_TURN, 1},
};

static void
test_fit(size_t room, size_t n, const char *label)
{
	size_t left = room, wrong = 0;
	uint32_t *array = malloc(room * sizeof(*array)), *fitting;

	for (size_t i = 0; array != NULL && i < room; i++)
		array[i] = (uint32_t)i;
	yields = 0;
	fitting = array != NULL ? bulk_fit(array, &left, n, sizeof(*array)) : NULL;
	if (!ok(fitting != NULL, "%s", label))
		return;
	same_num((long)left, (long)n, label);
	ok(yields >= ((room - n) * sizeof(*array) >= BULK_SIZE ? BULK_SIZE >> 20 : 0),
	    "%s: what is too much is given back in many pieces", label);
	for (size_t i = 0; i < n; i++)
		wrong += fitting[i] != i;
	same_num((long)wrong, 0, label);
	bulk_free(fitting, left * sizeof(*fitting));
}

static void
test_pauses(void)
{
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		yields = 0;
		bulk_pause(pauses[i].first, pauses[i].end);
		same_num(yields, pauses[i].want, pauses[i].label);
	}
	yields = 0;
	bulk_free(malloc(4 * BULK_SIZE), 4 * BULK_SIZE);
	ok(yields >= 4 * BULK_SIZE >> 20, "what is large is freed in many pieces");
}

int
main(void)
{
	test_prepare();
	test_next();
	test_pauses();
	test_growth();
	test_fit(10, 10, "nothing to give back");
	test_fit(10, 1, "all but one");
	test_fit(BULK_SIZE, 3, "many pages");
	test_fit(BULK_SIZE, BULK_SIZE / 2 + 5, "half of them");
	bulk_free(NULL, 0);
	bulk_free(NULL, BULK_SIZE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *before = malloc(64), *array = malloc(rows[i].size), *after = malloc(64);

		if (!ok(before != NULL && array != NULL && after != NULL, "%s", rows[i].label))
			return done();
		memset(before, 'b', 64);
		memset(array, 'x', rows[i].size);
		memset(after, 'a', 64);
		bulk_free(array, rows[i].size);
		ok(before[0] == 'b' && before[63] == 'b', "%s: before it", rows[i].label);
		ok(after[0] == 'a' && after[63] == 'a', "%s: after it", rows[i].label);
		free(before);
		free(after);
	}
	return done();
}
