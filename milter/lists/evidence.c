/* SPDX-License-Identifier: BSD-2-Clause */
/* lists/evidence.c - what one list said of one address, and how long that is kept. */
#include "config.h"

#include "lists/evidence.h"

#include <string.h>

static uint32_t
clamp(uint32_t value, uint32_t low, uint32_t high)
{
	if (value < low)
		return low;
	return value > high ? high : value;
}

const char *
fact_state_name(enum fact_state state)
{
	static const char *const names[] = {
	    [FACT_UNKNOWN] = "unknown",
	    [FACT_CLEAR] = "clear",
	    [FACT_LISTED] = "listed",
	    [FACT_ERROR] = "error",
	};

	return names[state];
}

uint32_t
fact_ttl(enum fact_state state, uint32_t ttl)
{
	switch (state) {
	case FACT_LISTED:
		return clamp(ttl, FACT_TTL_LISTED_MIN, FACT_TTL_LISTED_MAX);
	case FACT_CLEAR:
		return clamp(ttl, FACT_TTL_CLEAR_MIN, FACT_TTL_CLEAR_MAX);
	case FACT_ERROR:
		return FACT_TTL_ERROR;
	case FACT_UNKNOWN:
		break;
	}
	return 0;
}

void
fact_add_code(struct fact *fact, uint32_t code)
{
	unsigned i = 0;

	while (i < fact->ncodes && fact->code[i] < code)
		i++;
	if (fact->ncodes == FACT_CODES || (i < fact->ncodes && fact->code[i] == code))
		return;
	memmove(&fact->code[i + 1], &fact->code[i], (fact->ncodes - i) * sizeof(fact->code[0]));
	fact->code[i] = code;
	fact->ncodes++;
}
