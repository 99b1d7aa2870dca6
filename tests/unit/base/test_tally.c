/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tally.c - kinds are counted apart, and durations by their bounds. */
#include "config.h"

#include "base/tally.h"

#include "tap.h"

static const struct histogram_bounds bounds = {3, {1, 5, 20}};

static const struct {
	int64_t ms;
	unsigned bucket;
} rows[] = {{-7, 0}, {0, 0}, {1, 0}, {2, 1}, {5, 1}, {6, 2}, {20, 2}, {21, 3}, {1000000, 3}};

int
main(void)
{
	tally_add(TALLY_SPF, 2, 1);
	tally_add(TALLY_SPF, 2, 2);
	same_num((long long)tally_get(TALLY_SPF, 2), 3, "counted");
	same_num((long long)tally_get(TALLY_SPF, 3), 0, "another kind is not");
	same_num((long long)tally_get(TALLY_MEMORY, 2), 0, "nor another table");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct histogram h = {0};

		histogram_add(&h, &bounds, rows[i].ms);
		ok(h.count[rows[i].bucket] == 1 &&
			h.sum_ms == (uint64_t)(rows[i].ms > 0 ? rows[i].ms : 0),
		    "%lld ms", (long long)rows[i].ms);
	}
	return done();
}
