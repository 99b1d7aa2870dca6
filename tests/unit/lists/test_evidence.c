/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts: how long they live, how codes are kept, and that nothing but a value
 * of our own making is ever believed.
 */
#include "config.h"

#include "lists/evidence.h"

#include <stdlib.h>

#include "tap.h"

#define NOW_MS 5000000
#define NOW_WALL 1766300000
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

static void
test_encode(void)
{
	static const struct {
		const char *label;
		struct fact fact;
		const char *want; /* NULL: not to be shared */
	} rows[] = {
	    {"encode: unknown", {.expires = NOW_MS + 60000}, NULL},
	    {"encode: error", {.state = FACT_ERROR, .expires = NOW_MS + 60000}, NULL},
	    {"encode: past", {.state = FACT_CLEAR, .expires = NOW_MS - 1}, NULL},
	    {"encode: over now", {.state = FACT_CLEAR, .expires = NOW_MS}, NULL},
	    {"encode: less than a second", {.state = FACT_CLEAR, .expires = NOW_MS + 999},
		NULL},
	    {"encode: listed without a code", {.state = FACT_LISTED, .expires = NOW_MS + 9000},
		NULL},
	    {"encode: a second", {.state = FACT_CLEAR, .expires = NOW_MS + 1000},
		"1||1766300001"},
	    {"encode: clear", {.state = FACT_CLEAR, .expires = NOW_MS + 60000},
		"1||1766300060"},
	    {"encode: two codes",
		{.state = FACT_LISTED,
		    .expires = NOW_MS + 60000,
		    .ncodes = 2,
		    .code = {CODE(0, 0, 4), CODE(0, 0, 11)}},
		"1|127.0.0.4,127.0.0.11|1766300060"},
	    {"encode: longest",
		{.state = FACT_LISTED,
		    .expires = NOW_MS + 3600000,
		    .ncodes = 8,
		    .code = {CODE(100, 100, 100), CODE(100, 100, 101), CODE(100, 100, 102),
			CODE(100, 100, 103), CODE(100, 100, 104), CODE(100, 100, 105),
			CODE(100, 100, 106), CODE(100, 100, 107)}},
		"1|127.100.100.100,127.100.100.101,127.100.100.102,127.100.100.103,"
		"127.100.100.104,127.100.100.105,127.100.100.106,127.100.100.107|1766303600"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[FACT_VALUE_MAX];
		struct fact back;
		bool shared = fact_encode(&rows[i].fact, NOW_MS, NOW_WALL, out);

		same_str(shared ? out : NULL, rows[i].want, rows[i].label);
		if (!shared)
			continue;
		ok(fact_decode(&back, out, strlen(out), NOW_MS, NOW_WALL) &&
			back.state == rows[i].fact.state &&
			back.ncodes == rows[i].fact.ncodes &&
			memcmp(back.code, rows[i].fact.code, sizeof(back.code)) == 0 &&
			back.expires == rows[i].fact.expires,
		    "%s, and back", rows[i].label);
	}
}

/* A value and how it must be read; len is that of the text where it is 0. */
static const struct {
	const char *label;
	const char *value;
	size_t len;
	enum fact_state want; /* FACT_UNKNOWN: refused */
	unsigned ncodes;
} values[] = {
    {"decode: empty", "", 0, FACT_UNKNOWN, 0},
    {"decode: version alone", "1", 0, FACT_UNKNOWN, 0},
    {"decode: one bar", "1|", 0, FACT_UNKNOWN, 0},
    {"decode: no expiry", "1||", 0, FACT_UNKNOWN, 0},
    {"decode: other version", "2||1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: version 10", "10||1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: clear", "1||1766300060", 0, FACT_CLEAR, 0},
    {"decode: listed", "1|127.0.0.4|1766300060", 0, FACT_LISTED, 1},
    {"decode: descending", "1|127.0.0.9,127.0.0.4|1766300060", 0, FACT_LISTED, 2},
    {"decode: twice the same", "1|127.0.0.4,127.0.0.4|1766300060", 0, FACT_LISTED, 1},
    {"decode: all octets at their end", "1|127.255.255.255|1766300060", 0, FACT_LISTED, 1},
    {"decode: all octets 0", "1|127.0.0.0|1766300060", 0, FACT_LISTED, 1},
    {"decode: eight codes",
	"1|127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5,127.0.0.6,127.0.0.7,"
	"127.0.0.8|1766300060",
	0, FACT_LISTED, 8},
    {"decode: nine codes",
	"1|127.0.0.1,127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5,127.0.0.6,127.0.0.7,"
	"127.0.0.8,127.0.0.9|1766300060",
	0, FACT_UNKNOWN, 0},
    {"decode: not in 127/8", "1|128.0.0.1|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: a good code, then one outside", "1|127.0.0.4,10.0.0.1|1766300060", 0,
	FACT_UNKNOWN, 0},
    {"decode: leading zero", "1|127.0.0.04|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: two zeros", "1|127.0.00.4|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: octet too big", "1|127.0.0.256|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: octet of four digits", "1|127.0.0.1000|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: three octets", "1|127.0.0|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: five octets", "1|127.0.0.4.5|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: octet missing", "1|127..0.4|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: a number", "1|2130706436|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: hexadecimal", "1|127.0.0.0x4|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: negative", "1|127.0.0.-4|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: comma at the end", "1|127.0.0.4,|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: comma in front", "1|,127.0.0.4|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: comma alone", "1|,|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: space after the comma", "1|127.0.0.4, 127.0.0.5|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: space in front", " 1||1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: space behind", "1||1766300060 ", 0, FACT_UNKNOWN, 0},
    {"decode: newline behind", "1||1766300060\n", 0, FACT_UNKNOWN, 0},
    {"decode: another field", "1||1766300060|", 0, FACT_UNKNOWN, 0},
    {"decode: NUL behind", "1||1766300060\0", 14, FACT_UNKNOWN, 0},
    {"decode: NUL within", "1|\0|1766300060", 15, FACT_UNKNOWN, 0},
    {"decode: no more than len is read", "1||17663000601", 13, FACT_CLEAR, 0},
    {"decode: cut short", "1||1766300060", 10, FACT_UNKNOWN, 0},
    {"decode: 8-bit", "1|127.0.0.\xb2|1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: expiry a letter", "1||176630006x", 0, FACT_UNKNOWN, 0},
    {"decode: expiry signed", "1||+1766300060", 0, FACT_UNKNOWN, 0},
    {"decode: expiry with a leading zero", "1||01766300060", 0, FACT_UNKNOWN, 0},
    {"decode: expiry 0", "1||0", 0, FACT_UNKNOWN, 0},
    {"decode: expiry in 64 bits", "1||9223372036854775807", 0, FACT_UNKNOWN, 0},
    {"decode: expiry past 64 bits", "1||18446744075475851676", 0, FACT_UNKNOWN, 0},
    {"decode: expiry past", "1||1766299999", 0, FACT_UNKNOWN, 0},
    {"decode: expiry now", "1||1766300000", 0, FACT_UNKNOWN, 0},
    {"decode: expiry in a second", "1||1766300001", 0, FACT_CLEAR, 0},
    {"decode: clear, as far as may be", "1||1766301300", 0, FACT_CLEAR, 0},
    {"decode: clear, one more", "1||1766301301", 0, FACT_UNKNOWN, 0},
    {"decode: listed, as far as may be", "1|127.0.0.2|1766304000", 0, FACT_LISTED, 1},
    {"decode: listed, one more", "1|127.0.0.2|1766304001", 0, FACT_UNKNOWN, 0},
};

static void
test_decode(void)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		size_t len = values[i].len > 0 ? values[i].len : strlen(values[i].value);
		char *copy = malloc(len > 0 ? len : 1); /* so that a byte too far is seen */
		struct fact fact = {.state = FACT_LISTED, .ncodes = 1};
		bool good;

		if (copy == NULL)
			abort();
		memcpy(copy, values[i].value, len);
		good = fact_decode(&fact, copy, len, NOW_MS, NOW_WALL);
		same_num(fact.state, values[i].want, values[i].label);
		ok(good == (values[i].want != FACT_UNKNOWN) && fact.ncodes == values[i].ncodes,
		    "%s: result and codes", values[i].label);
		free(copy);
	}
}

