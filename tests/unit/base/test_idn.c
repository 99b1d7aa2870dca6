/* SPDX-License-Identifier: BSD-2-Clause */
/* test_idn.c - names in UTF-8, and what is none. */
#include "config.h"

#include "base/idn.h"

#include <stdlib.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define UE "\xc3\xbc"

static const struct {
	const char *label, *name, *ascii; /* NULL: none */
} rows[] = {
    {"a letter with dots", "b" UE "cher.example", "xn--bcher-kva.example"},
    {"a capital",
	"B\xc3\x9c"
	"CHER.EXAMPLE",
	"xn--bcher-kva.example"},
    {"of two characters",
	"bu\xcc\x88"
	"cher.example",
	"xn--bcher-kva.example"},
    {"a last dot", "b" UE "cher.example.", "xn--bcher-kva.example"},
    {"a sharp s",
	"stra\xc3\x9f"
	"e.example",
	"xn--strae-oqa.example"},
    {"a last sigma", "\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.example",
	"xn--nxasmm1c.example"},
    {"Japanese, with its own dot", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x80\x82JP",
	"xn--wgv71a119e.jp"},
    {"wide letters", "\xef\xbc\xa1\xef\xbc\xa2.example", "ab.example"},
    {"right to left", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.example", "xn--9dbne9b.example"},
    {"an A-label beside it", "xn--bcher-kva.b" UE "cher.example",
	"xn--bcher-kva.xn--bcher-kva.example"},
    {"an underscore beside it", "_a.b" UE "cher.example", "_a.xn--bcher-kva.example"},
    {"one label", "b" UE "cher", "xn--bcher-kva"},
    {"half of a surrogate pair", "x\xed\xa0\x80.example", NULL},
    {"both halves", "x\xed\xa0\xbd\xed\xb8\x80.example", NULL},
    {"two bytes for a dot", "x\xc0\xae" UE ".example", NULL},
    {"three bytes for a slash", "x\xe0\x80\xaf.example", NULL},
    {"above what there is", "x\xf4\x90\x80\x80.example", NULL},
    {"a letter cut off", "b\xc3.example", NULL},
    {"a letter cut off at the end", "example.b\xc3", NULL},
    {"a byte that follows none", "b\xbc.example", NULL},
    {"no byte of UTF-8", "\xff.example", NULL},
    {"Latin-1",
	"b\xfc"
	"cher.example",
	NULL},
    {"a snowman", "\xe2\x98\x83.example", NULL},
    {"a label that begins with a mark", "\xcc\x88x.example", NULL},
    {"no letter is left of it", "\xc2\xad.example", NULL},
    {"an empty label", "b" UE "cher..example", NULL},
    {"a dot in front", ".b" UE "cher.example", NULL},
    {"a wide at sign", "b" UE "\xef\xbc\xa0x.example", NULL},
    {"a wide slash", "b" UE "\xef\xbc\x8fx.example", NULL},
    {"a blank", "b" UE " x.example", NULL},
    {"a no-break blank", "b" UE "\xc2\xa0x.example", NULL},
    {"a newline", "b" UE "\n.example", NULL},
    {"an A-label that is none", "xn--999999999.b" UE ".example", NULL},
    {"both directions", "a\xd7\xa9.example", NULL},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *name = rows[i].name, *ascii = rows[i].ascii;
		char out[IDN_NAME_SIZE] = "unset";

		ok(idn_is_wanted(name, strlen(name)), "%s: is wanted", rows[i].label);
		same_num(idn_to_ascii(name, strlen(name), out), ascii != NULL, rows[i].label);
		same_str(out, ascii != NULL ? ascii : "", rows[i].label);
	}
	ok(!idn_is_wanted("example.org", 11), "ASCII is as it is");
	ok(!idn_is_wanted("org" UE, 3), "nor what comes behind");
}

/* So many times the same, and an end. */
static void
test_lengths(void)
{
	static const struct {
		const char *label, *part;
		unsigned n;
		bool good;
	} lengths[] = {
	    {"a label of 63 bytes", "\xc3\xbc", 56, true},
	    {"a label of more", "\xc3\xbc", 60, false},
	    {"300 bytes of a label", "\xc3\xbc", 150, false},
	    {"16 labels", UE ".", 30, true},
	    {"a name of more than 253 bytes", UE ".", 32, false},
	    {"a thousand labels", UE ".", 1000, false},
	    {"64 KB", UE, 32768, false},
	    {"64 KB of marks", "\xcc\x88", 32768, false},
	};
	static char name[70000];

	for (size_t i = 0; i < COUNT(lengths); i++) {
		char out[IDN_NAME_SIZE], dotted[IDN_NAME_SIZE + 1];
		size_t len = 0, part = strlen(lengths[i].part);

		for (unsigned n = 0; n < lengths[i].n; n++, len += part)
			memcpy(name + len, lengths[i].part, part);
		snprintf(name + len, sizeof(name) - len, "%s",
		    lengths[i].part[part - 1] == '.' ? "org" : ".org");
		same_num(
		    idn_to_ascii(name, strlen(name), out), lengths[i].good, lengths[i].label);
		ok(strlen(out) < IDN_NAME_SIZE, "%s: within bounds", lengths[i].label);
		same_num(idn_lower(name, strlen(name), dotted, sizeof(dotted)) > 0,
		    lengths[i].good, lengths[i].label);
	}
}

/* As names are compared, whatever they are written in. */
static void
test_lower(void)
{
	static const struct {
		const char *name, *lower; /* "": none */
	} names[] = {
	    {".b" UE "cher.example", ".xn--bcher-kva.example"},
	    {"b" UE "cher.example.", "xn--bcher-kva.example"},
	    {"..b" UE "cher.example", ""},
	    {"\xff.example", ""},
	    {".Example.ORG.", ".example.org"},
	    {"a..", "a."},
	    {".", "."},
	    {"12345678901234567890123", "12345678901234567890123"},
	    {"123456789012345678901234", ""},
	    {"", ""},
	};

	for (size_t i = 0; i < COUNT(names); i++) {
		char out[24] = "unset";
		size_t len = idn_lower(names[i].name, strlen(names[i].name), out, sizeof(out));

		same_str(out, names[i].lower, names[i].name);
		same_num((long)len, (long)strlen(out), names[i].name);
	}
}

/* Whatever bytes are put together, what comes out is a name in DNS. */
static void
test_anything(void)
{
	static const char *const parts[] = {"a", ".", "-", "xn--", "\xc3", "\xbc",
	    "\xed\xa0\x80", "\xe3\x80\x82", "\xf0\x9f\x98\x80", "\xcc\x88", "\xe2\x80\x8d",
	    "\xd7\xa9", "\xff", "_", "\xef\xbc\xa0", UE};
	unsigned good = 0, wrong = 0;

	srand(1);
	for (int turn = 0; turn < 20000; turn++) {
		char name[64] = "", out[IDN_NAME_SIZE];

		for (int i = rand() % 12; i >= 0; i--)
			strcat(name, parts[(size_t)rand() % COUNT(parts)]);
		if (!idn_to_ascii(name, strlen(name), out)) {
			wrong += out[0] != '\0';
			continue;
		}
		good++;
		wrong += out[0] == '\0' ||
		    out[strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789-_.")] != '\0';
	}
	ok(good > 0 && wrong == 0, "20000 random names, of which %u are some", good);
}

int
main(void)
{
	test_rows();
	test_lengths();
	test_lower();
	test_anything();
	return done();
}
