/* SPDX-License-Identifier: BSD-2-Clause */
/* own/probes.c - three tables: clients, drop boxes, and clients that are known good. */
#include "config.h"

#include "own/probes.h"

#include <stdlib.h>
#include <string.h>

#include "base/assoc.h"
#include "base/strbuf.h"

#define BOXES 4096
#define GOOD_PER_CLIENT 4 /* there are more who write to us than who test us */

struct client {
	struct assoc_entry entry;
	struct ipaddr addr;
	struct prober prober;
};

/* A mailbox that somebody has sent mail from to itself. */
struct box {
	struct assoc_entry entry;
	uint64_t network[PROBES_BOX_NETWORKS];
	uint32_t at[PROBES_BOX_NETWORKS];
};

struct regular {
	struct assoc_entry entry;
	uint32_t first; /* its first message, in seconds; entry.used is the last */
	uint32_t messages;
};

struct probes {
	struct assoc *clients, *boxes, *regulars;
	probeform_is_own *own;
	const void *arg;
};

_Static_assert(sizeof(struct client) <= 512, "65,536 clients have 32 MiB");

struct probes *
probes_new(size_t clients, probeform_is_own *own, const void *arg)
{
	struct probes *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->own = own;
	p->arg = arg;
	if ((p->clients = assoc_new(clients, sizeof(struct client))) != NULL &&
	    (p->boxes = assoc_new(BOXES, sizeof(struct box))) != NULL &&
	    (p->regulars = assoc_new(clients * GOOD_PER_CLIENT, sizeof(struct regular))) !=
		NULL)
		return p;
	probes_free(p);
	return NULL;
}

void
probes_free(struct probes *p)
{
	if (p == NULL)
		return;
	assoc_free(p->clients);
	assoc_free(p->boxes);
	assoc_free(p->regulars);
	free(p);
}

/* The network of an address, by its length in either family. */
static struct ipaddr
network_of(const struct ipaddr *addr, unsigned v4, unsigned v6)
{
	struct ipaddr network = *addr;

	ipaddr_mask(&network, addr->bits == 32 ? v4 : v6);
	return network;
}

/* A client is an address; of IPv6 a /64, of which one host may have any. */
static uint64_t
key_of(const struct assoc *table, const struct ipaddr *addr)
{
	struct ipaddr network = network_of(addr, 32, 64);

	return assoc_key(table, &network, sizeof(network));
}

/* --- Known good clients --- */

void
probes_accepted(struct probes *p, const struct ipaddr *client, uint32_t now)
{
	uint64_t key = key_of(p->regulars, client);
	struct regular *r = assoc_take(p->regulars, key, now);

	if (r->messages == 0)
		r->first = now;
	r->messages++;
}

static bool
is_known_good(const struct probes *p, const struct ipaddr *client, uint32_t now)
{
	const struct regular *r = assoc_find(p->regulars, key_of(p->regulars, client));

	return r != NULL && r->messages >= PROBES_GOOD_MESSAGES &&
	    r->entry.used / PROBER_DAY_S != r->first / PROBER_DAY_S &&
	    now <= r->entry.used + PROBES_GOOD_DAYS * PROBER_DAY_S;
}

/* --- Drop boxes --- */

/* Whether enough other networks have tried that mailbox before; notes this one. */
static bool
is_drop_box(struct probes *p, uint64_t mailbox, const struct ipaddr *client, uint32_t now)
{
	struct ipaddr addr = network_of(client, 16, 32);
	struct box *box = assoc_take(p->boxes, mailbox, now);
	uint64_t network = assoc_key(p->boxes, &addr, sizeof(addr));
	unsigned recent = 0, place = 0;

	for (unsigned i = 0; i < PROBES_BOX_NETWORKS; i++) {
		recent += box->at[i] != 0 && now <= box->at[i] + PROBES_BOX_DAYS * PROBER_DAY_S;
		if (box->at[i] < box->at[place])
			place = i;
	}
	for (unsigned i = 0; i < PROBES_BOX_NETWORKS; i++)
		if (box->network[i] == network)
			place = i;
	if (recent < PROBES_BOX_NETWORKS || box->network[place] == network) {
		box->network[place] = network;
		box->at[place] = now;
	}
	return recent == PROBES_BOX_NETWORKS;
}

