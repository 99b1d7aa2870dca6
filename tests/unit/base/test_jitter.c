/* SPDX-License-Identifier: BSD-2-Clause */
/* test_jitter.c - chance in times stays within its bounds. */
#include "config.h"

#include "base/jitter.h"

#include "tap.h"

static const struct {
	const char *label;
	int64_t ms;
	unsigned percent;
	int64_t low, high;
} rows[] = {
    {"a second", 1000, 20, 800, 1200},
    {"a day", 86400000, 10, 77760000, 95040000},
    {"nothing to spread", 0, 20, 0, 0},
    {"no spread", 1000, 0, 1000, 1000},
    {"all of it", 1000, 100, 0, 2000},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t low = INT64_MAX, high = INT64_MIN;

		for (int n = 0; n < 1000; n++) {
			int64_t ms = jittered(rows[i].ms, rows[i].percent);

			low = ms < low ? ms : low;
			high = ms > high ? ms : high;
		}
		ok(low >= rows[i].low && high <= rows[i].high, "%s: within bounds",
		    rows[i].label);
		ok((low < high) == (rows[i].low < rows[i].high), "%s: by chance",
		    rows[i].label);
	}
	return done();
}
