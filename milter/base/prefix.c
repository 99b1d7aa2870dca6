/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/prefix.c - networks as people write them.  What could mean something else than
 * its author meant is an error, for a wrong network refuses the wrong mail.
 */
#include "config.h"

#include "base/prefix.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/nat64.h"
#include "base/nettable.h"
#include "base/number.h"
#include "base/strbuf.h"

#define NETWORK_MAX 64 /* longest text of a network, and then some */

struct prefix_set {
	struct nettable *v4, *v6;
	bool sealed;
};

static bool
check_host_bits(const struct network *net, struct strbuf *why)
{
	struct ipaddr masked = net->addr;
	char text[2][IPADDR_STRLEN];

	ipaddr_mask(&masked, net->len);
	if (ipaddr_compare(&masked, &net->addr) == 0)
		return true;
	strbuf_addf(why, "%s/%u has bits set past its length; the network is %s/%u",
	    ipaddr_format(&net->addr, text[0]), net->len, ipaddr_format(&masked, text[1]),
	    net->len);
	return false;
}

static bool
refuse(struct strbuf *why, const char *network, const char *what)
{
	strbuf_add_value(why, network, NETWORK_MAX);
	strbuf_addf(why, " %s", what);
	return false;
}

static bool
read_network(struct network *net, const char *text, struct strbuf *why)
{
	size_t n = strcspn(text, "/");
	const char *length = text + n + 1;
	/* The length counts in the family that was written, which for ::ffff:192.0.2.0 is IPv6. */
	unsigned max = memchr(text, ':', n) != NULL ? 128 : 32;
	int64_t len = max;

	if (!ipaddr_parse_part(&net->addr, text, n))
		return refuse(why, text, "is not a network");
	if (text[n] == '/' && ((len = number_plain(&length, max)) < 0 || *length != '\0'))
		return refuse(why, text,
		    max == 32 ? "has no length from 0 to 32" : "has no length from 0 to 128");
	net->len = (unsigned)len;
	if (max > net->addr.bits) {
		if (net->len < 96)
			return refuse(why, text, "is IPv4 in IPv6, whose length is 96 to 128");
		net->len -= 96;
	}
	if (nat64_holds(&net->addr, net->len))
		return refuse(why, text,
		    "is IPv4 behind IPv6, whose clients are known by their IPv4 addresses");
	return check_host_bits(net, why);
}

bool
prefix_parse(struct network *net, const char *text, char *why, size_t whysize)
{
	struct strbuf message;

	strbuf_init(&message, why, whysize);
	return read_network(net, text, &message);
}

struct prefix_set *
prefix_new(void)
{
	struct prefix_set *set = calloc(1, sizeof(*set));

	if (set == NULL)
		return NULL;
	set->v4 = nettable_new(32);
	set->v6 = nettable_new(128);
	if (set->v4 != NULL && set->v6 != NULL)
		return set;
	prefix_free(set);
	return NULL;
}

void
prefix_free(struct prefix_set *set)
{
	if (set == NULL)
		return;
	nettable_free(set->v4);
	nettable_free(set->v6);
	free(set);
}

static struct nettable *
table_of(const struct prefix_set *set, const struct ipaddr *addr)
{
	return addr->bits == 32 ? set->v4 : set->v6;
}

bool
prefix_add(struct prefix_set *set, const struct network *net, const char *reason)
{
	assert(!set->sealed);
	return nettable_add(table_of(set, &net->addr), net->addr.byte, net->len, reason);
}

bool
prefix_seal(struct prefix_set *set)
{
	assert(!set->sealed);
	set->sealed = nettable_seal(set->v4) && nettable_seal(set->v6);
	return set->sealed;
}

size_t
prefix_count(const struct prefix_set *set)
{
	return nettable_count(set->v4) + nettable_count(set->v6);
}

size_t
prefix_bytes(const struct prefix_set *set)
{
	return sizeof(*set) + nettable_bytes(set->v4) + nettable_bytes(set->v6);
}

bool
prefix_find(const struct prefix_set *set, const struct ipaddr *addr, struct prefix_match *match)
{
	assert(set->sealed);
	return addr->bits != 0 &&
	    nettable_find(table_of(set, addr), addr->byte, &match->len, &match->reason);
}

struct taking {
	unsigned bits;
	prefix_taker *take;
	void *arg;
};

static bool
take_row(void *arg, const uint8_t *addr, unsigned len, const char *reason)
{
	const struct taking *t = arg;
	struct network net = {.addr = {.bits = (uint8_t)t->bits}, .len = len};

	memcpy(net.addr.byte, addr, t->bits / 8);
	return t->take(t->arg, &net, reason);
}

bool
prefix_each(const struct prefix_set *set, prefix_taker *take, void *arg)
{
	struct taking v4 = {32, take, arg}, v6 = {128, take, arg};

	return nettable_each(set->v4, take_row, &v4) && nettable_each(set->v6, take_row, &v6);
}

/* The halves of a network are tried in turn; no deeper than an address has bits. */
bool
prefix_subtract(
    const struct prefix_set *set, const struct network *net, prefix_taker *take, void *arg)
{
	struct network half = *net;
	struct prefix_match match;

	if (prefix_find(set, &net->addr, &match) && match.len <= net->len)
		return true;
	if (!nettable_begins(table_of(set, &net->addr), net->addr.byte, net->len))
		return take(arg, net, NULL);
	assert(net->len < net->addr.bits);
	half.len++;
	if (!prefix_subtract(set, &half, take, arg))
		return false;
	half.addr.byte[net->len / 8] |= (uint8_t)(0x80U >> net->len % 8);
	return prefix_subtract(set, &half, take, arg);
}
