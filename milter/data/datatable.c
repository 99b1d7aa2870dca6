/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datatable.c - a format has one kind of entry, and so one table; plain lists of networks
 * have two.
 */
#include "config.h"

#include "data/datatable.h"

#include <assert.h>
#include <stdlib.h>

#include "base/nettable.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "data/rangetable.h"

#define CODE_TEXT_SIZE 16

struct datatable {
	enum data_format format;
	size_t count;
	struct rangetable *ranges; /* NULL: it has none; the same of the others */
	struct nettable *networks; /* the reason of each is its code in text; NULL: excluded */
	struct nametable *names;
	uint32_t common; /* of networks whose reason is empty, and of ranges */
	bool is_common;
};

/* Which tables there are. */
static bool
has_ranges(enum data_format format)
{
	return format == DATA_IP4SET || format == DATA_IP4TRIE || format == DATA_IP4TSET ||
	    format == DATA_CIDR;
}

static bool
has_networks(enum data_format format)
{
	return format == DATA_IP6TRIE || format == DATA_IP6TSET || format == DATA_CIDR;
}

static bool
has_names(enum data_format format)
{
	return format == DATA_DNSET || format == DATA_GENERIC;
}

struct datatable *
datatable_new(enum data_format format)
{
	struct datatable *table = calloc(1, sizeof(*table));
	enum range_doubles doubles = format == DATA_IP4SET ? RANGE_UNITE : RANGE_FIRST;

	if (table == NULL)
		return NULL;
	table->format = format;
	if ((has_ranges(format) && (table->ranges = rangetable_new(doubles)) == NULL) ||
	    (has_networks(format) && (table->networks = nettable_new(128)) == NULL) ||
	    (has_names(format) && (table->names = nametable_new()) == NULL)) {
		datatable_free(table);
		return NULL;
	}
	return table;
}

void
datatable_free(struct datatable *table)
{
	if (table == NULL)
		return;
	rangetable_free(table->ranges);
	nettable_free(table->networks);
	nametable_free(table->names);
	free(table);
}

/* Add those of units of so many bits, whose first and last are given as numbers of such. */
static bool
add_units(struct datatable *table, uint64_t first, uint64_t last, unsigned bits, uint32_t code)
{
	return rangetable_add(table->ranges,
	    &(const struct range_entry){.first = (uint32_t)(first << bits),
		.last = (uint32_t)(((last + 1) << bits) - 1),
		.code = code,
		.level = 32 - bits});
}

/*
 * Add a range as an ip4set has it: as whole /8, /16, /24 and single addresses, and nothing
 * else makes a difference to how specific it is.
 */
static bool
add_octets(struct datatable *table, uint64_t first, uint64_t last, uint32_t code)
{
	unsigned bits;

	for (bits = 0; bits < 24; bits += 8) {
		if ((first & 255) != 0 || last - first < 255) {
			uint64_t end = (first | 255) < last ? first | 255 : last;

			if (!add_units(table, first, end, bits, code))
				return false;
			first = end + 1;
		}
		if (first <= last && (last & 255) != 255) {
			if (!add_units(table, last & ~UINT64_C(255), last, bits, code))
				return false;
			last = (last & ~UINT64_C(255)) - 1;
		}
		if (first > last)
			return true;
		first >>= 8;
		last >>= 8;
	}
	return add_units(table, first, last, bits, code);
}

static bool
add_range(struct datatable *table, const struct data_entry *entry)
{
	const struct ip4range *range = &entry->range;

	if (table->format == DATA_IP4SET)
		return add_octets(table, range->first, range->last, entry->code);
	/* What is common is one code for all of them: which one, only the end tells. */
	return rangetable_add(table->ranges,
	    &(const struct range_entry){range->first, range->last,
		entry->common ? DATA_CODE_DEFAULT : entry->code, range->len});
}

