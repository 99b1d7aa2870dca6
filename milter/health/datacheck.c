/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/datacheck.c - files cost nothing to be asked: several canaries are drawn of each block,
 * and one that is listed makes the block a listed one.  A list of bogons may hold a block; who
 * holds all those of a side holds the side.
 */
#include "config.h"

#include "health/datacheck.h"

#include <string.h>

#include "base/domain.h"
#include "base/strbuf.h"
#include "data/datalist.h"
#include "health/canary.h"

#define DRAWS 8 /* of a block */

#define FORMAT(format) (1U << (format))
#define FORMATS_ANY (FORMAT(DATA_GENERIC) | FORMAT(DATA_COMBINED))
#define FORMATS_V4 \
	(FORMAT(DATA_IP4SET) | FORMAT(DATA_IP4TRIE) | FORMAT(DATA_IP4TSET) | FORMATS_ANY)
/* Whether other sets hold any IPv6, nobody can tell. */
#define FORMATS_V6 (FORMAT(DATA_IP6TRIE) | FORMAT(DATA_IP6TSET))
#define FORMATS_NAMES (FORMAT(DATA_DNSET) | FORMATS_ANY)

/* An entry that tells whether a list works, or, in the other one, whether it lists the world. */
#define ENTRY 2
#define NO_ENTRY 1
#define NAME_ENTRY "test"
#define NAME_NO_ENTRY "invalid"

static bool
holds(const struct datalist *data, const struct ipaddr *addr)
{
	struct codeset codes;

	datalist_find(data, addr, &codes);
	return codes.n > 0;
}

static bool
holds_name(const struct datalist *data, const char *name)
{
	struct codeset codes;

	datalist_find_name(data, name, &codes);
	return codes.n > 0;
}

/* 127.0.0.last, as a list of the family has it: as it is, or as ::ffff:127.0.0.last. */
static bool
holds_loopback(const struct datalist *data, bool v6, uint8_t last)
{
	struct ipaddr addr = {.bits = v6 ? 128 : 32};
	const uint8_t octets[4] = {127, 0, 0, last};

	if (v6)
		memset(addr.byte + 10, 0xff, 2);
	memcpy(addr.byte + (v6 ? 12 : 0), octets, sizeof(octets));
	return holds(data, &addr);
}

static bool
lacks_entry(const struct datacheck_rules *r, const struct datalist *data)
{
	bool v4 = r->ipv4 && (r->formats & FORMATS_V4) != 0;
	bool v6 = r->ipv6 && (r->formats & FORMATS_V6) != 0;

	if (r->kind == KIND_DOMAIN)
		return (r->formats & FORMATS_NAMES) != 0 &&
		    !holds_name(data, r->test_listed[0] != '\0' ? r->test_listed : NAME_ENTRY);
	return (v4 && !holds_loopback(data, false, ENTRY)) ||
	    (v6 && !holds_loopback(data, true, ENTRY));
}

static bool
has_clear_entry(const struct datacheck_rules *r, const struct datalist *data)
{
	bool v4 = r->ipv4 && (r->formats & FORMATS_V4) != 0;
	bool v6 = r->ipv6 && (r->formats & FORMATS_V6) != 0;

	if (r->kind == KIND_DOMAIN)
		return holds_name(
		    data, r->test_clear[0] != '\0' ? r->test_clear : NAME_NO_ENTRY);
	return (v4 && holds_loopback(data, false, NO_ENTRY)) ||
	    (v6 && holds_loopback(data, true, NO_ENTRY));
}

/* What cannot be drawn cannot be found clear, either. */
static bool
holds_canary(
    const struct datalist *data, const struct listing *list, const struct canary_block *block)
{
	struct canary canary;

	if (!canary_draw(&canary, list, *block))
		return true;
	return block->side == CANARY_NAME ? holds_name(data, canary.name)
					  : holds(data, &canary.subject.key);
}

static bool
holds_block(
    const struct datalist *data, const struct listing *list, const struct canary_block *block)
{
	bool held = false;

	for (unsigned i = 0; !held && i < DRAWS; i++)
		held = holds_canary(data, list, block);
	return held;
}

/* Whether it holds all blocks that a list has on a side. */
static bool
holds_side(const struct datalist *data, const struct listing *list, enum canary_side side)
{
	unsigned n = canary_blocks(list, side), held = 0;

	for (unsigned i = 0; i < n; i++)
		held += holds_block(data, list, &(struct canary_block){side, i});
	return n > 0 && held == n;
}

static bool
holds_any_side(const struct datacheck_rules *r, const struct datalist *data)
{
	struct listing list = {
	    .role = r->kind == KIND_DOMAIN ? ROLE_SENDER : ROLE_ADDRESS,
	    .ipv4 = r->ipv4,
	    .ipv6 = r->ipv6,
	    .ncanaries = r->ncanaries,
	};
	bool held = false;

	memcpy(list.canary, r->canary, sizeof(list.canary));
	for (unsigned side = 0; !held && side < CANARY_SIDES; side++)
		held = holds_side(data, &list, (enum canary_side)side);
	return held;
}

/* One line of names may list millions of domains, as one network may of addresses. */
static bool
holds_suffix(const struct datacheck_rules *r, const struct datalist *data,
    char name[NAMETABLE_NAME_SIZE])
{
	return r->kind == KIND_DOMAIN && !r->suffixes &&
	    datalist_parent(data, domain_is_registry, name);
}

bool
datacheck_judge(const void *rules, const struct datalist *data, char *why, size_t whysize)
{
	const struct datacheck_rules *r = rules;
	char suffix[NAMETABLE_NAME_SIZE];

	if (holds_any_side(r, data))
		return strbuf_fail(why, whysize, "lists-everything");
	if (holds_suffix(r, data, suffix))
		return strbuf_fail(why, whysize, "lists-all-of-%s", suffix);
	if (has_clear_entry(r, data))
		return strbuf_fail(why, whysize, "clear-entry-listed");
	return !r->test_entry || !lacks_entry(r, data) ||
	    strbuf_fail(why, whysize, "test-entry-missing");
}
