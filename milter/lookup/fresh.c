/* SPDX-License-Identifier: BSD-2-Clause */
/* lookup/fresh.c - one lookup for each role. */
#include "config.h"

#include "lookup/fresh.h"

#include "base/clock.h"
#include "lookup/lookup.h"

bool
fresh_ask(struct lookups *lookups, struct roster *roster,
    const struct fresh_question question[ROLES], struct fact *facts)
{
	struct lookup *open[ROLES], *q;
	bool good = true;
	listset asked = 0;
	unsigned n = 0;

	for (enum role role = ROLE_ADDRESS; role < ROLES; role++) {
		if (question[role].lists == 0)
			continue;
		asked |= question[role].lists;
		q = lookup_start(lookups, &question[role].subject, roster, facts,
		    question[role].lists, LOOKUP_QUIET | LOOKUP_FRESH);
		if (q != NULL)
			open[n++] = q;
		good = good && q != NULL;
	}
	if (n > 0)
		(void)lookup_wait(
		    open, n, ~asked, waiters_never, NULL, clock_ms() + FRESH_MS, facts);
	while (n > 0)
		lookup_release(&open[--n]);
	return good;
}
