/* SPDX-License-Identifier: BSD-2-Clause */
/* dns/queryid.c - many at a time, as each call of the system costs more than it gives. */
#include "config.h"

#include "dns/queryid.h"

#include <sys/random.h>

uint16_t
queryid_next(struct queryids *ids)
{
	if (ids->left == 0) {
		/* Without signals it is never cut short; without any, old ones must do. */
		(void)!getrandom(ids->number, sizeof(ids->number), 0);
		ids->left = sizeof(ids->number) / sizeof(ids->number[0]);
	}
	return ids->number[--ids->left];
}
