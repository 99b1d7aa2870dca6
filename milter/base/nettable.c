/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/nettable.c - one sorted array, in which each network knows the one around
 * it.  To look an address up is to find where it would stand, and to go
 * outwards from there.
 */
#include "config.h"

#include "base/nettable.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"

#define NOTHING UINT32_MAX
#define FENCE_GAP 32  /* rows from one fence post to the next: they are fetched at once */
#define LINE_WORDS 16 /* of a cache line */

#define PORTION 1024 /* rows sorted by qsort(3), which takes their memory once more */

/* A row is these words and then the address, most significant word first. */
enum { ROW_LEN, ROW_REASON, ROW_OUTER, ROW_ADDR };
/* Until the rows are sorted, the place of the outer network holds the order of arrival. */
enum { ROW_ARRIVAL = ROW_OUTER };

/* The reasons, each with its NUL.  Those that follow one another share their text. */
struct pool {
	char *text;
	size_t len, room;
	uint32_t last;
};

struct nettable {
	size_t words; /* of an address: 1 or 4 */
	size_t count, room;
	uint32_t *rows;
	uint32_t *fence; /* every FENCE_GAPth address, so that a search stays in the cache */
	struct pool pool;
};

static size_t
row_words(const struct nettable *table)
{
	return ROW_ADDR + table->words;
}

static uint32_t *
row_at(const struct nettable *table, size_t i)
{
	return table->rows + i * row_words(table);
}

static size_t
fence_posts(const struct nettable *table)
{
	return (table->count + FENCE_GAP - 1) / FENCE_GAP;
}

static void
to_words(uint32_t *words, const uint8_t *byte, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++, byte += 4)
		words[i] = (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 |
		    (uint32_t)byte[2] << 8 | byte[3];
}

