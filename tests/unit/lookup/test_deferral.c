/* SPDX-License-Identifier: BSD-2-Clause */
/* test_deferral.c - since when somebody is put off, and by which lists. */
#include "config.h"

#include "lookup/deferral.h"

#include <stdlib.h>

#include "base/clock.h"
#include "lookup/memcache.h"

#include "tap.h"

static struct listing lists[2] = {{.id = 5}, {.id = 6}};
static struct roster roster = {.n = 2, .list = {&lists[0], &lists[1]}};

int
main(void)
{
	struct memcache *memory = memcache_new(MEMCACHE_BYTES_MIN);
	struct ipaddr one = {.bits = 32, .byte = {198, 51, 100, 1}}, other = one;
	struct fact fact;

	if (memory == NULL)
		abort();
	other.byte[3] = 2;
	clock_freeze(1000000, 1766300000);
	same_num((long long)deferral_over(memory, &one, &roster, 3), 0, "nothing is known");
	deferral_note(memory, &one, &roster, 1);
	clock_advance(DEFERRAL_MS - 1);
	same_num((long long)deferral_over(memory, &one, &roster, 3), 0, "not for an hour yet");
	deferral_note(memory, &one, &roster, 3);
	clock_advance(1);
	same_num((long long)deferral_over(memory, &one, &roster, 3), 1,
	    "for an hour since the first time, by one list");
	same_num((long long)deferral_over(memory, &one, &roster, 2), 0, "of those asked about");
	same_num((long long)deferral_over(memory, &other, &roster, 3), 0, "not another client");
	clock_advance(DEFERRAL_MS);
	same_num((long long)deferral_over(memory, &one, &roster, 3), 3, "by both");
	ok(!memcache_find(memory, &one, 5, clock_ms(), &fact), "it is no fact of the list");
	clock_advance(6 * DEFERRAL_MS);
	same_num((long long)deferral_over(memory, &one, &roster, 3), 0, "forgotten at last");
	memcache_free(memory);
	return done();
}
