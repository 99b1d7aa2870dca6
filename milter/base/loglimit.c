/* SPDX-License-Identifier: BSD-2-Clause */
/* base/loglimit.c - one of the threads that find the time over writes the line. */
#include "config.h"

#include "base/loglimit.h"

#include "base/clock.h"

unsigned
loglimit_count(struct loglimit *limit, int64_t every_ms)
{
	long long until = atomic_load(&limit->until);
	int64_t now = clock_ms();

	atomic_fetch_add(&limit->count, 1);
	if (now < until ||
	    !atomic_compare_exchange_strong(&limit->until, &until, now + every_ms))
		return 0;
	return atomic_exchange(&limit->count, 0);
}
