/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_clock.c - time that goes by itself, and time that stands.
 */
#include "config.h"

#include "base/clock.h"

#include <time.h>

#include "tap.h"

static const struct {
	const char *label;
	int64_t step, ms, wall;
} steps[] = {
    {"stands", 0, 5000, 1700000000},
    {"less than a second", 999, 5999, 1700000000},
    {"small steps add up", 1, 6000, 1700000001},
    {"an hour", 3600000, 3606000, 1700003601},
    {"fifty days, past 32 bits", 4320000000, 4323606000, 1704323601},
};

static void
test_running(void)
{
	int64_t before = clock_ms(), wall = clock_wall(), last = before;
	bool good = true;
	int i;

	for (i = 0; i < 10000; i++) {
		int64_t now = clock_ms();

		good &= now >= last;
		last = now;
	}
	ok(good && before > 0, "time never goes back");
	ok(wall >= (int64_t)time(NULL) - 60 && wall <= (int64_t)time(NULL) + 60,
	    "the wall clock is the system's");
}

static void
test_frozen(void)
{
	size_t i;

	clock_freeze(5000, 1700000000);
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		clock_advance(steps[i].step);
		same_num(clock_ms(), steps[i].ms, steps[i].label);
		same_num(clock_wall(), steps[i].wall, steps[i].label);
	}
	clock_freeze(0, 0);
	same_num(clock_ms(), 0, "frozen anew");
	same_num(clock_wall(), 0, "frozen anew");
}

static void
test_text(void)
{
	char text[CLOCK_TEXT_SIZE];

	same_str(clock_text(0, text), "1970-01-01T00:00:00Z", "the beginning");
	same_str(
	    clock_text(1796083199, text), "2026-11-30T23:59:59Z", "a second before midnight");
	same_str(clock_text(INT64_MAX, text), "", "no time that anybody lives to see");
	clock_freeze(1000000, 1796083199);
	same_num(clock_wall_at(1060000), 1796083259, "in a minute");
	same_num(clock_wall_at(0), 1796082199, "long ago");
}

int
main(void)
{
	test_running();
	test_frozen();
	test_text();
	return done();
}
