/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_redisvalue.c - a value that anybody may have put into Redis: it is a
 * fact within all bounds, or none; and a fact comes back as it was written.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "lists/evidence.h"

#define NOW_MS 1000000
#define NOW_WALL 1766300000

static void
check_bounds(const struct fact *fact)
{
	int64_t most = fact->state == FACT_LISTED ? FACT_TTL_LISTED_MAX : FACT_TTL_CLEAR_MAX;

	MUST(fact->state == FACT_LISTED || fact->state == FACT_CLEAR);
	MUST(fact->source == FACT_FROM_REDIS && fact->ncodes <= FACT_CODES);
	MUST((fact->state == FACT_LISTED) == (fact->ncodes > 0));
	for (unsigned i = 0; i < fact->ncodes; i++) {
		MUST(fact->code[i] >> 24 == 127);
		MUST(i == 0 || fact->code[i - 1] < fact->code[i]);
	}
	MUST(fact->expires > NOW_MS);
	MUST(fact->expires <= NOW_MS + (most + FACT_TTL_MARGIN) * 1000);
}

/* Written and read again, it is the same fact and the same text. */
static void
check_round_trip(const struct fact *fact)
{
	char value[FACT_VALUE_MAX], again[FACT_VALUE_MAX];
	struct fact read;

	MUST(fact_encode(fact, NOW_MS, NOW_WALL, value));
	MUST(fact_decode(&read, value, strlen(value), NOW_MS, NOW_WALL));
	MUST(memcmp(&read, fact, sizeof(read)) == 0);
	MUST(fact_encode(&read, NOW_MS, NOW_WALL, again) && strcmp(value, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *value = fuzz_copy(data, size);
	struct fact fact;

	memset(&fact, 0xff, sizeof(fact));
	if (fact_decode(&fact, value, size, NOW_MS, NOW_WALL)) {
		for (size_t i = 0; i < size; i++)
			MUST(memchr("0123456789.,|", value[i], 13) != NULL);
		check_bounds(&fact);
		check_round_trip(&fact);
	} else {
		MUST(fact.state == FACT_UNKNOWN && fact.ncodes == 0);
	}
	free(value);
	return 0;
}
