/* SPDX-License-Identifier: BSD-2-Clause */
/* test_schedule.c - when a list of each state is tested next. */
#include "config.h"

#include "health/schedule.h"

#include "base/clock.h"

#include "tap.h"

#define INTERVAL 600000
#define PASSES 3

static char label[] = "zen";
static atomic_uint state;
static struct listing zen = {.label = label, .state = &state};

static const struct {
	const char *label;
	enum list_state state;
	unsigned passed;
	int64_t interval;
	bool stale;
	int64_t next; /* give or take a tenth */
} rows[] = {
    {"new", LIST_NEW, 0, INTERVAL, false, 1000},
    {"good", LIST_GOOD, 5, INTERVAL, false, INTERVAL},
    {"restored", LIST_RESTORED, 5, INTERVAL, false, INTERVAL},
    {"good, after an answer that may have expired", LIST_GOOD, 5, INTERVAL, true, 2000},
    {"in doubt, no test passed", LIST_DOUBTED, 0, INTERVAL, false, 1000},
    {"in doubt, one passed", LIST_DOUBTED, 1, INTERVAL, false, 2000},
    {"in doubt, all passed: it takes time", LIST_DOUBTED, PASSES, INTERVAL, false, 30000},
    {"the same, where tests are frequent", LIST_DOUBTED, PASSES, 10000, false, 10000},
    {"recovering", LIST_RECOVERING, 1, INTERVAL, false, 2000},
};

/* Longer each time, up to a minute or an interval; and short again once it was good. */
static void
test_suspended(struct health_state *h)
{
	static const int64_t pauses[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
	struct schedule s;

	schedule_init(&s);
	atomic_store(&state, LIST_SUSPENDED);
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		int64_t next = schedule_next(&s, h, PASSES, INTERVAL, false);

		ok(next >= pauses[i] * 9 / 10 && next <= pauses[i] * 11 / 10,
		    "suspended: pause %zu is about %lld ms", i, (long long)pauses[i]);
	}
	atomic_store(&state, LIST_GOOD);
	schedule_next(&s, h, PASSES, INTERVAL, false);
	atomic_store(&state, LIST_SILENT);
	ok(schedule_next(&s, h, PASSES, INTERVAL, false) <= 1100, "silent, after it was good");
	for (int i = 0; i < 9; i++)
		schedule_next(&s, h, PASSES, 10000, false);
	ok(schedule_next(&s, h, PASSES, 10000, false) <= 11000, "no longer than an interval");
}

int
main(void)
{
	struct health_state h;

	clock_freeze(1000, 1800000000);
	if (!health_state_init(&h, &zen))
		return 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct schedule s;
		int64_t next;

		schedule_init(&s);
		atomic_store(&state, rows[i].state);
		h.passed = rows[i].passed;
		next = schedule_next(&s, &h, PASSES, rows[i].interval, rows[i].stale);
		ok(next >= rows[i].next * 9 / 10 && next <= rows[i].next * 11 / 10,
		    "%s: in %lld ms, got %lld", rows[i].label, (long long)rows[i].next,
		    (long long)next);
	}
	test_suspended(&h);
	health_state_clear(&h);
	return done();
}