/* Whether somebody sends mail from a mailbox to itself. */
static bool
is_to_itself(const struct probeform *form, const struct mailbox *sender)
{
	return form->form == PROBE_PLAIN && sender->local[0] != '\0' &&
	    strcmp(form->mailbox.local, sender->local) == 0 &&
	    strcmp(form->mailbox.domain, sender->domain) == 0;
}

/* --- Attempts --- */

static uint64_t
mailbox_id(const struct probes *p, const struct mailbox *m)
{
	char text[MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	strbuf_add(&sb, m->local);
	strbuf_addc(&sb, '@');
	strbuf_add(&sb, m->domain);
	return assoc_key(p->boxes, text, strlen(text));
}

static enum probes_excuse
excuse(const struct probes *p, const struct probes_refusal *r, const struct probeform *form,
    enum probe_sender sender, uint32_t now)
{
	if (!ipaddr_is_global(&r->client))
		return PROBES_LOCAL;
	if (p->own(p->arg, form->target))
		return PROBES_OURS;
	if (form->form == PROBE_PLAIN && sender == PROBE_SENDER_NULL)
		return PROBES_BOUNCE;
	return is_known_good(p, &r->client, now) ? PROBES_GOOD : PROBES_NONE;
}

static struct client *
take_client(struct probes *p, const struct ipaddr *addr, uint32_t now)
{
	struct client *c = assoc_take(p->clients, key_of(p->clients, addr), now);

	if (c->addr.bits == 0)
		c->addr = network_of(addr, 32, 64);
	return c;
}

enum probes_excuse
probes_refused(struct probes *p, const struct probes_refusal *r, uint32_t now)
{
	struct probeform form;
	struct mailbox from = {{0}, {0}, false};
	struct prober_attempt a;
	enum probes_excuse why;
	struct prober *prober;
	struct client *client;

	if (!probeform_parse(&form, r->recipient))
		return PROBES_UNREADABLE;
	a = (struct prober_attempt){.form = form.form, .sender = PROBE_SENDERS};
	if (r->sender != NULL && mailbox_parse(&from, r->sender))
		a.sender = probeform_sender(&from, p->own, p->arg);
	if ((why = excuse(p, r, &form, a.sender, now)) != PROBES_NONE)
		return why;
	a.target = assoc_key(p->boxes, form.target, strlen(form.target));
	a.recipient = mailbox_id(p, &form.mailbox);
	client = take_client(p, &r->client, now);
	prober = &client->prober;
	if (prober_note(prober, &a, now) == PROBER_NOT && r->helo != NULL &&
	    is_to_itself(&form, &from) && !probeform_helo_is_name(r->helo) &&
	    is_drop_box(p, a.recipient, &r->client, now)) {
		prober->rule = PROBER_DROP_BOX;
		prober->since = now;
	}
	client->entry.keep = prober->rule != PROBER_NOT;
	return PROBES_NONE;
}

const struct prober *
probes_of(const struct probes *p, const struct ipaddr *client)
{
	const struct client *c = assoc_find(p->clients, key_of(p->clients, client));

	return c != NULL ? &c->prober : NULL;
}

void
probes_each(const struct probes *p,
    void (*fn)(void *arg, const struct ipaddr *client, const struct prober *), void *arg)
{
	const struct client *c;

	for (size_t i = 0; (c = assoc_at(p->clients, i)) != NULL; i++)
		if (c->entry.key != 0 && c->prober.rule != PROBER_NOT)
			fn(arg, &c->addr, &c->prober);
}
