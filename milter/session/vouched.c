/* SPDX-License-Identifier: BSD-2-Clause */
/* session/vouched.c - of what is known of a good client, what may be a list's mistake. */
#include "config.h"

#include "session/vouched.h"

#include "conf/conf.h"
#include "health/datahealth.h"
#include "health/health.h"
#include "session/client.h"
#include "session/lookups.h"

/*
 * Whether a list may be wrong about a good client.  Lists of home addresses hold
 * everybody who logs in from home, and are right; and what is said to be taken over may
 * well be so, and have its owner's password.
 */
static bool
says_something(const struct client *c, const struct answer *a)
{
	if (a == NULL || a->score <= 0 || category_is_intrusion(a->category))
		return false;
	return !c->authenticated ||
	    (a->category != CATEGORY_DYNAMIC && a->category != CATEGORY_POLICY_RANGE);
}

void
vouched_tell(struct health *health, struct client *c)
{
	struct roster *roster = c->conf->roster;
	const struct fact *facts = client_lookups_facts(c->lookups);
	listset listed = 0, by_data;
	uint32_t code;

	(void)client_catch_up(c);
	by_data = client_lookups_by_data(c->lookups);
	for (unsigned i = 0; i < roster->n; i++) {
		if (roster->list[i]->role == ROLE_ADDRESS &&
		    says_something(c, listing_answer(roster->list[i], &facts[i], &code)))
			listed |= (listset)1 << i;
	}
	datahealth_vouched(
	    c->services->datahealth, &c->address, c->user, roster, listed & by_data);
	listed &= ~by_data;
	if (listed != 0)
		health_vouched(health, &c->address, c->user, roster, listed);
}
