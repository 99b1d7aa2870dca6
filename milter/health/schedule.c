/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/schedule.c - the pauses between tests.  None is the same on all nodes: a list is
 * not to be tested by all of them at once.
 */
#include "config.h"

#include "health/schedule.h"

#include "base/random.h"

#define SUSPENDED_MS 60000 /* the longest pause, while a list is suspended */
#define RECOVERING_MS 2000 /* between tests that make up for what was wrong, and ... */
#define DOUBTED_MS 30000   /* ... where that takes time alone */
#define STALE_MS 2000      /* to the test that shows whether an answer had expired */
#define JITTER 10          /* percent, more or less, of these */

void
schedule_init(struct schedule *s)
{
	s->pause = SCHEDULE_RETEST_MS;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Of a list that is suspended: longer each time. */
static int64_t
pause_suspended(struct schedule *s, int64_t interval_ms)
{
	int64_t pause = s->pause;

	s->pause = least(pause * 2, least(interval_ms, SUSPENDED_MS));
	return jittered(pause, JITTER);
}

/* Of one that has passed tests, but is not believed yet. */
static int64_t
pause_doubted(const struct health_state *state, unsigned passes, int64_t interval_ms)
{
	if (health_state_is_unusual(state))
		return SCHEDULE_SUSPECT_MS;
	if (state->passed < passes)
		return state->passed > 0 ? RECOVERING_MS : SCHEDULE_RETEST_MS;
	return least(interval_ms, DOUBTED_MS);
}

int64_t
schedule_next(struct schedule *s, const struct health_state *state, unsigned passes,
    int64_t interval_ms, bool stale)
{
	enum list_state now = health_state_of(state);

	if (now == LIST_SILENT || now == LIST_SUSPENDED)
		return pause_suspended(s, interval_ms);
	schedule_init(s);
	switch (now) {
	case LIST_DOUBTED:
	case LIST_RECOVERING:
		return pause_doubted(state, passes, interval_ms);
	case LIST_GOOD:
	case LIST_RESTORED:
		return stale ? STALE_MS : jittered(interval_ms, JITTER);
	case LIST_NEW:
	case LIST_SILENT:
	case LIST_SUSPENDED:
		break;
	}
	return SCHEDULE_RETEST_MS;
}
