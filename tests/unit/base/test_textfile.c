/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_textfile.c - comments go and lines stay; what libConfuse would stumble
 * over is refused; files are looked at before they are read.
 */
#include "config.h"

#include "base/textfile.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static const struct {
	const char *label;
	const char *text;
	const char *want; /* NULL: refused */
	unsigned line;
} rows[] = {
    {"empty", "", "", 1},
    {"no comment", "a = 1\n", "a = 1\n", 2},
    {"hash", "a # b\nc", "a    \nc", 2},
    {"hash ends a word", "a#b", "a  ", 1},
    {"slashes", "// a\n", "    \n", 2},
    {"slashes in a word", "redis://x\n", "redis://x\n", 2},
    {"slashes after an equal sign", "a=//b", "a=   ", 1},
    {"C's", "a /* b\n# c */ d", "a     \n       d", 2},
    {"C's, no more than closed", "/**/a", "    a", 1},
    {"C's, not closed by its own star", "\n/*/ a", NULL, 2},
    {"in double quotes", "\"# // /* ' \" # x", "\"# // /* ' \"    ", 1},
    {"in single quotes", "'# \" ${x}' # x", "'# \" ${x}'    ", 1},
    {"escaped quote", "\"\\\"#\" #", "\"\\\"#\"  ", 1},
    {"escaped backslash", "\"\\\\\" #", "\"\\\\\"  ", 1},
    {"line goes on", "\"a\\\nb\" #", "\"a\\\nb\"  ", 2},
    {"quote not closed", "a\n\"b\nc\"", NULL, 2},
    {"quote at the end", "\"", NULL, 1},
    {"backslash at the end", "\"\\", NULL, 1},
    {"single quote not closed", "'a", NULL, 1},
    {"octal", "\"\\0\"", NULL, 1},
    {"hexadecimal", "\"\\x00\"", NULL, 1},
    {"variable", "\"${a\" }\"", NULL, 1},
    {"variable without quotes", "\n\n${a}", NULL, 3},
    {"a dollar alone", "\"$a\" $b {}", "\"$a\" $b {}", 1},
    {"brace not closed", "a {\n{ }\n", NULL, 1},
    {"second brace not closed", "a { }\nb {\n{ }\n", NULL, 2},
    {"braces in quotes", "\"{\" '{' # {", "\"{\" '{'    ", 1},
    {"a brace too many is not ours", "}", "}", 1},
    {"8 bits", "\303\274 # \303\274", "\303\274     ", 1},
};

static void
test_strip(void)
{
	char text[128], why[128];
	unsigned line;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool good;

		snprintf(text, sizeof(text), "%s", rows[i].text);
		good = textfile_strip(text, &line, why, sizeof(why));
		if (ok(good == (rows[i].want != NULL), "%s", rows[i].label) && good)
			same_str(text, rows[i].want, rows[i].label);
		same_num(line, rows[i].line, rows[i].label);
	}
}

static const struct {
	const char *label;
	const char *text;
	size_t len; /* 0: up to the NUL */
	mode_t mode;
	bool plain;
	const char *secret; /* NULL: none */
} files[] = {
    {"a line", "secret\n", 0, 0600, true, "secret"},
    {"without an end", "secret", 0, 0640, true, "secret"},
    {"CRLF", "secret\r\n", 0, 0600, true, "secret"},
    {"as long as fits", "1234567", 0, 0600, true, "1234567"},
    {"too long", "12345678", 0, 0600, true, NULL},
    {"two lines", "a\nb\n", 0, 0600, true, NULL},
    {"an empty line first", "\na", 0, 0600, true, NULL},
    {"nothing", "", 0, 0600, true, NULL},
    {"its group may write", "secret", 0, 0660, true, NULL},
    {"its group may run", "secret", 0, 0650, true, NULL},
    {"nobody may write", "secret", 0, 0440, true, "secret"},
    {"others may read", "secret", 0, 0604, true, NULL},
    {"others may run", "secret", 0, 0601, true, NULL},
    {"others may write", "secret", 0, 0602, false, NULL},
    {"a NUL", "sec\0ret", 7, 0600, false, NULL},
    {"a bell", "sec\007", 0, 0600, false, NULL},
};

