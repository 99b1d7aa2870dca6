/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/clock.c - the only file that asks the system what time it is.  So a test
 * can let an hour pass in no time, and nothing else needs to know.
 */
#include "config.h"

#include "base/clock.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

static atomic_bool frozen;
static _Atomic int64_t frozen_ms;
static _Atomic int64_t frozen_wall_ms; /* finer than seconds, so that small steps add up */

static int64_t
read_clock(clockid_t id)
{
	struct timespec ts = {0};
	int error = clock_gettime(id, &ts);

	assert(error == 0);
	(void)error;
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_ms(void)
{
	return atomic_load(&frozen) ? atomic_load(&frozen_ms) : read_clock(CLOCK_MONOTONIC);
}

static int64_t
wall_ms(void)
{
	return atomic_load(&frozen) ? atomic_load(&frozen_wall_ms) : read_clock(CLOCK_REALTIME);
}

int64_t
clock_wall(void)
{
	return wall_ms() / 1000;
}

int64_t
clock_wall_at(int64_t ms)
{
	/* To the nearest second: it is the same whenever it is asked. */
	return (wall_ms() + ms - clock_ms() + 500) / 1000;
}

const char *
clock_text(int64_t wall, char out[CLOCK_TEXT_SIZE])
{
	time_t seconds = (time_t)wall;
	struct tm tm;

	/* With 32 bits time_t ends in 2038; a year of more digits has no room. */
	if (seconds != wall || gmtime_r(&seconds, &tm) == NULL ||
	    strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
	return out;
}

void
clock_freeze(int64_t ms, int64_t wall)
{
	atomic_store(&frozen_ms, ms);
	atomic_store(&frozen_wall_ms, wall * 1000);
	/* Last, so that no thread sees time stand at a moment never asked for. */
	atomic_store(&frozen, true);
}

void
clock_advance(int64_t ms)
{
	assert(atomic_load(&frozen) && ms >= 0);
	atomic_fetch_add(&frozen_ms, ms);
	atomic_fetch_add(&frozen_wall_ms, ms);
}
