/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/rangetable.c - a sweep over the addresses, from the lowest to the highest: at each place
 * where an entry begins or ends, what is most specific there begins a piece.  A piece is found
 * by the first bits of an address, and then among a few.
 *
 * An entry begins two pieces at most, which take its place in memory: of each address there is
 * but one copy, while the table is built, too.
 */
#include "config.h"

#include "data/rangetable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "data/keydirectory.h"

#define ENTRIES_MAX (1U << 28)
#define LEVELS 33
#define DIGIT_BITS 11
#define DIGITS (1U << DIGIT_BITS)
#define PIECES_A_PLACE 2 /* of the directory, if they were everywhere: they are in heaps */

/* From start up to the start of the next one. */
struct piece {
	uint32_t start, set;
};

struct rangetable {
	enum range_doubles doubles;
	bool sealed;
	size_t count, room; /* entries that there were, and that have room */
	union {
		struct range_entry *entries; /* until it is sealed */
		struct piece *pieces;        /* from then on, and behind the sweep */
	};
	size_t npieces;
	struct keydirectory directory; /* by where pieces begin */
};

struct rangetable *
rangetable_new(enum range_doubles doubles)
{
	struct rangetable *table = calloc(1, sizeof(*table));

	if (table != NULL)
		table->doubles = doubles;
	return table;
}

void
rangetable_free(struct rangetable *table)
{
	if (table == NULL)
		return;
	bulk_free(table->entries, table->room * sizeof(*table->entries));
	keydirectory_free(&table->directory);
	free(table);
}

bool
rangetable_add(struct rangetable *table, const struct range_entry *entry)
{
	struct range_entry *entries;

	assert(!table->sealed && entry->first <= entry->last && entry->level < LEVELS);
	if (table->count == ENTRIES_MAX)
		return false;
	entries =
	    bulk_enlarge(table->entries, &table->room, table->count + 1, sizeof(*entries));
	if (entries == NULL)
		return false;
	table->entries = entries;
	entries[table->count++] = *entry;
	return true;
}

size_t
rangetable_count(const struct rangetable *table)
{
	return table->count;
}

static bool
is_sorted(const struct rangetable *table)
{
	for (size_t i = 1; i < table->count; i++) {
		bulk_pause(i, i + 1);
		if (table->entries[i].first < table->entries[i - 1].first)
			return false;
	}
	return true;
}

