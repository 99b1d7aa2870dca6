/* SPDX-License-Identifier: BSD-2-Clause */
/* test_bulk.c - arrays of every size are freed, and what stands beside them stays. */
#include "config.h"

#include "bulk.h"

#include <stdlib.h>

#include "tap.h"

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

int
main(void)
{
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
