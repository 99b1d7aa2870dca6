/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/places.c - a row of four bytes for each value that was written, word by word.  A
 * policy has none for what it inherits.
 */
#include "config.h"

#include "conf/places.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

/* A file has 16 MiB (base/textfile.c), and so as many lines at most. */
struct row {
	uint32_t word : 8; /* by its place among those of its kind */
	uint32_t line : 24;
};

struct places {
	uint32_t begin;
	uint32_t n;
	struct row rows[];
};

/* How many values of a word have a row. */
static unsigned
count_rows(const struct word *word)
{
	if (!word->set)
		return 0;
	return word->n > 0 ? word->n : 1;
}

static unsigned
line_of(const struct section *sec, const struct word *word, unsigned value)
{
	return word->n > 0 ? word_line(word, value) : sec->place.line;
}

struct places *
places_new(const struct section *sec)
{
	struct places *places;
	unsigned n = 0;

	for (unsigned i = 0; i < sec->nwords; i++)
		n += count_rows(&sec->words[i]);
	if ((places = malloc(sizeof(*places) + n * sizeof(struct row))) == NULL)
		return NULL;
	*places = (struct places){.begin = sec->place.line};
	for (unsigned i = 0; i < sec->nwords; i++)
		for (unsigned k = 0; k < count_rows(&sec->words[i]); k++)
			places->rows[places->n++] =
			    (struct row){i & 0xff, line_of(sec, &sec->words[i], k) & 0xffffff};
	return places;
}

unsigned
places_begin(const struct places *places)
{
	return places->begin;
}

/* The number that a word has in its kind of section. */
static unsigned
number_of(const char *kind, const char *word)
{
	const struct keyword *k;
	unsigned n = 0;

	for (size_t i = 0; (k = keyword_at(i)) != NULL; i++) {
		if (k->name == NULL || strcmp(k->section, kind) != 0)
			continue;
		if (strcmp(k->name, word) == 0)
			break;
		n++;
	}
	return n;
}

/* The first row of a word; NULL: it was not written. */
static const struct row *
find(const struct places *places, unsigned word)
{
	for (unsigned i = 0; i < places->n; i++)
		if (places->rows[i].word == word)
			return &places->rows[i];
	return NULL;
}

static unsigned
line_in(const struct places *places, const struct row *first, unsigned value)
{
	const struct row *row = first + value;

	if (row >= places->rows + places->n || row->word != first->word)
		return 0;
	return row->line;
}

unsigned
places_line(const struct places *places, const char *kind, const char *word, unsigned value)
{
	const struct row *first = find(places, number_of(kind, word));

	return first != NULL ? line_in(places, first, value) : 0;
}

unsigned
places_policy_line(
    const struct policy *policy, const char *word, unsigned value, const struct policy **owner)
{
	unsigned number = number_of("policy", word);

	for (; policy != NULL; policy = policy->parent) {
		const struct row *first = find(policy->places, number);

		*owner = policy;
		if (first != NULL)
			return line_in(policy->places, first, value);
	}
	return 0;
}

const char *
places_text(char out[PLACES_TEXT_SIZE], const char *file, unsigned line)
{
	struct strbuf sb;

	strbuf_init(&sb, out, PLACES_TEXT_SIZE);
	if (line > 0)
		strbuf_addf(&sb, "%s:%u", file, line);
	else
		strbuf_add(&sb, "default");
	return out;
}