static bool
add_network(struct datatable *table, const struct data_entry *entry)
{
	char text[CODE_TEXT_SIZE] = "";
	struct strbuf code;

	strbuf_init(&code, text, sizeof(text));
	if (!entry->common)
		strbuf_add_code(&code, entry->code);
	return nettable_add(table->networks, entry->network.addr.byte, entry->network.len,
	    entry->excluded ? NULL : text);
}

bool
datatable_add(struct datatable *table, const struct data_entry *entry)
{
	table->count++;
	table->is_common |= entry->common;
	switch (entry->kind) {
	case DATA_RANGE:
		return add_range(table, entry);
	case DATA_NETWORK:
		return add_network(table, entry);
	case DATA_NAME:
		break;
	}
	return nametable_add(
	    table->names, entry->name, entry->itself, entry->below, entry->code);
}

size_t
datatable_count(const struct datatable *table)
{
	return table->count;
}

bool
datatable_seal(struct datatable *table, uint32_t common, struct codesets *sets)
{
	table->common = common;
	return (table->ranges == NULL || rangetable_seal(table->ranges, sets)) &&
	    (table->networks == NULL || nettable_seal(table->networks)) &&
	    (table->names == NULL || nametable_seal(table->names, sets));
}

/* Add the codes of a set that has that number. */
static void
add_set(const struct codesets *sets, uint32_t number, struct codeset *out)
{
	const struct codeset set = codesets_get(sets, number);

	for (unsigned i = 0; i < set.n; i++)
		codeset_add(out, set.code[i]);
}

static uint32_t
number_of(const struct ipaddr *addr)
{
	const uint8_t *byte = addr->byte;

	return (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 | (uint32_t)byte[2] << 8 |
	    byte[3];
}

static void
find_range(const struct datatable *table, const struct codesets *sets,
    const struct ipaddr *addr, struct codeset *out)
{
	uint32_t number = rangetable_find(table->ranges, number_of(addr));

	if (number == CODESET_NONE)
		return;
	if (table->is_common)
		codeset_add(out, table->common);
	else
		add_set(sets, number, out);
}

static void
find_network(const struct datatable *table, const struct ipaddr *addr, struct codeset *out)
{
	const char *reason;
	uint32_t code;
	unsigned len;

	if (!nettable_find(table->networks, addr->byte, &len, &reason) || reason == NULL)
		return;
	codeset_add(out, number_octets(&reason, 4, &code) ? code : table->common);
}

void
datatable_find(const struct datatable *table, const struct codesets *sets,
    const struct ipaddr *addr, struct codeset *out)
{
	char labels[IPADDR_LABELS];

	assert(addr->bits != 0);
	if (table->ranges != NULL && addr->bits == 32)
		find_range(table, sets, addr, out);
	else if (table->networks != NULL && addr->bits == 128)
		find_network(table, addr, out);
	else if (table->names != NULL)
		datatable_find_name(table, sets, (ipaddr_reverse(addr, labels), labels), out);
}

void
datatable_find_name(const struct datatable *table, const struct codesets *sets,
    const char *name, struct codeset *out)
{
	if (table->names != NULL)
		add_set(sets, nametable_find(table->names, name), out);
}

void
datatable_fetch(const struct datatable *table, const struct ipaddr *addr, unsigned step)
{
	if (table->ranges != NULL && addr->bits == 32)
		rangetable_fetch(table->ranges, number_of(addr), step);
}

bool
datatable_parent(const struct datatable *table, bool (*is_of_kind)(const char *name),
    char name[NAMETABLE_NAME_SIZE])
{
	return table->names != NULL && nametable_parent(table->names, is_of_kind, name);
}

uint64_t
datatable_covered(const struct datatable *table)
{
	return table->ranges != NULL ? rangetable_covered(table->ranges) : 0;
}

size_t
datatable_bytes(const struct datatable *table)
{
	return sizeof(*table) + (table->ranges != NULL ? rangetable_bytes(table->ranges) : 0) +
	    (table->networks != NULL ? nettable_bytes(table->networks) : 0) +
	    (table->names != NULL ? nametable_bytes(table->names) : 0);
}
