/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_dataset.c - a file of any format: what is read of it is what can be searched, and a code
 * that is found was read.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "data/datalist.h"
#include "data/datawhere.h"
#include "fuzz/fuzz.h"

#define NOW 1795953600

struct seen {
	const struct data_source *source;
	struct datalist *list;
	size_t entries;
	bool broken; /* it cannot be read */
};

static void
complain(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	struct seen *seen = arg;

	MUST(file != NULL && fuzz_printable(why) && (fatal || line > 0));
	seen->broken |= fatal;
}

static void
must_be_sorted(const struct codeset *codes)
{
	MUST(codes->n <= CODESET_MAX);
	for (unsigned i = 1; i < codes->n; i++)
		MUST(codes->code[i - 1] < codes->code[i]);
	for (unsigned i = 0; i < codes->n; i++)
		MUST(codes->code[i] != 0);
}

/* The lines by which somebody is listed say so, and the others do not. */
static void
must_be_told(const struct seen *seen, const struct ipaddr *addr, const char *name,
    const struct codeset *codes)
{
	enum data_format format = seen->source->format;
	bool all = format == DATA_IP4SET || format == DATA_DNSET || format == DATA_GENERIC;
	struct datawhere where;
	bool excluded = false;

	if (format == DATA_COMBINED)
		return;
	MUST(datawhere_find(seen->source, addr, name, NOW, INT64_MAX, &where));
	if (where.n == DATAWHERE_MAX)
		return;
	for (unsigned i = 0; i < (all || where.n == 0 ? where.n : 1); i++)
		excluded |= where.line[i].excluded;
	MUST((codes->n > 0) == (where.n > 0 && !excluded));
}

static bool
on_begin(void *arg, enum data_format format)
{
	(void)arg;
	MUST(format < DATA_FORMATS && format != DATA_COMBINED);
	return true;
}

/* The ends of each entry can be asked about. */
static bool
on_entry(void *arg, const struct data_entry *entry, const char *file, unsigned line)
{
	struct seen *seen = arg;
	struct codeset codes = {0};
	struct ipaddr addr = {.bits = 32};

	MUST(file != NULL && line > 0);
	MUST(entry->excluded == (entry->code == 0) || entry->common);
	if (entry->kind == DATA_RANGE) {
		uint32_t last = entry->range.last;

		MUST(entry->range.first <= last && entry->range.len <= 32);
		for (unsigned i = 0; i < 4; i++)
			addr.byte[i] = (uint8_t)(last >> (24 - 8 * i));
		datalist_find(seen->list, &addr, &codes);
		must_be_told(seen, &addr, NULL, &codes);
	} else if (entry->kind == DATA_NETWORK) {
		addr = entry->network.addr;
		ipaddr_mask(&addr, entry->network.len);
		MUST(ipaddr_compare(&addr, &entry->network.addr) == 0);
		datalist_find(seen->list, &addr, &codes);
		must_be_told(seen, &addr, NULL, &codes);
	} else {
		MUST(strlen(entry->name) > 0 && fuzz_printable(entry->name));
		datalist_find_name(seen->list, entry->name, &codes);
		must_be_told(seen, NULL, entry->name, &codes);
	}
	must_be_sorted(&codes);
	seen->entries++;
	return true;
}

static bool
on_end(void *arg, uint32_t common)
{
	(void)arg;
	MUST(common != 0);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct data_source source = {.format = input_byte(&in) % DATA_FORMATS, .nfiles = 1};
	struct seen seen = {.source = &source, .list = datalist_new()};
	const struct data_taker taker = {on_begin, on_entry, on_end, complain, &seen};
	struct data_reading reading, again;
	bool good;

	MUST(seen.list != NULL);
	source.file[0] = fuzz_file("data", in.at, in.left);
	good = datalist_read(seen.list, &source, NOW, complain, &seen, &reading);
	MUST(good != seen.broken);
	if (good) {
		MUST(datafile_read(&source, &taker, NOW, &again));
		MUST(seen.entries == datalist_count(seen.list));
		MUST(again.skipped == reading.skipped && (again.cut != NULL) == (reading.cut != NULL));
	}
	datalist_unref(&seen.list);
	return 0;
}
