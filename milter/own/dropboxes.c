/* SPDX-License-Identifier: BSD-2-Clause */
/* own/dropboxes.c - a table of mailboxes, each with those who came first. */
#include "config.h"

#include "own/dropboxes.h"

#include <stdbool.h>
#include <stdlib.h>

#include "own/prober.h"

#define BOXES 4096

/* Who has sent mail from a mailbox to itself: a network, and a HELO; who has one of them in
 * common is the same.  at: the last time, or 0. */
struct visitor {
	uint64_t network;
	uint32_t at;
	uint32_t order; /* of arrival */
	uint16_t helo;
};

/* A mailbox that somebody has sent mail from to itself. */
struct box {
	struct assoc_entry entry;
	struct visitor visitor[DROPBOXES_NETWORKS];
	uint32_t arrivals;
};

struct dropboxes {
	struct assoc *boxes;
};

struct dropboxes *
dropboxes_new(void)
{
	struct dropboxes *d = calloc(1, sizeof(*d));

	if (d != NULL && (d->boxes = assoc_new(BOXES, sizeof(struct box))) != NULL)
		return d;
	free(d);
	return NULL;
}

void
dropboxes_free(struct dropboxes *d)
{
	if (d == NULL)
		return;
	assoc_free(d->boxes);
	free(d);
}

void
dropboxes_use_secret(struct dropboxes *d, const uint8_t secret[ASSOC_SECRET_SIZE])
{
	assoc_use_secret(d->boxes, secret);
}

uint64_t
dropboxes_key(const struct dropboxes *d, const void *bytes, size_t n)
{
	return assoc_key(d->boxes, bytes, n);
}

static bool
is_within(uint32_t then, uint32_t now, unsigned days)
{
	return then != 0 && now <= then + days * PROBER_DAY_S;
}

/* The place of a visitor, new or not.  Where there is none left the one who came last has to
 * go: nobody drives those out who were there before him. */
static struct visitor *
find_visitor(struct box *box, uint64_t network, uint16_t helo, uint32_t now)
{
	struct visitor *v = box->visitor, *found = v;

	for (; v < box->visitor + DROPBOXES_NETWORKS; v++) {
		bool here = is_within(v->at, now, DROPBOXES_KEEP_DAYS);

		if (here && (v->network == network || v->helo == helo))
			return v;
		if (!here)
			*v = (struct visitor){.order = UINT32_MAX};
		if (v->order > found->order)
			found = v;
	}
	*found = (struct visitor){.order = box->arrivals++};
	return found;
}

unsigned
dropboxes_visit(struct dropboxes *d, const struct ipaddr *client, uint64_t mailbox,
    uint16_t helo, uint32_t now)
{
	struct ipaddr addr = ipaddr_network(client, 16, 32);
	uint64_t network = assoc_key(d->boxes, &addr, sizeof(addr));
	struct box *box = assoc_take(d->boxes, mailbox, now);
	struct visitor *mine = find_visitor(box, network, helo, now);
	unsigned before = 0;

	mine->network = network;
	mine->helo = helo;
	mine->at = now;
	for (unsigned i = 0; i < DROPBOXES_NETWORKS; i++) {
		const struct visitor *v = &box->visitor[i];

		before += v->order < mine->order && is_within(v->at, now, DROPBOXES_DAYS);
	}
	return before;
}
