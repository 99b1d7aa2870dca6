/* SPDX-License-Identifier: BSD-2-Clause */
/* own/doubts.c - a ring. */
#include "config.h"

#include "own/doubts.h"

bool
doubts_add(struct doubts *d, const struct doubt *doubt)
{
	if (d->n == DOUBTS_MAX)
		return false;
	d->doubt[(d->first + d->n++) % DOUBTS_MAX] = *doubt;
	return true;
}

bool
doubts_take(struct doubts *d, int64_t now_ms, struct doubt *doubt)
{
	if (d->n == 0 || now_ms < d->doubt[d->first].until)
		return false;
	*doubt = d->doubt[d->first];
	d->first = (d->first + 1) % DOUBTS_MAX;
	d->n--;
	return true;
}
