/* SPDX-License-Identifier: BSD-2-Clause */
/* data/datalist.c - from files to tables, and what they say together. */
#include "config.h"

#include "data/datalist.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/bulk.h"
#include "data/datatable.h"

struct datalist {
	atomic_uint refs;
	size_t read, limit; /* entries so far, and at most; 0: any number */
	struct codesets *sets;
	unsigned n;
	struct datatable **table;
};

/* A list to which a set is added. */
struct adding {
	struct datalist *list;
	datalist_complaint *complain;
	void *arg;
};

struct datalist *
datalist_new(void)
{
	struct datalist *list = calloc(1, sizeof(*list));

	if (list == NULL || (list->sets = codesets_new()) == NULL) {
		free(list);
		return NULL;
	}
	atomic_init(&list->refs, 1);
	return list;
}

struct datalist *
datalist_ref(struct datalist *list)
{
	atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
	return list;
}

void
datalist_limit(struct datalist *list, size_t entries)
{
	list->limit = entries;
}

void
datalist_unref(struct datalist **list)
{
	struct datalist *dropped = *list;

	*list = NULL;
	if (dropped == NULL || atomic_fetch_sub(&dropped->refs, 1) != 1)
		return;
	for (unsigned i = 0; i < dropped->n; i++)
		datatable_free(dropped->table[i]);
	free(dropped->table);
	codesets_free(dropped->sets);
	free(dropped);
}

static bool
on_begin(void *arg, enum data_format format)
{
	struct datalist *list = ((struct adding *)arg)->list;
	struct datatable **tables = bulk_next(list->table, list->n, sizeof(struct datatable *));

	if (tables == NULL)
		return false;
	list->table = tables;
	if ((tables[list->n] = datatable_new(format)) == NULL)
		return false;
	list->n++;
	return true;
}

static bool
on_entry(void *arg, const struct data_entry *entry, const char *file, unsigned line)
{
	struct datalist *list = ((const struct adding *)arg)->list;

	(void)file;
	(void)line;
	if (list->limit > 0 && list->read == list->limit)
		return false;
	list->read++;
	return datatable_add(list->table[list->n - 1], entry);
}

static bool
on_end(void *arg, uint32_t common)
{
	const struct datalist *list = ((const struct adding *)arg)->list;

	return datatable_seal(list->table[list->n - 1], common, list->sets);
}

static void
on_complaint(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	const struct adding *adding = arg;

	adding->complain(adding->arg, file, line, why, fatal);
}

bool
datalist_read(struct datalist *list, const struct data_source *source, int64_t now,
    datalist_complaint *complain, void *arg, struct data_reading *reading)
{
	struct adding adding = {list, complain, arg};
	const struct data_taker taker = {on_begin, on_entry, on_end, on_complaint, &adding};

	return datafile_read(source, &taker, now, reading);
}

size_t
datalist_count(const struct datalist *list)
{
	size_t count = 0;

	for (unsigned i = 0; i < list->n; i++)
		count += datatable_count(list->table[i]);
	return count;
}

bool
datalist_parent(const struct datalist *list, bool (*is_of_kind)(const char *name),
    char name[NAMETABLE_NAME_SIZE])
{
	bool found = false;

	for (unsigned i = 0; !found && i < list->n; i++)
		found = datatable_parent(list->table[i], is_of_kind, name);
	return found;
}

uint64_t
datalist_covered(const struct datalist *list)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < list->n; i++)
		sum += datatable_covered(list->table[i]);
	return sum;
}

void
datalist_find(const struct datalist *list, const struct ipaddr *addr, struct codeset *out)
{
	out->n = 0;
	for (unsigned i = 0; i < list->n; i++)
		datatable_find(list->table[i], list->sets, addr, out);
}

void
datalist_find_name(const struct datalist *list, const char *name, struct codeset *out)
{
	out->n = 0;
	for (unsigned i = 0; i < list->n; i++)
		datatable_find_name(list->table[i], list->sets, name, out);
}

void
datalist_fetch(const struct datalist *list, const struct ipaddr *addr, unsigned step)
{
	for (unsigned i = 0; i < list->n; i++)
		datatable_fetch(list->table[i], addr, step);
}

size_t
datalist_bytes(const struct datalist *list)
{
	size_t bytes = sizeof(*list) + codesets_bytes(list->sets);

	for (unsigned i = 0; i < list->n; i++)
		bytes += sizeof(struct datatable *) + datatable_bytes(list->table[i]);
	return bytes;
}
