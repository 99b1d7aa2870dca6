/* SPDX-License-Identifier: BSD-2-Clause */
/* test_rate.c - some at once, and then as time passes; on the frozen clock. */
#include "config.h"

#include "base/rate.h"

#include "base/clock.h"

#include "tap.h"

static unsigned
take_all(struct rate *r, unsigned per_minute, unsigned burst)
{
	unsigned n = 0;

	while (n < 1000 && rate_take(r, per_minute, burst))
		n++;
	return n;
}

int
main(void)
{
	static const struct {
		const char *label;
		unsigned per_minute, burst;
		int64_t ms;
		unsigned then;
	} rows[] = {
	    {"one a second", 60, 20, 1000, 1},
	    {"not yet", 60, 20, 999, 0},
	    {"three", 60, 20, 3500, 3},
	    {"never more than at once", 60, 20, 3600000, 20},
	    {"one at a time", 6, 1, 10000, 1},
	    {"many", 600, 100, 1000, 10},
	};

	clock_freeze(5000, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rate r = {0};

		same_num(take_all(&r, rows[i].per_minute, rows[i].burst), rows[i].burst,
		    rows[i].label);
		clock_advance(rows[i].ms);
		same_num(take_all(&r, rows[i].per_minute, rows[i].burst), rows[i].then,
		    rows[i].label);
	}
	return done();
}