/* Put the entries in the order of one digit, those that are equal as they were. */
static void
sort_by_digit(const struct range_entry *from, struct range_entry *to, size_t n, unsigned shift)
{
	size_t next[DIGITS] = {0}, sum = 0;

	for (size_t i = 0; i < n; i++) {
		bulk_pause(i, i + 1);
		next[from[i].first >> shift & (DIGITS - 1)]++;
	}
	for (unsigned d = 0; d < DIGITS; d++) {
		size_t count = next[d];

		next[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++) {
		bulk_pause(i, i + 1);
		to[next[from[i].first >> shift & (DIGITS - 1)]++] = from[i];
	}
}

/* By their first address, those that are equal as they came. */
static bool
sort_entries(struct rangetable *table)
{
	struct range_entry *from = table->entries, *to, *kept;
	size_t size = table->count * sizeof(*to);

	if (is_sorted(table))
		return true;
	if ((to = malloc(size)) == NULL)
		return false;
	for (unsigned shift = 0; shift < 32; shift += DIGIT_BITS) {
		sort_by_digit(from, to, table->count, shift);
		kept = from;
		from = to;
		to = kept;
	}
	/* Three digits: what is sorted is where there was nothing. */
	table->entries = from;
	bulk_free(to, table->room * sizeof(*to));
	table->room = table->count;
	return true;
}

/* What is under way at one level: of which codes how many entries. */
struct layer {
	size_t excluded;
	unsigned n;
	uint32_t code[CODESET_MAX];
	size_t count[CODESET_MAX];
};

struct sweep {
	struct rangetable *table;
	struct codesets *sets;
	uint64_t live; /* bit per level */
	struct layer layer[LEVELS];
	size_t next; /* entry that begins next */
	/* Entries that have begun; a heap, the one that ends first on top. */
	struct range_entry *open;
	size_t nopen, openroom;
};

static uint32_t
last_of(const struct sweep *sw, size_t i)
{
	return sw->open[i].last;
}

static void
swap_open(struct sweep *sw, size_t i, size_t k)
{
	struct range_entry kept = sw->open[i];

	sw->open[i] = sw->open[k];
	sw->open[k] = kept;
}

static bool
push(struct sweep *sw, const struct range_entry *entry)
{
	struct range_entry *open =
	    bulk_enlarge(sw->open, &sw->openroom, sw->nopen + 1, sizeof(*open));

	if (open == NULL)
		return false;
	sw->open = open;
	open[sw->nopen++] = *entry;
	for (size_t i = sw->nopen - 1; i > 0 && last_of(sw, i) < last_of(sw, (i - 1) / 2);
	     i = (i - 1) / 2)
		swap_open(sw, i, (i - 1) / 2);
	return true;
}

static void
pop(struct sweep *sw)
{
	sw->open[0] = sw->open[--sw->nopen];
	for (size_t i = 0, child; (child = 2 * i + 1) < sw->nopen; i = child) {
		if (child + 1 < sw->nopen && last_of(sw, child + 1) < last_of(sw, child))
			child++;
		if (last_of(sw, i) <= last_of(sw, child))
			break;
		swap_open(sw, i, child);
	}
}

/* The place of a code in a layer, or where it would be. */
static unsigned
code_place(const struct layer *layer, uint32_t code)
{
	unsigned i = 0;

	while (i < layer->n && layer->code[i] != code)
		i++;
	return i;
}

static bool
enter(struct sweep *sw, const struct range_entry *entry)
{
	struct layer *layer = &sw->layer[entry->level];
	unsigned at = code_place(layer, entry->code);

	if (sw->table->doubles == RANGE_FIRST && (sw->live >> entry->level & 1) != 0)
		return true;
	if (entry->code == 0) {
		layer->excluded++;
	} else if (at < layer->n) {
		layer->count[at]++;
	} else if (at < CODESET_MAX) {
		layer->n++;
		layer->code[at] = entry->code;
		layer->count[at] = 1;
	} else {
		return true;
	}
	sw->live |= UINT64_C(1) << entry->level;
	return push(sw, entry);
}

/* End the entry that ends first. */
static void
leave(struct sweep *sw)
{
	const struct range_entry entry = sw->open[0];
	struct layer *layer = &sw->layer[entry.level];
	unsigned at = code_place(layer, entry.code);

	pop(sw);
	if (entry.code == 0) {
		layer->excluded--;
	} else if (--layer->count[at] == 0) {
		layer->n--;
		layer->code[at] = layer->code[layer->n];
		layer->count[at] = layer->count[layer->n];
	}
	if (layer->excluded == 0 && layer->n == 0)
		sw->live &= ~(UINT64_C(1) << entry.level);
}

/* The most specific level at which something is under way; LEVELS: there is none. */
static unsigned
top_level(uint64_t live)
{
	return live != 0 ? 63U - (unsigned)__builtin_clzll(live) : LEVELS;
}

/* What holds from here on. */
static bool
number_now(struct sweep *sw, uint32_t *number)
{
	unsigned level = top_level(sw->live);
	const struct layer *layer = &sw->layer[level < LEVELS ? level : 0];
	struct codeset set;

	*number = CODESET_NONE;
	if (level == LEVELS || layer->excluded > 0)
		return true;
	set.n = 0;
	for (unsigned i = 0; i < layer->n; i++)
		codeset_add(&set, layer->code[i]);
	return codesets_number(sw->sets, &set, number);
}

/* Begin a piece, where entries are that have been passed. */
static void
add_piece(struct rangetable *table, uint32_t start, uint32_t set)
{
	const struct piece piece = {start, set};

	if (table->npieces > 0 ? table->pieces[table->npieces - 1].set == set
			       : set == CODESET_NONE)
		return;
	/* Copied as bytes: as a piece it would seem to be apart from what was an entry there. */
	memcpy(&table->pieces[table->npieces++], &piece, sizeof(piece));
}

/* The next place at which something begins or ends; past all addresses: there is none. */
static uint64_t
next_place(const struct sweep *sw)
{
	const struct rangetable *table = sw->table;
	uint64_t begin = sw->next < table->count ? table->entries[sw->next].first : UINT64_MAX;
	uint64_t end = sw->nopen > 0 ? (uint64_t)last_of(sw, 0) + 1 : UINT64_MAX;

	return begin < end ? begin : end;
}

/* Whether the next entry touches no other one, which is so of most. */
static bool
is_alone(const struct sweep *sw)
{
	const struct range_entry *entry = sw->table->entries + sw->next;

	return sw->nopen == 0 && sw->next < sw->table->count &&
	    (sw->next + 1 == sw->table->count || entry[1].first > entry->last);
}

static bool
pass_alone(struct sweep *sw)
{
	struct rangetable *table = sw->table;
	const struct range_entry entry = table->entries[sw->next++];
	struct codeset set;
	uint32_t number;

	set.n = entry.code != 0;
	set.code[0] = entry.code;
	if (!codesets_number(sw->sets, &set, &number))
		return false;
	add_piece(table, entry.first, number);
	/* What follows at once begins a piece itself. */
	if (entry.last != UINT32_MAX &&
	    (sw->next == table->count || table->entries[sw->next].first != entry.last + 1))
		add_piece(table, entry.last + 1, CODESET_NONE);
	return true;
}

static bool
sweep(struct sweep *sw)
{
	struct rangetable *table = sw->table;
	size_t before = 0;
	uint64_t place;
	uint32_t set;

	while ((place = next_place(sw)) <= UINT32_MAX) {
		bulk_pause(before, sw->next);
		before = sw->next;
		if (is_alone(sw)) {
			if (!pass_alone(sw))
				return false;
			continue;
		}
		while (sw->nopen > 0 && (uint64_t)last_of(sw, 0) + 1 == place)
			leave(sw);
		while (sw->next < table->count && table->entries[sw->next].first == place)
			if (!enter(sw, &table->entries[sw->next++]))
				return false;
		if (!number_now(sw, &set))
			return false;
		add_piece(table, (uint32_t)place, set);
	}
	return true;
}

/* Give back what the pieces leave free of the memory of the entries. */
static void
fit(struct rangetable *table)
{
	size_t each = sizeof(*table->entries) / sizeof(*table->pieces);
	size_t need = (table->npieces + each - 1) / each;

	if (table->room > 0)
		table->entries = bulk_fit(
		    table->entries, &table->room, need > 0 ? need : 1, sizeof(*table->entries));
}

bool
rangetable_seal(struct rangetable *table, struct codesets *sets)
{
	struct sweep *sw = calloc(1, sizeof(*sw));
	bool good;

	assert(!table->sealed);
	if (sw == NULL)
		return false;
	sw->table = table;
	sw->sets = sets;
	good = sort_entries(table) && sweep(sw);
	bulk_free(sw->open, sw->openroom * sizeof(*sw->open));
	free(sw);
	if (!good)
		return false;
	fit(table);
	table->sealed = keydirectory_build(&table->directory, table->pieces, table->npieces,
	    sizeof(*table->pieces), PIECES_A_PLACE);
	return table->sealed;
}

uint32_t
rangetable_find(const struct rangetable *table, uint32_t addr)
{
	const uint32_t *place = keydirectory_at(&table->directory, addr);
	size_t low = place[0], count = place[1] - low;

	assert(table->sealed);
	/* Halved whichever way it goes, so that nothing but low hangs on the outcome. */
	while (count > 0) {
		size_t half = (count + 1) / 2;

		if (table->pieces[low + half - 1].start <= addr)
			low += half;
		count -= half;
	}
	return low > 0 ? table->pieces[low - 1].set : CODESET_NONE;
}

void
rangetable_fetch(const struct rangetable *table, uint32_t addr, unsigned step)
{
	const uint32_t *place = keydirectory_at(&table->directory, addr);

	if (step == 1) {
		__builtin_prefetch(place);
	} else if (table->npieces > 0) {
		__builtin_prefetch(table->pieces + (place[0] > 0 ? place[0] - 1 : 0));
		__builtin_prefetch(table->pieces + (place[1] > 0 ? place[1] - 1 : 0));
	}
}

uint64_t
rangetable_covered(const struct rangetable *table)
{
	uint64_t sum = 0;

	assert(table->sealed);
	for (size_t i = 0; i < table->npieces; i++) {
		uint64_t end = i + 1 < table->npieces ? table->pieces[i + 1].start
						      : (uint64_t)UINT32_MAX + 1;

		bulk_pause(i, i + 1);
		if (table->pieces[i].set != CODESET_NONE)
			sum += end - table->pieces[i].start;
	}
	return sum;
}

size_t
rangetable_bytes(const struct rangetable *table)
{
	return sizeof(*table) + table->room * sizeof(*table->entries) +
	    keydirectory_bytes(&table->directory);
}
