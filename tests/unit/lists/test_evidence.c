/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts: how long they live, and how codes are kept. */
#include "config.h"

#include "lists/evidence.h"

#include "tap.h"

#define CODE(b, c, d) (0x7f000000U | (b) << 16 | (c) << 8 | (d))

static void
test_ttl(void)
{
	static const struct {
		const char *label;
		enum fact_state state;
		uint32_t ttl, want;
	} rows[] = {
	    {"ttl: listed, 0", FACT_LISTED, 0, 5},
	    {"ttl: listed, just too short", FACT_LISTED, 4, 5},
	    {"ttl: listed, in between", FACT_LISTED, 2100, 2100},
	    {"ttl: listed, longest", FACT_LISTED, 3600, 3600},
	    {"ttl: listed, two days", FACT_LISTED, 172800, 3600},
	    {"ttl: listed, all bits", FACT_LISTED, UINT32_MAX, 3600},
	    {"ttl: clear, 0", FACT_CLEAR, 0, 60},
	    {"ttl: clear, longest", FACT_CLEAR, 900, 900},
	    {"ttl: clear, one more", FACT_CLEAR, 901, 900},
	    {"ttl: error, 0", FACT_ERROR, 0, 30},
	    {"ttl: error, an hour", FACT_ERROR, 3600, 30},
	    {"ttl: unknown is not kept", FACT_UNKNOWN, 3600, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_num(fact_ttl(rows[i].state, rows[i].ttl), rows[i].want, rows[i].label);
}

static void
test_add_code(void)
{
	struct fact fact = {0};

	fact_add_code(&fact, CODE(0, 0, 11));
	fact_add_code(&fact, CODE(0, 0, 2));
	fact_add_code(&fact, CODE(0, 0, 11));
	fact_add_code(&fact, CODE(0, 0, 4));
	same_num(fact.ncodes, 3, "codes: one that is there is not added");
	ok(fact.code[0] == CODE(0, 0, 2) && fact.code[1] == CODE(0, 0, 4) &&
		fact.code[2] == CODE(0, 0, 11),
	    "codes: ascending");
	for (uint32_t i = 100; i < 200; i++)
		fact_add_code(&fact, CODE(0, 0, i));
	fact_add_code(&fact, CODE(0, 0, 1));
	same_num(fact.ncodes, FACT_CODES, "codes: no more than fit");
	same_num(fact.code[0], CODE(0, 0, 2), "codes: a full fact stays as it is");
	same_num(fact.code[7], CODE(0, 0, 104), "codes: the last that fitted");
}

int
main(void)
{
	test_ttl();
	test_add_code();
	return done();
}
