/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/canary.c - the blocks that canaries are drawn from, and why each of them is
 * safe to ask about: no mail comes from any of them over the Internet, so that a
 * list has no reason to hold one address of it, and a question about one says
 * nothing of anybody's mail.  A list of bogons may hold a whole block: that is
 * found out (health/canaries.h), and the block is not used for it any more.  None but a spare
 * one is smaller than 2^20: an address is hardly drawn twice within the life of an
 * answer.
 */
#include "config.h"

#include "health/canary.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"

struct block {
	uint8_t byte[4]; /* the first ones of the network; the others are 0 */
	uint8_t len;     /* bits of it */
};

/* Longer ones have less than 2^20 addresses. */
#define SPARE_LEN 12

/* A side has several blocks: one of them may be held as a whole, or denied as a whole
 * by one NSEC record in a resolver's cache (RFC 8198). */
static const struct block blocks[CANARY_NAME][CANARY_BLOCKS_MAX] = {
    [CANARY_0] =
	{
	    {{0}, 8},  /* "this network": no source but of a host that has no address yet
			* (RFC 6890, 2.2.2; RFC 1122, 3.2.1.3) */
	    {{10}, 8}, /* private (RFC 1918): no router of the Internet knows a way */
	},
    [CANARY_64] =
	{
	    {{100, 64}, 10}, /* between a provider and its customers (RFC 6598) */
	    {{127, 128}, 9}, /* loopback (RFC 1122), but for the half with the test entries */
	},
    [CANARY_128] =
	{
	    {{172, 16}, 12},  /* private (RFC 1918) */
	    {{169, 254}, 16}, /* of one link (RFC 3927): no router passes it on */
	},
    [CANARY_192] =
	{
	    {{224}, 4}, /* multicast (RFC 5771): never the address of a sender */
	    {{240}, 4}, /* reserved (RFC 1112, 4) */
	},
    [CANARY_V6] =
	{
	    /* Both in 2000::/3, where all senders are: who lists that lists both. */
	    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation (RFC 3849) */
	    {{0x3f, 0xff}, 20},             /* documentation, too (RFC 9637) */
	},
};

/* Names that are never delegated (RFC 6761, 6.2 and 6.4; RFC 2606). */
static const char *const domains[] = {"invalid", "test", "example"};

#define DOMAINS (sizeof(domains) / sizeof(domains[0]))

enum canary_side
canary_side_of(const struct subject *subject)
{
	if (subject->role != ROLE_ADDRESS)
		return CANARY_NAME;
	if (subject->key.bits == 128)
		return CANARY_V6;
	return (enum canary_side)(CANARY_0 + (subject->key.byte[0] >> 6));
}

static bool
is_asked(const struct listing *list, enum canary_side side)
{
	switch (side) {
	case CANARY_0:
	case CANARY_64:
	case CANARY_128:
	case CANARY_192:
		return list->role == ROLE_ADDRESS && list->ipv4;
	case CANARY_V6:
		return list->role == ROLE_ADDRESS && list->ipv6;
	case CANARY_NAME:
	case CANARY_SIDES:
		break;
	}
	return list->role != ROLE_ADDRESS;
}

/* The networks that the administrator has named for a side; IPv4 ones do for all of IPv4. */
static unsigned
named(const struct listing *list, enum canary_side side, const struct network **nets)
{
	uint8_t bits = side == CANARY_V6 ? 128 : 32;
	unsigned n = 0;

	for (unsigned i = 0; i < list->ncanaries; i++)
		if (list->canary[i].addr.bits == bits)
			nets[n++] = &list->canary[i];
	return n;
}

static unsigned
built_in(enum canary_side side)
{
	unsigned n = 0;

	while (n < CANARY_BLOCKS_MAX && blocks[side][n].len != 0)
		n++;
	return n;
}

unsigned
canary_blocks(const struct listing *list, enum canary_side side)
{
	const struct network *nets[CANARY_NETS_MAX];
	unsigned n;

	if (!is_asked(list, side))
		return 0;
	if (side == CANARY_NAME)
		return DOMAINS;
	n = named(list, side, nets);
	return n > 0 ? n : built_in(side);
}

bool
canary_is_spare(const struct listing *list, struct canary_block block)
{
	const struct network *nets[CANARY_NETS_MAX];

	return block.side <= CANARY_192 && named(list, block.side, nets) == 0 &&
	    blocks[block.side][block.n].len > SPARE_LEN;
}

/* The network of a block, and its length. */
static unsigned
find_net(const struct listing *list, struct canary_block block, struct ipaddr *net)
{
	const struct network *nets[CANARY_NETS_MAX];
	const struct block *b = &blocks[block.side][block.n];

	if (named(list, block.side, nets) > 0) {
		*net = nets[block.n]->addr;
		return nets[block.n]->len;
	}
	*net = (struct ipaddr){.bits = block.side == CANARY_V6 ? 128 : 32};
	memcpy(net->byte, b->byte, sizeof(b->byte));
	return b->len;
}

/* A network, and behind its bits what chance says. */
static void
fill(struct ipaddr *address, unsigned len, const uint8_t *random)
{
	for (unsigned i = 0; i < address->bits / 8U; i++) {
		unsigned fixed = len > 8 * i ? len - 8 * i : 0;
		uint8_t mask = fixed < 8 ? (uint8_t)(0xff >> fixed) : 0;

		address->byte[i] = (uint8_t)((address->byte[i] & ~mask) | (random[i] & mask));
	}
}

bool
canary_draw(struct canary *canary, const struct listing *list, struct canary_block block)
{
	uint8_t random[16];
	uint64_t label;
	struct ipaddr net;
	unsigned len;

	if (getentropy(random, sizeof(random)) != 0)
		return false;
	if (block.side == CANARY_NAME) {
		memcpy(&label, random, sizeof(label));
		snprintf(canary->name, sizeof(canary->name), "%016llx.%s",
		    (unsigned long long)label, domains[block.n]);
		canary->subject = subject_name(list->role, canary->name);
		return true;
	}
	len = find_net(list, block, &net);
	fill(&net, len, random);
	canary->subject = subject_address(&net);
	return true;
}

void
canary_describe(
    const struct listing *list, struct canary_block block, char out[CANARY_TEXT_SIZE])
{
	char address[IPADDR_STRLEN];
	struct ipaddr net;
	struct strbuf sb;

	strbuf_init(&sb, out, CANARY_TEXT_SIZE);
	if (block.side == CANARY_NAME) {
		strbuf_addc(&sb, '.');
		strbuf_add(&sb, domains[block.n]);
		return;
	}
	unsigned len = find_net(list, block, &net);

	strbuf_addf(&sb, "%s/%u", ipaddr_format(&net, address), len);
}