static void
test_decode_longest(void)
{
	char value[FACT_VALUE_MAX + 1];
	struct fact fact;

	memset(value, '1', sizeof(value));
	for (size_t len = FACT_VALUE_MAX - 2; len <= sizeof(value); len++)
		ok(!fact_decode(&fact, value, len, NOW_MS, NOW_WALL), "decode: %zu ones", len);
	ok(fact_decode(&fact, "1||1766300060", 13, NOW_MS, NOW_WALL) &&
		fact.expires == NOW_MS + 60000 && fact.source == FACT_FROM_REDIS,
	    "decode: expiry on our clock, and where it came from");
}

/* Whatever is changed in a good value, it is refused or still within the bounds. */
static void
test_decode_mangled(void)
{
	static const char good[] = "1|127.0.0.4,127.0.0.11|1766300060";
	unsigned held = 0, tried = 0;

	for (size_t at = 0; at < sizeof(good) - 1; at++)
		for (int byte = 0; byte < 256; byte++) {
			char value[sizeof(good)];
			struct fact fact;
			bool read;

			memcpy(value, good, sizeof(good));
			value[at] = (char)byte;
			read = fact_decode(&fact, value, sizeof(good) - 1, NOW_MS, NOW_WALL);
			tried++;
			held += read
			    ? fact.state != FACT_UNKNOWN && fact.ncodes <= FACT_CODES &&
				fact.expires > NOW_MS && fact.expires <= NOW_MS + 4000000
			    : fact.state == FACT_UNKNOWN && fact.ncodes == 0;
		}
	same_num(held, tried, "decode: every byte of a good value changed to every other");
}

int
main(void)
{
	test_ttl();
	test_add_code();
	test_encode();
	test_decode();
	test_decode_longest();
	test_decode_mangled();
	return done();
}