static int
compare_words(const uint32_t *a, const uint32_t *b, size_t words)
{
	size_t i;

	for (i = 0; i < words; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* By address, the wider network first. */
static int
compare_rows(const uint32_t *a, const uint32_t *b, size_t words)
{
	int order = compare_words(a + ROW_ADDR, b + ROW_ADDR, words);

	return order != 0 ? order : compare_words(a + ROW_LEN, b + ROW_LEN, 1);
}

/* Of equal networks the first one added comes first, however qsort(3) goes about it. */
static int
compare_v4(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	int order = compare_rows(x, y, 1);

	return order != 0 ? order : compare_words(x + ROW_ARRIVAL, y + ROW_ARRIVAL, 1);
}

static int
compare_v6(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	int order = compare_rows(x, y, 4);

	return order != 0 ? order : compare_words(x + ROW_ARRIVAL, y + ROW_ARRIVAL, 1);
}

/* Whether two addresses agree in their first len bits. */
static bool
agree(const uint32_t *a, const uint32_t *b, unsigned len)
{
	unsigned i, rest = len % 32;

	for (i = 0; i < len / 32; i++)
		if (a[i] != b[i])
			return false;
	return rest == 0 || (a[i] ^ b[i]) >> (32 - rest) == 0;
}

static bool
intern(struct pool *pool, const char *reason, uint32_t *offset)
{
	size_t size = strlen(reason) + 1;
	char *text;

	if (pool->last == NOTHING || strcmp(pool->text + pool->last, reason) != 0) {
		if (size >= NOTHING - pool->len)
			return false;
		text = bulk_enlarge(pool->text, &pool->room, pool->len + size, 1);
		if (text == NULL)
			return false;
		pool->text = text;
		memcpy(text + pool->len, reason, size);
		pool->last = (uint32_t)pool->len;
		pool->len += size;
	}
	*offset = pool->last;
	return true;
}

struct nettable *
nettable_new(unsigned bits)
{
	struct nettable *table = calloc(1, sizeof(*table));

	assert(bits == 32 || bits == 128);
	if (table == NULL)
		return NULL;
	table->words = bits / 32;
	table->pool.last = NOTHING;
	return table;
}

void
nettable_free(struct nettable *table)
{
	if (table == NULL)
		return;
	bulk_free(table->rows, table->room * row_words(table) * sizeof(*table->rows));
	free(table->fence);
	free(table->pool.text);
	free(table);
}

bool
nettable_add(struct nettable *table, const uint8_t *addr, unsigned len, const char *reason)
{
	uint32_t offset = NOTHING, *rows, *row;

	assert(table->fence == NULL && len <= table->words * 32);
	if (table->count == NOTHING)
		return false;
	if (reason != NULL && !intern(&table->pool, reason, &offset))
		return false;
	rows = bulk_enlarge(
	    table->rows, &table->room, table->count + 1, row_words(table) * sizeof(*rows));
	if (rows == NULL)
		return false;
	table->rows = rows;
	row = row_at(table, table->count);
	row[ROW_LEN] = len;
	row[ROW_REASON] = offset;
	row[ROW_ARRIVAL] = (uint32_t)table->count++;
	to_words(row + ROW_ADDR, addr, table->words);
	return true;
}

static unsigned
byte_of(const uint32_t *row, unsigned place)
{
	return row[ROW_ADDR + place / 4] >> (24 - place % 4 * 8) & 0xff;
}

static void
swap_rows(uint32_t *a, uint32_t *b, size_t size)
{
	uint32_t kept[ROW_ADDR + 4];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

/* Bring the rows from first on in order of one byte; ends has where each value's end. */
static void
sort_by_byte(
    struct nettable *table, size_t first, size_t count, unsigned place, size_t ends[256])
{
	size_t size = row_words(table) * sizeof(*table->rows), next[256], sum = first;

	memset(ends, 0, 256 * sizeof(*ends));
	for (size_t i = first; i < first + count; i++) {
		ends[byte_of(row_at(table, i), place)]++;
		bulk_pause(i, i + 1);
	}
	for (unsigned v = 0; v < 256; v++) {
		next[v] = sum;
		ends[v] = sum += ends[v];
	}
	for (unsigned v = 0; v < 256; v++) {
		while (next[v] < ends[v]) {
			uint32_t *row = row_at(table, next[v]);
			unsigned other = byte_of(row, place);
			size_t at = next[other]++;

			bulk_pause(at, at + 1);
			if (other != v)
				swap_rows(row, row_at(table, at), size);
		}
	}
}

/* Rows that agree in the bytes before place, byte by byte until the portions are small. */
static void
sort_rows(struct nettable *table, size_t first, size_t count, unsigned place)
{
	size_t ends[256], size = row_words(table) * sizeof(*table->rows);

	if (count <= PORTION || place == 4 * table->words) {
		qsort(row_at(table, first), count, size,
		    table->words == 1 ? compare_v4 : compare_v6);
		bulk_pause(first, first + count);
		return;
	}
	sort_by_byte(table, first, count, place, ends);
	for (unsigned v = 0; v < 256; v++) {
		sort_rows(table, first, ends[v] - first, place + 1);
		first = ends[v];
	}
}

static void
drop_doubles(struct nettable *table)
{
	size_t i, kept = 1;

	for (i = 1; i < table->count; i++) {
		const uint32_t *row = row_at(table, i);

		bulk_pause(i, i + 1);
		if (compare_rows(row_at(table, kept - 1), row, table->words) != 0)
			memmove(row_at(table, kept++), row, row_words(table) * sizeof(*row));
	}
	table->count = kept;
}

/* The network around a row is the one before it, or one around that. */
static void
link_outer(struct nettable *table)
{
	uint32_t i, at;

	row_at(table, 0)[ROW_OUTER] = NOTHING;
	for (i = 1; i < table->count; i++) {
		uint32_t *row = row_at(table, i), *outer;

		bulk_pause(i, i + 1);
		for (at = i - 1; at != NOTHING; at = outer[ROW_OUTER]) {
			outer = row_at(table, at);
			if (agree(outer + ROW_ADDR, row + ROW_ADDR, outer[ROW_LEN]))
				break;
		}
		row[ROW_OUTER] = at;
	}
}

static bool
build_fence(struct nettable *table)
{
	size_t posts = fence_posts(table), i;
	uint32_t *fence = calloc(posts, table->words * sizeof(*fence));

	if (fence == NULL)
		return false;
	for (i = 0; i < posts; i++) {
		bulk_pause(i, i + 1);
		memcpy(fence + i * table->words, row_at(table, i * FENCE_GAP) + ROW_ADDR,
		    table->words * sizeof(*fence));
	}
	table->fence = fence;
	return true;
}

bool
nettable_seal(struct nettable *table)
{
	size_t size = row_words(table) * sizeof(*table->rows);

	assert(table->fence == NULL);
	if (table->count == 0)
		return true;
	sort_rows(table, 0, table->count, 0);
	drop_doubles(table);
	link_outer(table);
	table->rows = bulk_fit(table->rows, &table->room, table->count, size);
	return build_fence(table);
}

size_t
nettable_count(const struct nettable *table)
{
	return table->count;
}

size_t
nettable_bytes(const struct nettable *table)
{
	size_t fence = table->fence != NULL ? fence_posts(table) * table->words : 0;
	size_t words = table->room * row_words(table) + fence;

	return sizeof(*table) + words * sizeof(*table->rows) + table->pool.room;
}

/* How many of the addresses, which stand step words apart, are not past addr. */
static inline size_t
count_upto(const uint32_t *first, size_t step, size_t count, const uint32_t *addr, size_t words)
{
	size_t low = 0;

	/* Halved whichever way it goes, so that nothing but low hangs on the outcome. */
	while (count > 0) {
		size_t half = (count + 1) / 2;

		if (compare_words(first + (low + half - 1) * step, addr, words) <= 0)
			low += half;
		count -= half;
	}
	return low;
}

/* Have memory bring all of it: a search would wait for one line after the other. */
static inline void
fetch(const uint32_t *first, size_t words)
{
	for (size_t i = 0; i < words; i += LINE_WORDS)
		__builtin_prefetch(first + i);
}

/* The last row that is not past the address, or NOTHING. */
static inline uint32_t
find_row(const struct nettable *table, const uint32_t *addr, size_t words)
{
	size_t first, count;

	count = count_upto(table->fence, words, fence_posts(table), addr, words);
	if (count == 0)
		return NOTHING;
	first = (count - 1) * FENCE_GAP;
	count = table->count - first < FENCE_GAP ? table->count - first : FENCE_GAP;
	fetch(row_at(table, first), count * (ROW_ADDR + words));
	count =
	    count_upto(row_at(table, first) + ROW_ADDR, ROW_ADDR + words, count, addr, words);
	return (uint32_t)(first + count - 1);
}

bool
nettable_find(
    const struct nettable *table, const uint8_t *addr, unsigned *len, const char **reason)
{
	const uint32_t *row = NULL;
	uint32_t words[4], at;

	assert(table->fence != NULL || table->count == 0);
	to_words(words, addr, table->words);
	/* Two copies, for each of which the compiler knows how long an address is. */
	at = table->words == 1 ? find_row(table, words, 1) : find_row(table, words, 4);
	for (; at != NOTHING; at = row[ROW_OUTER]) {
		row = row_at(table, at);
		if (agree(row + ROW_ADDR, words, row[ROW_LEN]))
			break;
	}
	if (at == NOTHING)
		return false;
	*len = row[ROW_LEN];
	*reason = row[ROW_REASON] != NOTHING ? table->pool.text + row[ROW_REASON] : NULL;
	return true;
}

bool
nettable_begins(const struct nettable *table, const uint8_t *addr, unsigned len)
{
	uint32_t first[4], last[4] = {0}, at;

	assert(table->fence != NULL || table->count == 0);
	to_words(first, addr, table->words);
	for (unsigned i = 0; i < table->words; i++) {
		unsigned gone = len > i * 32 ? len - i * 32 : 0;

		last[i] = first[i] | (gone < 32 ? UINT32_MAX >> gone : 0);
	}
	at = find_row(table, last, table->words);
	return at != NOTHING && agree(row_at(table, at) + ROW_ADDR, first, len);
}

static void
to_bytes(uint8_t *byte, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count * 4; i++)
		byte[i] = (uint8_t)(words[i / 4] >> (24 - i % 4 * 8));
}

bool
nettable_each(const struct nettable *table,
    bool (*fn)(void *arg, const uint8_t *addr, unsigned len, const char *reason), void *arg)
{
	bool good = true;

	for (size_t i = 0; good && i < table->count; i++) {
		const uint32_t *row = row_at(table, i);
		uint8_t addr[16] = {0};

		to_bytes(addr, row + ROW_ADDR, table->words);
		good = fn(arg, addr, row[ROW_LEN],
		    row[ROW_REASON] != NOTHING ? table->pool.text + row[ROW_REASON] : NULL);
	}
	return good;
}
