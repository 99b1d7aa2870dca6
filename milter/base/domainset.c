/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/domainset.c - one sorted array of names that all stand in one piece of memory.
 * They are sorted by length first, so that most of a search needs no name.
 */
#include "config.h"

#include "base/domainset.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/idn.h"

#define NORMAL_SIZE (IDN_NAME_SIZE + 1) /* of a name, with a dot in front */

/* The name has no NUL: the next one follows it. */
struct row {
	union {
		size_t offset; /* of the name in the text, while that may still move */
		const char *text;
	} name;
	uint32_t len, line;
	const void *value;
};

struct domainset {
	struct row *rows;
	size_t count;
	char *text;
	size_t len, textroom;
	bool parents; /* some name begins with a dot */
	bool sealed;
};

struct domainset *
domainset_new(void)
{
	return calloc(1, sizeof(struct domainset));
}

void
domainset_free(struct domainset *set)
{
	if (set == NULL)
		return;
	free(set->rows);
	free(set->text);
	free(set);
}

bool
domainset_add(struct domainset *set, const char *name, const void *value, unsigned line)
{
	char normal[NORMAL_SIZE];
	size_t len = idn_lower(name, strlen(name), normal, sizeof(normal));
	struct row *rows;
	char *text;

	assert(!set->sealed);
	if (len == 0)
		return false;
	if ((rows = bulk_next(set->rows, set->count, sizeof(*rows))) == NULL)
		return false;
	set->rows = rows;
	if ((text = bulk_enlarge(set->text, &set->textroom, set->len + len, 1)) == NULL)
		return false;
	set->text = text;
	memcpy(text + set->len, normal, len);
	rows[set->count++] = (struct row){
	    .name.offset = set->len, .len = (uint32_t)len, .line = line, .value = value};
	set->len += len;
	set->parents |= normal[0] == '.';
	return true;
}

static int
compare_names(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;

	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->name.text, b->name.text, a->len);
}

/* Of equal names the first one added comes first: its text does, too. */
static int
compare_rows(const void *va, const void *vb)
{
	const struct row *a = va, *b = vb;
	int order = compare_names(a, b);

	return order != 0 ? order
			  : (a->name.text > b->name.text) - (a->name.text < b->name.text);
}

void
domainset_seal(struct domainset *set)
{
	size_t kept = 0;

	assert(!set->sealed);
	set->sealed = true;
	for (size_t i = 0; i < set->count; i++)
		set->rows[i].name.text = set->text + set->rows[i].name.offset;
	if (set->count == 0)
		return;
	qsort(set->rows, set->count, sizeof(struct row), compare_rows);
	for (size_t i = 1; i < set->count; i++)
		if (compare_names(&set->rows[kept], &set->rows[i]) != 0)
			set->rows[++kept] = set->rows[i];
	set->count = kept + 1;
}

size_t
domainset_count(const struct domainset *set)
{
	return set->count;
}

static struct domainset_entry
entry_of(const struct row *row)
{
	return (struct domainset_entry){row->name.text, row->len, row->line, row->value};
}

struct domainset_entry
domainset_at(const struct domainset *set, size_t i)
{
	assert(set->sealed);
	return entry_of(&set->rows[i]);
}

static const struct row *
find(const struct domainset *set, const char *text, size_t len)
{
	struct row key = {.name.text = text, .len = (uint32_t)len};

	return bsearch(&key, set->rows, set->count, sizeof(struct row), compare_names);
}

bool
domainset_find(const struct domainset *set, const char *domain, struct domainset_entry *entry)
{
	const struct row *row = NULL;
	char normal[NORMAL_SIZE];
	size_t len;

	assert(set->sealed);
	if (set->count == 0)
		return false;
	len = idn_lower(domain, strlen(domain), normal, sizeof(normal));
	if (len > 0 && normal[0] != '.')
		row = find(set, normal, len);
	/* Each dot begins the name of a parent, the first one the longest. */
	for (size_t i = 1; row == NULL && set->parents && i < len; i++)
		if (normal[i] == '.')
			row = find(set, normal + i, len - i);
	if (row != NULL && entry != NULL)
		*entry = entry_of(row);
	return row != NULL;
}
