/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/nametable.c - rows in the order of the names' hashes, found by the first bits of one.
 * Where a name and what is below it come to the same, that is one row.
 */
#include "config.h"

#include "data/nametable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/bulk.h"
#include "data/keydirectory.h"

#define SAME_HASH_MAX 64 /* different names of one hash: never so many by chance */
#define ROWS_A_PLACE 8   /* of the directory, about */

/* What a row is of: the lowest bits of its key, the others of which are those of the hash. */
enum { OF_ITSELF = 1, OF_BELOW = 2, OF_BOTH = 3 };

/* The text of a name is its length in a byte, and then as many. */
struct row {
	uint32_t key, text;
	uint32_t value; /* a code; once sealed, the number of a set */
};

struct nametable {
	bool sealed, parents; /* some row is of what is below a name */
	size_t count, room;
	struct row *rows;
	char *text;
	size_t len, textroom;
	struct keydirectory directory;
};

struct nametable *
nametable_new(void)
{
	return calloc(1, sizeof(struct nametable));
}

void
nametable_free(struct nametable *table)
{
	if (table == NULL)
		return;
	bulk_free(table->rows, table->room * sizeof(*table->rows));
	bulk_free(table->text, table->textroom);
	keydirectory_free(&table->directory);
	free(table);
}

/* The key of a name without the bits for what it is of. */
static uint32_t
hash(const char *name, size_t len)
{
	return ascii_hash(ASCII_HASH, name, len, false) & ~(uint32_t)OF_BOTH;
}

bool
nametable_add(struct nametable *table, const char *name, bool itself, bool below, uint32_t code)
{
	size_t len = strlen(name);
	struct row *rows =
	    bulk_enlarge(table->rows, &table->room, table->count + 1, sizeof(*rows));
	char *text;

	assert(!table->sealed && len > 0 && len < NAMETABLE_NAME_SIZE && (itself || below));
	if (rows == NULL)
		return false;
	table->rows = rows;
	text = bulk_enlarge(table->text, &table->textroom, table->len + len + 1, 1);
	if (text == NULL || table->len + len + 1 > UINT32_MAX)
		return false;
	table->text = text;
	rows[table->count++] = (struct row){
	    .key = hash(name, len) | (itself ? OF_ITSELF : 0U) | (below ? OF_BELOW : 0U),
	    .text = (uint32_t)table->len,
	    .value = code};
	table->parents |= below;
	text[table->len++] = (char)len;
	memcpy(text + table->len, name, len);
	table->len += len;
	return true;
}

size_t
nametable_count(const struct nametable *table)
{
	return table->count;
}

static size_t
length_of(const struct nametable *table, const struct row *row)
{
	return (unsigned char)table->text[row->text];
}

static bool
is_name(const struct nametable *table, const struct row *row, const char *name, size_t len)
{
	return length_of(table, row) == len &&
	    memcmp(table->text + row->text + 1, name, len) == 0;
}

static bool
are_same(const struct nametable *table, const struct row *a, const struct row *b)
{
	return is_name(table, a, table->text + b->text + 1, length_of(table, b));
}

/* Whether two rows have names of the same hash. */
static bool
have_same_hash(const struct row *a, const struct row *b)
{
	return (a->key & ~(uint32_t)OF_BOTH) == (b->key & ~(uint32_t)OF_BOTH);
}

/* By hash, then as they were added. */
static int
compare_rows(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;

	if (!have_same_hash(a, b))
		return a->key < b->key ? -1 : 1;
	return (a->text > b->text) - (a->text < b->text);
}

/* What a name comes to, and what is below it, of all its rows. */
struct merging {
	struct row row; /* the first of them */
	unsigned of;
	struct {
		struct codeset codes;
		bool excluded;
	} part[2]; /* itself, below */
};

static void
merge(struct merging *m, const struct row *row)
{
	m->of |= row->key & OF_BOTH;
	for (unsigned i = 0; i < 2; i++) {
		if ((row->key >> i & 1) == 0)
			continue;
		m->part[i].excluded |= row->value == 0;
		if (row->value != 0)
			codeset_add(&m->part[i].codes, row->value);
	}
}

/* Write the rows of a name, one or two; false: memory is out. */
static bool
write_rows(struct merging *m, struct row *out, size_t *kept, struct codesets *sets)
{
	uint32_t number[2] = {0, 0}, base = m->row.key & ~(uint32_t)OF_BOTH;

	for (unsigned i = 0; i < 2; i++) {
		if (m->part[i].excluded)
			m->part[i].codes.n = 0;
		if (!codesets_number(sets, &m->part[i].codes, &number[i]))
			return false;
	}
	if (m->of == OF_BOTH && number[0] == number[1]) {
		out[(*kept)++] = (struct row){base | OF_BOTH, m->row.text, number[0]};
		return true;
	}
	for (unsigned i = 0; i < 2; i++)
		if ((m->of >> i & 1) != 0)
			out[(*kept)++] = (struct row){base | 1U << i, m->row.text, number[i]};
	return true;
}

