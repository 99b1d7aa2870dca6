/* SPDX-License-Identifier: BSD-2-Clause */
/* session/ownfacts.c - the entry of an address becomes the answer of a list. */
#include "config.h"

#include "session/ownfacts.h"

#include "base/clock.h"
#include "own/locallist.h"

/* The codes of an entry that the list declares: others mean nothing to it. */
static void
read_entry(
    const struct listing *list, const struct local_entry *e, uint32_t now, struct fact *fact)
{
	uint32_t until = 0;

	for (unsigned reason = 0; reason < LOCAL_REASONS; reason++) {
		if ((e->reasons >> reason & 1) == 0 ||
		    !listing_declares(list, LOCAL_CODE(reason)))
			continue;
		fact->state = FACT_LISTED;
		fact_add_code(fact, LOCAL_CODE(reason));
		if (e->until[reason] > until)
			until = e->until[reason];
	}
	if (until > now)
		fact->expires = clock_ms() + (int64_t)(until - now) * 1000;
}

void
ownfacts_find(const struct ownfacts *own, const struct listing *list, const struct ipaddr *addr,
    struct fact *fact)
{
	uint32_t now = (uint32_t)clock_wall();
	struct local_entry entry;

	/* It holds for this moment; somebody was asked. */
	*fact =
	    (struct fact){.state = FACT_CLEAR, .source = FACT_FROM_OWN, .expires = clock_ms()};
	if (own->entries != NULL && own->options->enabled &&
	    !own_options_exclude(own->options, addr) &&
	    locallist_find(own->entries, addr, now, &entry))
		read_entry(list, &entry, now, fact);
}
