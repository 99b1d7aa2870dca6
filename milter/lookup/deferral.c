/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/deferral.c - a fact of a list beside its own: that the client was put off by it,
 * and until when that is remembered, which says since when.
 */
#include "config.h"

#include "lookup/deferral.h"

#include "base/clock.h"
#include "lookup/memcache.h"

#define REMEMBERED_MS 21600000 /* longer than a sender takes from one try to the next */
#define ID_BIT 0x80000000U     /* lists are too few to have it in their ids */

void
deferral_note(struct memcache *memory, const struct ipaddr *client, const struct roster *roster,
    listset lists)
{
	struct fact fact = {.state = FACT_CLEAR, .expires = clock_ms() + REMEMBERED_MS}, known;

	for (unsigned i = 0; i < roster->n; i++) {
		uint32_t id = roster->list[i]->id | ID_BIT;

		if (listset_has(lists, i) &&
		    !memcache_find(memory, client, id, clock_ms(), &known))
			memcache_put(memory, client, id, &fact);
	}
}

listset
deferral_over(struct memcache *memory, const struct ipaddr *client, const struct roster *roster,
    listset lists)
{
	int64_t now = clock_ms(), over = now + REMEMBERED_MS - DEFERRAL_MS;
	struct fact known;
	listset found = 0;

	for (unsigned i = 0; i < roster->n; i++)
		if (listset_has(lists, i) &&
		    memcache_find(memory, client, roster->list[i]->id | ID_BIT, now, &known) &&
		    known.expires <= over)
			found |= (listset)1 << i;
	return found;
}