static void
test_files(const char *path)
{
	char out[8], why[128], *text;
	FILE *file;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t len = files[i].len > 0 ? files[i].len : strlen(files[i].text);
		bool good;

		if ((file = fopen(path, "w")) == NULL)
			abort();
		fwrite(files[i].text, 1, len, file);
		fclose(file);
		chmod(path, files[i].mode);
		text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why));
		ok((text != NULL) == files[i].plain, "%s: plain", files[i].label);
		free(text);
		good = textfile_secret(path, out, sizeof(out), why, sizeof(why));
		same_str(good ? out : NULL, files[i].secret, files[i].label);
		unlink(path);
	}
	ok(textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why)) == NULL, "not there");
	ok(mkfifo(path, 0600) == 0 &&
		textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why)) == NULL,
	    "a FIFO does not hold us up");
	unlink(path);
}

static const struct {
	const char *label, *text;
	unsigned line;
	const char *word;
	const char *want; /* NULL: there is no such thing */
} blanks[] = {
    {"blank: a value", "a = b\n", 1, "a", "     \n"},
    {"blank: between others", "x = 1 a=b y = 2\n", 1, "a", "x = 1     y = 2\n"},
    {"blank: quotes", "a = \"} { \\\" \" }\n", 1, "a", "              }\n"},
    {"blank: added to", "a += 'b c' d", 1, "a", "           d"},
    {"blank: values", "a = { b,\n\"}\", c }\nd", 1, "a", "        \n        \nd"},
    {"blank: no values", "a = {} d", 1, "a", "       d"},
    {"blank: a section", "a { b = 1\nc { } } d\n", 1, "a", "         \n        d\n"},
    {"blank: a title", "a \"{\" {\n}\n}\n", 1, "a", "       \n \n}\n"},
    {"blank: a bare title", "a b\n{ }", 1, "a", "   \n   "},
    {"blank: a line below", "a = 1\na = 2\n", 2, "a", "a = 1\n     \n"},
    {"blank: a value of that name", "x = a a = 2\n", 1, "a", "x = a      \n"},
    {"blank: in a section", "x { a = 2 }\n", 1, "a", "x {       }\n"},
    {"blank: on the line of the value", "a\n=\n1 b", 1, "a", " \n \n  b"},
    {"blank: another word", "ab = 1\nxa = 2\n", 1, "a", NULL},
    {"blank: another line", "\na = 1\n", 1, "a", NULL},
    {"blank: past the end", "a = 1\n", 3, "a", NULL},
    {"blank: no line", "a = 1\n", 0, "a", NULL},
    {"blank: nothing", "a = 1\n", 1, "", NULL},
    {"blank: no value", "a =", 1, "a", NULL},
    {"blank: nothing follows", "a", 1, "a", NULL},
    {"blank: a title alone", "a b = 1\n", 1, "a", NULL},
    {"blank: a comma", "a , b\n", 1, "a", NULL},
    {"blank: not closed", "a { b\n", 1, "a", NULL},
    {"blank: values that are not closed", "a = { b\n", 1, "a", NULL},
    {"blank: a string that is not closed", "a = \"b\n", 1, "a", NULL},
};

static void
test_blank(void)
{
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		char text[100];
		bool good;

		snprintf(text, sizeof(text), "%s", blanks[i].text);
		good = textfile_blank(text, blanks[i].line, blanks[i].word);
		same_num(good, blanks[i].want != NULL, blanks[i].label);
		same_str(text, good ? blanks[i].want : blanks[i].text, blanks[i].label);
	}
}

int
main(void)
{
	char folder[] = "/tmp/relayguard-text-XXXXXX", path[64];

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/file", folder);
	test_strip();
	test_files(path);
	rmdir(folder);
	test_blank();
	return done();
}