/*
 * Make rows of each name of n rows that have the same hash, at out, which is not past them;
 * they are counted.  False: memory is out.
 */
static bool
merge_same_hash(struct nametable *table, const struct row *rows, size_t n, struct row *out,
    size_t *kept, struct codesets *sets)
{
	struct merging names[SAME_HASH_MAX];
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < count && !are_same(table, &names[k].row, &rows[i]))
			k++;
		if (k == SAME_HASH_MAX)
			continue;
		if (k == count)
			names[count++] = (struct merging){.row = rows[i]};
		merge(&names[k], &rows[i]);
	}
	for (size_t k = 0; k < count; k++)
		if (!write_rows(&names[k], out, kept, sets))
			return false;
	return true;
}

static bool
merge_rows(struct nametable *table, struct codesets *sets)
{
	struct row *rows = table->rows;
	size_t kept = 0;

	for (size_t i = 0, end; i < table->count; i = end) {
		for (end = i + 1; end < table->count && have_same_hash(&rows[end], &rows[i]);)
			end++;
		if (!merge_same_hash(table, rows + i, end - i, rows, &kept, sets))
			return false;
	}
	table->count = kept;
	return true;
}

/* Give back what growing has left over. */
static void
fit(struct nametable *table)
{
	if (table->count == 0)
		return;
	table->rows = bulk_fit(table->rows, &table->room, table->count, sizeof(*table->rows));
	table->text = bulk_fit(table->text, &table->textroom, table->len, 1);
}

bool
nametable_seal(struct nametable *table, struct codesets *sets)
{
	assert(!table->sealed);
	if (table->count > 0)
		qsort(table->rows, table->count, sizeof(*table->rows), compare_rows);
	if (!merge_rows(table, sets))
		return false;
	fit(table);
	table->sealed = keydirectory_build(
	    &table->directory, table->rows, table->count, sizeof(*table->rows), ROWS_A_PLACE);
	return table->sealed;
}

/* The first row of that hash or a higher one. */
static size_t
first_row(const struct nametable *table, uint32_t hashed)
{
	const uint32_t *place = keydirectory_at(&table->directory, hashed);
	size_t low = place[0], count = place[1] - low;

	while (count > 0) {
		size_t half = (count + 1) / 2;

		if (table->rows[low + half - 1].key < hashed)
			low += half;
		count -= half;
	}
	return low;
}

static const struct row *
find_row(const struct nametable *table, const char *name, size_t len, unsigned of)
{
	const struct row key = {.key = hash(name, len)}, *end = table->rows + table->count;

	for (const struct row *row = table->rows + first_row(table, key.key);
	     row < end && have_same_hash(row, &key); row++)
		if ((row->key & of) != 0 && is_name(table, row, name, len))
			return row;
	return NULL;
}

/* Whether all that is below a name is listed by a row of its own. */
static bool
lists_below(const struct nametable *table, const char *name, size_t len)
{
	const struct row *row = find_row(table, name, len, OF_BELOW);

	return row != NULL && row->value != CODESET_NONE;
}

uint32_t
nametable_find(const struct nametable *table, const char *name)
{
	const char *dot = table->parents ? strchr(name, '.') : NULL;
	const struct row *row = NULL;

	assert(table->sealed);
	if (table->count > 0)
		row = find_row(table, name, strlen(name), OF_ITSELF);
	for (; row == NULL && dot != NULL; dot = strchr(dot + 1, '.'))
		row = find_row(table, dot + 1, strlen(dot + 1), OF_BELOW);
	return row != NULL ? row->value : CODESET_NONE;
}

/* In the order of the texts: rows are in another one, and each would be far from the last. */
bool
nametable_parent(const struct nametable *table, bool (*is_of_kind)(const char *name),
    char name[NAMETABLE_NAME_SIZE])
{
	size_t n = 0, len;

	assert(table->sealed);
	for (size_t at = 0; table->parents && at < table->len; at += 1 + len, n++) {
		char text[NAMETABLE_NAME_SIZE];

		bulk_pause(n, n + 1);
		len = (unsigned char)table->text[at];
		memcpy(text, table->text + at + 1, len);
		text[len] = '\0';
		if (!is_of_kind(text) || !lists_below(table, text, len))
			continue;
		memcpy(name, text, len + 1);
		return true;
	}
	return false;
}

size_t
nametable_bytes(const struct nametable *table)
{
	return sizeof(*table) + table->room * sizeof(*table->rows) + table->textroom +
	    keydirectory_bytes(&table->directory);
}
