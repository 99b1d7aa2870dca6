/* SPDX-License-Identifier: BSD-2-Clause */
/* base/rate.c - the generic cell rate algorithm (ITU-T I.371). */
#include "config.h"

#include "base/rate.h"

#include <stdint.h>

#include "base/clock.h"

#define MINUTE_MS 60000

bool
rate_take(struct rate *r, unsigned per_minute, unsigned burst)
{
	int64_t now = clock_ms(), price = MINUTE_MS / per_minute;
	long long paid = atomic_load(&r->paid), then;

	do {
		then = (paid > now ? paid : now) + price;
		if (then - now > price * burst)
			return false;
	} while (!atomic_compare_exchange_weak(&r->paid, &paid, then));
	return true;
}
