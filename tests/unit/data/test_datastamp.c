/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datastamp.c - when data was made, and when it is over. */
#include "config.h"

#include "data/datastamp.h"

#include "tap.h"

#define NOON 1795953600 /* 2026-11-29 12:00:00 UTC */

static const struct {
	const char *text;
	bool good;
	int64_t made, expires;
} rows[] = {
    {"2026:11:29:12:00:00", true, NOON, 0},
    {"2026-11-29-12", true, NOON, 0},
    {"20261129120000", true, NOON, 0},
    {"2026:11:29:12:00:00 +7200", true, NOON, NOON + 7200},
    {"2026:11:29:12 +2h", true, NOON, NOON + 7200},
    {"2026:11:29:12\t+1W", true, NOON, NOON + 604800},
    {"2026:11:29:12 2026:11:29:12:00:01", true, NOON, NOON + 1},
    {"0 2026:11:29:12", true, 0, NOON},
    {"- -", true, 0, 0},
    {"2026:11:29", true, NOON - 43200, 0},
    {"1795953600", false, 0, 0},
    {"2026:13:01", false, 0, 0},
    {"2026:02:30", false, 0, 0},
    {"2026:11:29:24", false, 0, 0},
    {"2026:11:29:12:60", false, 0, 0},
    {"2026:11:29:12 +", false, 0, 0},
    {"2026:11:29:12 +0", false, 0, 0},
    {"2026:11:29:12 +2h x", false, 0, 0},
    {"2026:11:29:12 +2x", false, 0, 0},
    {"2026:11:29:12 +99999999w", false, 0, 0},
    {"0 +2h", false, 0, 0},
    {"", false, 0, 0},
    {"tomorrow", false, 0, 0},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct datastamp got;

		if (!ok(datastamp_read(&got, rows[i].text) == rows[i].good, "\"%s\"",
			rows[i].text) ||
		    !rows[i].good)
			continue;
		same_num(got.made, rows[i].made, rows[i].text);
		same_num(got.expires, rows[i].expires, rows[i].text);
	}
	return done();
}
