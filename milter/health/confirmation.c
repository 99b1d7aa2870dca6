/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/confirmation.c - the canary and the questions that one listing has to stand, all
 * at once.  A question that has no answer says nothing: the first one had one.
 */
#include "config.h"

#include "health/confirmation.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "dns/dns.h"

#define NAME_MAX_DNS 256
#define COMPARED 20 /* comparisons that are kept: of these ... */
#define DIFFERED 5  /* ... so many that differ are odd */
#define DAY_MS 86400000

struct confirmation {
	struct confirmation_order order;
	bool direct;    /* the list's own servers are asked */
	unsigned open;  /* the canary, questions, and one while they are being asked */
	unsigned asked; /* questions that were answered, ... */
	bool withdrawn; /* ... and one of them otherwise than the first */
	enum confirmation_result confirmation; /* what the canary has shown */
};

/* The last one to leave ends it. */
static void
leave(struct confirmation *c)
{
	const struct confirmation_order *o = &c->order;
	enum confirmation_result confirmation = c->confirmation;

	if (--c->open > 0)
		return;
	if (c->asked > 0 && confirmation == CONFIRMED)
		o->compared(o->list_arg, !c->withdrawn);
	if (c->withdrawn && confirmation == CONFIRMED)
		confirmation = UNCONFIRMED;
	o->done(o->arg, confirmation);
	free(c);
}

static void
on_confirmed(void *arg, enum confirmation_result confirmation)
{
	struct confirmation *c = arg;

	c->confirmation = confirmation;
	leave(c);
}

/* What the list says of the subject now; a resolver may keep a name that is gone, but
 * not a type of it that nobody has asked for. */
static void
on_answer(void *arg, const struct dns_reply *reply)
{
	struct confirmation *c = arg;
	bool gone = c->direct ? reply->status == DNS_ABSENT : reply->rcode == DNS_NXDOMAIN;

	if (reply->status == DNS_FOUND || reply->status == DNS_ABSENT) {
		c->asked++;
		c->withdrawn |= gone;
	}
	leave(c);
}

/*
 * The list's own servers are asked the same again, others first.  A resolver would
 * answer that from its cache, and is asked for what else is there by that name.
 */
static void
ask_again(struct confirmation *c, const char *name, unsigned n)
{
	static const enum dns_type types[] = {DNS_TXT, DNS_AAAA};
	const struct confirmation_order *o = &c->order;
	struct dns_list about = {.zone = o->list->zone}; /* read within the call */
	unsigned flags = o->quiet ? DNS_UNCOUNTED : 0;
	size_t servers = dns_servers(o->dns);

	assert(n < sizeof(types) / sizeof(types[0]));
	if (c->direct && servers > 0) {
		c->open++;
		dns_ask_list(o->dns, &about, name, (unsigned)((o->server + 1 + n) % servers),
		    flags, on_answer, c);
	} else if (!c->direct && o->types) {
		c->open++;
		dns_query(o->dns, types[n], name, NULL, flags, on_answer, c);
	}
}

bool
comparisons_note(struct comparisons *c, bool same)
{
	unsigned n = 0;

	c->differed = (c->differed << 1 | (same ? 0U : 1U)) & ((1U << COMPARED) - 1);
	if (same)
		return false;
	c->when = clock_ms();
	for (unsigned i = 0; i < COMPARED; i++)
		n += c->differed >> i & 1;
	if (n < DIFFERED)
		return false;
	c->differed = 0;
	return true;
}

bool
comparisons_differ(const struct comparisons *c)
{
	return c->when != 0 && clock_ms() - c->when < DAY_MS;
}

void
confirmation_start(const struct confirmation_order *order)
{
	struct confirmation *c = malloc(sizeof(*c));
	char name[NAME_MAX_DNS];

	if (c == NULL) {
		order->done(order->arg, UNCONFIRMED);
		return;
	}
	*c = (struct confirmation){.order = *order,
	    .direct = order->list->servers[0] != NULL,
	    .open = 2,
	    .confirmation = UNCONFIRMED};
	if (order->dns != NULL &&
	    listing_query(order->list, order->subject, name, sizeof(name)))
		for (unsigned n = 0; n < order->again; n++)
			ask_again(c, name, n);
	canaries_confirm(
	    order->canaries, canary_side_of(order->subject), order->server, on_confirmed, c);
	leave(c);
}
