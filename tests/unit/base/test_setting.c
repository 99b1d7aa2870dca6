/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_setting.c - what each kind of value may look like, and what is just not
 * one any more.
 */
#include "config.h"

#include "base/setting.h"

#include <string.h>

#include "tap.h"

static const struct {
	setting_reader *read;
	const char *text;
	int64_t min, max;
	int64_t want; /* -1: it is none */
} rows[] = {
    {setting_number, "", 0, 10, -1},
    {setting_number, "0", 0, 10, 0},
    {setting_number, "10", 0, 10, 10},
    {setting_number, "11", 0, 10, -1},
    {setting_number, "-", -10, 10, -1},
    {setting_number, "--5", -10, 10, -1},
    {setting_number, "+5", 0, 10, -1},
    {setting_number, " 5", 0, 10, -1},
    {setting_number, "5 ", 0, 10, -1},
    {setting_number, "0x5", 0, 10, -1},
    {setting_number, "0000000000005", 0, 10, -1},
    {setting_number, "99999999999999999999999", 0, INT64_MAX, -1},
    {setting_duration, "500ms", 100, 8000, 500},
    {setting_duration, "8s", 100, 8000, 8000},
    {setting_duration, "2m", 0, 7200000, 120000},
    {setting_duration, "2h", 0, 7200000, 7200000},
    {setting_duration, "8", 0, 8000, -1},
    {setting_duration, "s", 0, 8000, -1},
    {setting_duration, "1 s", 0, 8000, -1},
    {setting_duration, "1S", 0, 8000, -1},
    {setting_duration, "-1s", -8000, 8000, -1},
    {setting_duration, "7d", 0, 2592000000, 604800000},
    {setting_duration, "99999999999d", 0, INT64_MAX, 99999999999 * 86400000},
    {setting_duration, "100000000000d", 0, INT64_MAX, -1},
    {setting_size, "1", 0, 10, 1},
    {setting_size, "64K", 0, 1 << 20, 64 << 10},
    {setting_size, "16M", 0, 1 << 30, 16 << 20},
    {setting_size, "2G", 0, 4LL << 30, 2LL << 30},
    {setting_size, "2g", 0, 4LL << 30, -1},
    {setting_size, "16MB", 0, 1 << 30, -1},
    {setting_size, "9999999999G", 0, INT64_MAX, -1},
    {setting_octal, "0660", 0, 0777, 0660},
    {setting_octal, "777", 0, 0777, 0777},
    {setting_octal, "1777", 0, 0777, -1},
    {setting_octal, "0668", 0, 0777, -1},
    {setting_octal, "", 0, 0777, -1},
    {setting_bool, "true", 0, 0, 1},
    {setting_bool, "ON", 0, 0, 1},
    {setting_bool, "Yes", 0, 0, 1},
    {setting_bool, "false", 0, 0, 0},
    {setting_bool, "off", 0, 0, 0},
    {setting_bool, "no", 0, 0, 0},
    {setting_bool, "1", 0, 0, -1},
    {setting_bool, "", 0, 0, -1},
};

#define L63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static const struct {
	const char *text;
	bool want;
} domains[] = {
    {"example", true},
    {"a.b-c._d.example.", true},
    {L63 ".example", true},
    {L63 "l.example", false},
    {"", false},
    {".", false},
    {".example", false},
    {"a..b", false},
    {"a.b..", false},
    {"a b", false},
    {"a\n", false},
    {"gr\303\274n.example", false},
    {"%{key}.example", false},
    {L63 "." L63 "." L63 "." L63, false},
};

static const struct {
	const char *name, *domain;
	bool same, below;
} pairs[] = {
    {"sorbs.net", "SORBS.net.", true, true},
    {"dnsbl.sorbs.net.", "sorbs.net", false, true},
    {"sorbs.net", "dnsbl.sorbs.net", false, false},
    {"notsorbs.net", "sorbs.net", false, false},
    {"net", "sorbs.net", false, false},
};

/* What a value should be is said in units that people write. */
static void
test_bounds(void)
{
	static const struct {
		int64_t min, max;
		const char *said;
	} bounds[] = {
	    {100, 8000, "from 100ms to 8s"},
	    {60000, 2592000000, "from 1m to 30d"},
	    {0, 5400000, "from 0ms to 90m"},
	};
	char why[128];
	int64_t got;

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		setting_duration("x", bounds[i].min, bounds[i].max, &got, why, sizeof(why));
		ok(strstr(why, bounds[i].said) != NULL, "%s: %s", bounds[i].said, why);
	}
}

int
main(void)
{
	char why[128];

	test_bounds();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t got = 0;

		why[0] = '\0';
		if (!rows[i].read(
			rows[i].text, rows[i].min, rows[i].max, &got, why, sizeof(why)))
			got = -1;
		same_num(got, rows[i].want, rows[i].text);
		ok((got == -1) == (why[0] != '\0'), "\"%s\": why", rows[i].text);
	}
	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
		ok(setting_domain(domains[i].text, SETTING_DOMAIN_MAX, why, sizeof(why)) ==
			domains[i].want,
		    "domain %zu", i);
	ok(!setting_domain("12345", 4, why, sizeof(why)), "domain: one byte too long");
	ok(setting_domain("1234.", 4, why, sizeof(why)), "domain: a last dot is not counted");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ok(setting_same_domain(pairs[i].name, pairs[i].domain) == pairs[i].same,
		    "%s is %s", pairs[i].name, pairs[i].domain);
		ok(setting_below_domain(pairs[i].name, pairs[i].domain) == pairs[i].below,
		    "%s is below %s", pairs[i].name, pairs[i].domain);
	}
	ok(setting_printable("a b~", 4, why, sizeof(why)), "printable");
	ok(!setting_printable("abcde", 4, why, sizeof(why)), "printable: too long");
	ok(!setting_printable("", 4, why, sizeof(why)), "printable: empty");
	ok(!setting_printable("a\tb", 4, why, sizeof(why)), "printable: tab");
	ok(!setting_printable("\303\274", 4, why, sizeof(why)), "printable: 8 bits");
	return done();
}
