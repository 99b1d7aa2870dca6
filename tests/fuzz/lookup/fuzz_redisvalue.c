/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_redisvalue.c - a value that anybody may have put into Redis: it is facts within all
 * bounds, or none; and facts come back as they were written.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "redis/sharedvalue.h"

static void
check_bounds(const struct sharedvalue_fact *read, size_t size)
{
	const struct fact *fact = &read->fact;

	MUST(fact->state == FACT_LISTED || fact->state == FACT_CLEAR);
	MUST(fact->source == FACT_FROM_REDIS && fact->ncodes <= FACT_CODES);
	MUST((fact->state == FACT_LISTED) == (fact->ncodes > 0));
	for (unsigned i = 0; i < fact->ncodes; i++) {
		MUST(fact->code[i] >> 24 == 127);
		MUST(i == 0 || fact->code[i - 1] < fact->code[i]);
	}
	MUST(read->list >> 36 == 0 && fact->expires == 0);
	MUST(read->before <= SHAREDVALUE_BEFORE_MAX * (2 + size / 13));
}

/* Written and read again, it is the same fact and the same text. */
static void
check_round_trip(const struct sharedvalue_fact *read)
{
	struct sharedvalue_reader reader;
	struct sharedvalue_fact again;
	unsigned before = read->before & SHAREDVALUE_BEFORE_MAX;
	char value[SHAREDVALUE_MAX];
	struct strbuf sb;

	strbuf_init(&sb, value, sizeof(value));
	strbuf_add(&sb, SHAREDVALUE_VERSION);
	sharedvalue_add(&sb, read->list, &read->fact, before);
	MUST(!sb.cut && sharedvalue_begin(&reader, value, sb.len));
	MUST(sharedvalue_next(&reader, &again));
	MUST(again.list == read->list && again.before == before);
	MUST(memcmp(&again.fact, &read->fact, sizeof(again.fact)) == 0);
	MUST(!sharedvalue_next(&reader, &again));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *value = fuzz_copy(data, size);
	struct sharedvalue_reader reader;
	struct sharedvalue_fact fact;
	unsigned n = 0;

	if (sharedvalue_begin(&reader, value, size)) {
		for (; sharedvalue_next(&reader, &fact); n++) {
			check_bounds(&fact, size);
			check_round_trip(&fact);
		}
		MUST(n > 0 && reader.at == reader.end && reader.later == 0);
	}
	free(value);
	return 0;
}
