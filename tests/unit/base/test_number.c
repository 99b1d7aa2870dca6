/* SPDX-License-Identifier: BSD-2-Clause */
/* test_number.c - decimal numbers at their bounds, and what is none. */
#include "config.h"

#include "base/number.h"

#include "tap.h"

#define LARGEST 999999999999999999

static const struct {
	const char *label, *text;
	int64_t max, number, plain; /* -1: none */
	const char *rest;
} rows[] = {
    {"empty", "", 9, -1, -1, ""},
    {"zero", "0", 9, 0, 0, ""},
    {"the largest", "255", 255, 255, 255, ""},
    {"one more", "256", 255, -1, -1, "256"},
    {"the largest port", "65535", 65535, 65535, 65535, ""},
    {"one more", "65536", 65535, -1, -1, "65536"},
    {"the largest there is", "999999999999999999", LARGEST, LARGEST, LARGEST, ""},
    {"a digit more", "1000000000000000000", LARGEST, -1, -1, "1000000000000000000"},
    {"past 32 bits", "4294967349", 65535, -1, -1, "4294967349"},
    {"past 64 bits", "18446744073709551617", 255, -1, -1, "18446744073709551617"},
    {"zeros in front", "00053", 65535, 53, -1, ""},
    {"too many of them", "000053", 65535, -1, -1, "000053"},
    {"two zeros", "00", 255, 0, -1, ""},
    {"a minus", "-1", 9, -1, -1, "-1"},
    {"a plus", "+1", 9, -1, -1, "+1"},
    {"a blank in front", " 1", 9, -1, -1, " 1"},
    {"a blank behind", "1 ", 9, 1, 1, " "},
    {"something behind", "24/24", 32, 24, 24, "/24"},
    {"hexadecimal", "0x10", 99, 0, 0, "x10"},
    {"no digits of ASCII", "\xd9\xa1", 9, -1, -1, "\xd9\xa1"},
};

static const struct {
	const char *text;
	unsigned n;
	bool good;
	uint32_t number;
	const char *rest;
} octets[] = {
    {"127.0.0.2", 4, true, 0x7f000002, ""},
    {"255.255.255.255-", 4, true, 0xffffffff, "-"},
    {"127.0.0.&2", 3, true, 0x7f0000, ".&2"},
    {"127.0.0", 4, false, 0, NULL},
    {"127.0.0.", 4, false, 0, NULL},
    {"127.0.0.256", 4, false, 0, NULL},
    {"127.0.0.02", 4, false, 0, NULL},
    {"127,0,0,2", 4, false, 0, NULL},
    {"", 4, false, 0, NULL},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = rows[i].text, *plain = at;

		same_num(number_read(&at, rows[i].max), rows[i].number, rows[i].label);
		same_str(at, rows[i].rest, rows[i].label);
		same_num(number_plain(&plain, rows[i].max), rows[i].plain, rows[i].label);
	}
	for (size_t i = 0; i < sizeof(octets) / sizeof(octets[0]); i++) {
		const char *at = octets[i].text;
		uint32_t number;
		bool good = number_octets(&at, octets[i].n, &number);

		same_num(good, octets[i].good, octets[i].text);
		if (good) {
			same_num(number, octets[i].number, octets[i].text);
			same_str(at, octets[i].rest, octets[i].text);
		}
	}
	return done();
}
