/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/codesets.c - a set of one code is its own number, which most are.  The others stand in
 * an array, and are found by a hash.
 */
#include "config.h"

#include "data/codesets.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/bulk.h"

/* Numbers from here on are codes; below, places in the array, counted from 1.  No list
 * answers from 0/8: where one does, that is a set of one. */
#define CODES_FIRST (1U << 24)

struct codesets {
	uint32_t *words; /* of each set how many, and then its codes */
	size_t len, room;
	uint32_t *slot; /* places, by hash; 0: none */
	size_t slots, used;
};

struct codesets *
codesets_new(void)
{
	return calloc(1, sizeof(struct codesets));
}

void
codesets_free(struct codesets *sets)
{
	if (sets == NULL)
		return;
	free(sets->words);
	free(sets->slot);
	free(sets);
}

void
codeset_add(struct codeset *set, uint32_t code)
{
	unsigned at = 0;

	while (at < set->n && set->code[at] < code)
		at++;
	if (set->n == CODESET_MAX || (at < set->n && set->code[at] == code))
		return;
	memmove(set->code + at + 1, set->code + at, (set->n - at) * sizeof(set->code[0]));
	set->code[at] = code;
	set->n++;
}

static uint32_t
hash(const uint32_t *codes, uint32_t n)
{
	return ascii_hash(ASCII_HASH, codes, n * sizeof(*codes), false);
}

/* The slot of a set: the one where it is, or the first free one after it should be. */
static uint32_t *
find_slot(const struct codesets *sets, const uint32_t *codes, uint32_t n)
{
	for (size_t i = hash(codes, n);; i++) {
		uint32_t *slot = &sets->slot[i & (sets->slots - 1)];

		if (*slot == 0 ||
		    (sets->words[*slot - 1] == n &&
			memcmp(sets->words + *slot, codes, n * sizeof(*codes)) == 0))
			return slot;
	}
}

/* Have more than twice as many slots as sets. */
static bool
enlarge(struct codesets *sets)
{
	struct codesets larger = *sets;

	if (sets->used * 2 < sets->slots)
		return true;
	larger.slots = sets->slots > 0 ? sets->slots * 2 : 16;
	larger.slot = calloc(larger.slots, sizeof(*larger.slot));
	if (larger.slot == NULL)
		return false;
	for (size_t i = 0; i < sets->slots; i++) {
		uint32_t place = sets->slot[i];

		if (place != 0)
			*find_slot(&larger, sets->words + place, sets->words[place - 1]) =
			    place;
	}
	free(sets->slot);
	sets->slot = larger.slot;
	sets->slots = larger.slots;
	return true;
}

static bool
append(struct codesets *sets, const struct codeset *set)
{
	uint32_t *words =
	    bulk_enlarge(sets->words, &sets->room, sets->len + set->n + 1, sizeof(*words));

	if (words == NULL || sets->len + set->n + 1 >= CODES_FIRST)
		return false;
	sets->words = words;
	words[sets->len++] = set->n;
	memcpy(words + sets->len, set->code, set->n * sizeof(*words));
	sets->len += set->n;
	sets->used++;
	return true;
}

bool
codesets_number(struct codesets *sets, const struct codeset *set, uint32_t *number)
{
	uint32_t *slot;

	*number = set->n > 0 ? set->code[0] : CODESET_NONE;
	if (set->n == 0 || (set->n == 1 && set->code[0] >= CODES_FIRST))
		return true;
	if (!enlarge(sets))
		return false;
	slot = find_slot(sets, set->code, set->n);
	if (*slot == 0) {
		uint32_t place = (uint32_t)sets->len + 1;

		if (!append(sets, set))
			return false;
		*slot = place;
	}
	*number = *slot;
	return true;
}

struct codeset
codesets_get(const struct codesets *sets, uint32_t number)
{
	struct codeset set = {0};

	if (number >= CODES_FIRST) {
		set.n = 1;
		set.code[0] = number;
	} else if (number != CODESET_NONE) {
		set.n = sets->words[number - 1];
		memcpy(set.code, sets->words + number, set.n * sizeof(set.code[0]));
	}
	return set;
}

size_t
codesets_bytes(const struct codesets *sets)
{
	return sizeof(*sets) + (sets->room + sets->slots) * sizeof(*sets->words);
}
