/* SPDX-License-Identifier: BSD-2-Clause */
/* test_fleetclock.c - what one clock is ahead of another. */
#include "config.h"

#include "own/fleetclock.h"

#include "tap.h"

#define NOW 1800000000

int
main(void)
{
	static const struct {
		const char *label;
		int64_t wall;
		uint64_t ms;
		int64_t ahead;
	} rows[] = {
	    {"the same", NOW, UINT64_C(1800000000000), 0},
	    {"the end of a second", NOW, UINT64_C(1800000000999), 0},
	    {"the next second has begun there", NOW, UINT64_C(1800000001001), 0},
	    {"or here", NOW, UINT64_C(1799999999999), 0},
	    {"20 minutes ahead", NOW + 1200, UINT64_C(1800000000000), 1200},
	    {"a second is no difference", NOW + 1201, UINT64_C(1800000000000), 1200},
	    {"in either direction", NOW + 1199, UINT64_C(1800000000000), 1200},
	    {"two are", NOW + 1202, UINT64_C(1800000000000), 1202},
	    {"50 minutes behind", NOW - 3000, UINT64_C(1800000000000), -3000},
	    {"no clock has that", NOW, UINT64_MAX, -3000},
	    {"put right", NOW, UINT64_C(1800000000500), 0},
	};
	struct fleetclock clock = {.known = false}, other = {.known = false};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fleetclock_set(&clock, rows[i].wall, rows[i].ms);
		same_num(clock.ahead, rows[i].ahead, rows[i].label);
		ok(clock.known, "%s: it is known", rows[i].label);
	}
	fleetclock_set(&clock, NOW + 1200, UINT64_C(1800000000000));
	fleetclock_set(&other, NOW - 3000, UINT64_C(1800000000000));
	same_num(
	    fleetclock_ours(&clock, NOW - 3000, other.ahead), NOW + 1200, "theirs by ours");
	same_num(fleetclock_ours(&other, NOW + 1200, clock.ahead), NOW - 3000, "and back");
	same_num(fleetclock_ours(&clock, 0, other.ahead), 0, "never is never");
	return done();
}
