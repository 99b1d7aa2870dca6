/* SPDX-License-Identifier: BSD-2-Clause */
/* test_stale.c - the TTLs of a test entry, one after the other, and what follows. */
#include "config.h"

#include "health/stale.h"

#include "tap.h"

#define SEEN 6

static const struct {
	const char *label;
	uint32_t seen[SEEN];    /* UINT32_MAX: no more */
	bool suspected, may_be; /* after them; an answer of 30 s */
} rows[] = {
    {"nothing is known", {UINT32_MAX}, false, true},
    {"the list's own", {300, 120, UINT32_MAX}, false, false},
    {"30 at the first test", {30, UINT32_MAX}, true, true},
    {"30 of 30: nobody can tell", {30, 28, 30, UINT32_MAX}, true, true},
    {"30 by chance", {300, 30, 28, UINT32_MAX}, false, false},
    {"the list's own is less", {20, 5, UINT32_MAX}, false, true},
    {"30, and soon more", {30, 299, UINT32_MAX}, false, true},
    {"30 later on, and soon more", {300, 30, 300, UINT32_MAX}, false, true},
    {"known for good", {30, 300, 30, 30, UINT32_MAX}, false, true},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stale s = {0};

		for (int k = 0; k < SEEN && rows[i].seen[k] != UINT32_MAX; k++)
			stale_learn(&s, rows[i].seen[k]);
		same_num(s.suspected, rows[i].suspected, rows[i].label);
		same_num(stale_may_be(&s, 30), rows[i].may_be, rows[i].label);
		ok(stale_may_be(&s, 0) && stale_may_be(&s, 1), "%s: 0 and 1", rows[i].label);
		ok(!stale_may_be(&s, 29) && !stale_may_be(&s, 300), "%s: others",
		    rows[i].label);
	}
	return done();
}
