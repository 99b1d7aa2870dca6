/* SPDX-License-Identifier: BSD-2-Clause */
/* base/condition.c - the monotonic clock; that of clock_ms() may stand still in a test. */
#include "config.h"

#include "base/condition.h"

#include "base/clock.h"

#define WAIT_MAX_MS INT64_C(31536000000) /* a year: keeps sums of times in range */

void
condition_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

struct timespec
condition_deadline(int64_t deadline)
{
	struct timespec ts = {0};
	int64_t now = clock_ms(), left = 0;

	if (deadline > now)
		left = deadline - now < WAIT_MAX_MS ? deadline - now : WAIT_MAX_MS;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += (time_t)(left / 1000);
	ts.tv_nsec += (long)(left % 1000) * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return ts;
}
