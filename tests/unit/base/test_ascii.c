/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ascii.c - every byte is what ctype(3) has it in the locale "C". */
#include "config.h"

#include "base/ascii.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "tap.h"

#define A8 "aaaaaaaa"
#define A63 A8 A8 A8 A8 A8 A8 A8 "aaaaaaa"
#define BYTES "must be a name in DNS: letters, digits, - and _ between dots"
#define LABELS "its labels must have 1 to 63 bytes"

static const struct {
	const char *text;
	size_t n, label_max;
	const char *fault; /* NULL: it is a name */
} faults[] = {
    {"mail-1_x.example", 16, ASCII_LABEL_MAX, NULL},
    {"MX", 2, ASCII_LABEL_MAX, NULL},
    {"MX.example", 2, ASCII_LABEL_MAX, NULL},
    {A63 ".example", 71, ASCII_LABEL_MAX, NULL},
    {A63 "a.example", 72, ASCII_LABEL_MAX, LABELS},
    {A63 "a.example", 72, 100, NULL},
    {"", 0, ASCII_LABEL_MAX, LABELS},
    {".example", 8, ASCII_LABEL_MAX, LABELS},
    {"a..example", 10, ASCII_LABEL_MAX, LABELS},
    {"example.", 8, ASCII_LABEL_MAX, LABELS},
    {"m\xfc"
     "ller",
	6, ASCII_LABEL_MAX, BYTES},
    {"a\0b", 3, ASCII_LABEL_MAX, BYTES},
    {"a b", 3, ASCII_LABEL_MAX, BYTES},
};

/* Of the authors' own table. */
static const struct {
	const char *text;
	bool lower;
	uint32_t hash;
} hashes[] = {
    {"", false, 0x811c9dc5},
    {"a", false, 0xe40c292c},
    {"foobar", false, 0xbf9cf968},
    {"FooBar", true, 0xbf9cf968},
};

static const struct {
	const char *name;
	size_t want;
} names[] = {{"", 0}, {".", 0}, {"a", 1}, {"a.example", 9}, {"a.example.", 9}, {"a..", 2}};

static const struct {
	const char *label, *text;
	size_t want;
} controls[] = {
    {"nothing", "", 0},
    {"a blank", " ", 0},
    {"a letter behind which there is one", "a\x1b", 0},
    {"escape", "\x1b[2J", 1},
    {"a newline", "\n", 1},
    {"delete", "\x7f", 1},
    {"U+0080", "\xc2\x80", 2},
    {"U+009F", "\xc2\x9f", 2},
    {"U+00A0", "\xc2\xa0", 0},
    {"U+00E9", "\xc3\xa9", 0},
    {"one that is cut", "\xc2", 1},
};

/* Above 127 there are no letters. */
static bool
same_as_ctype(int byte)
{
	char c = (char)(unsigned char)byte;
	bool plain = byte < 128;

	return ascii_is_digit(c) == (plain && isdigit(byte)) &&
	    ascii_is_letter(c) == (plain && isalpha(byte)) &&
	    ascii_is_alnum(c) == (plain && isalnum(byte)) &&
	    ascii_is_label(c) == (plain && (isalnum(byte) || byte == '-' || byte == '_')) &&
	    ascii_lower(c) == (plain ? (char)tolower(byte) : c);
}

int
main(void)
{
	char out[9] = "--------";
	const char *at = "MOVED 1";

	for (int byte = 0; byte <= UCHAR_MAX; byte++)
		ok(same_as_ctype(byte), "byte %d", byte);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		same_str(ascii_name_fault(faults[i].text, faults[i].n, faults[i].label_max),
		    faults[i].fault, faults[i].text);
	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++)
		same_num(ascii_hash(ASCII_HASH, hashes[i].text, strlen(hashes[i].text),
			     hashes[i].lower),
		    hashes[i].hash, hashes[i].text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		same_num(
		    (long)ascii_bare_length(names[i].name), (long)names[i].want, names[i].name);
	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		same_num((long)ascii_control_length(controls[i].text), (long)controls[i].want,
		    controls[i].label);
	ok(ascii_take(&at, "MOVED ") && strcmp(at, "1") == 0, "past a word");
	ok(!ascii_take(&at, "12") && strcmp(at, "1") == 0, "past none that is cut off");
	ascii_copy_lower(out, "M\xdcX-Z@[", 7);
	same_str(out, "m\xdcx-z@[-", "in lower case, and not a byte more");
	return done();
}
