/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ascii.c - every byte is what ctype(3) has it in the locale "C". */
#include "config.h"

#include "base/ascii.h"

#include <ctype.h>
#include <limits.h>

#include "tap.h"

static const struct {
	const char *text;
	size_t n, want;
} labels[] = {
    {"", 0, 0},
    {"mail-1_x.example", 16, 8},
    {"MX", 2, 2},
    {"MX.example", 1, 1},
    {".example", 8, 0},
    {"m\xfc"
     "ller",
	6, 1},
    {"a\0b", 3, 1},
};

static const struct {
	const char *name;
	size_t want;
} names[] = {{"", 0}, {".", 0}, {"a", 1}, {"a.example", 9}, {"a.example.", 9}, {"a..", 2}};

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

	for (int byte = 0; byte <= UCHAR_MAX; byte++)
		ok(same_as_ctype(byte), "byte %d", byte);
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		same_num((long)ascii_label_length(labels[i].text, labels[i].n),
		    (long)labels[i].want, labels[i].text);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		same_num(
		    (long)ascii_bare_length(names[i].name), (long)names[i].want, names[i].name);
	ascii_copy_lower(out, "M\xdcX-Z@[", 7);
	same_str(out, "m\xdcx-z@[-", "in lower case, and not a byte more");
	return done();
}
