/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/jitter.c - chance in times, so that a fleet does not do all at once what each
 * of its nodes does now and then.
 */
#include "config.h"

#include "base/jitter.h"

#include <unistd.h>

int64_t
jittered(int64_t ms, unsigned percent)
{
	uint32_t r;

	if (getentropy(&r, sizeof(r)) != 0)
		return ms;
	return ms * (100 - percent + r % (2 * percent + 1)) / 100;
}
