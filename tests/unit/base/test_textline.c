/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_textline.c - lines that do not fit, or hold a NUL byte, are left out and told of; one
 * without an end ends the file, however long that is.
 */
#include "config.h"

#include "base/textline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

#define LINE_SIZE 8
#define MIB (1 << 20)

static void
repeat(FILE *file, char c, size_t n)
{
	while (n-- > 0)
		putc(c, file);
}

static void
is_next(FILE *file, enum textline what, const char *text)
{
	char line[LINE_SIZE];

	same_num(textline_read(file, line, sizeof(line)), what, "what is next");
	if (text != NULL)
		same_str(line, text, "a line");
}

static void
test_lines(void)
{
	FILE *file = tmpfile();

	if (file == NULL)
		exit(1);
	fputs("one\n\n1234567\n12345678\n", file);
	repeat(file, 'x', MIB / 2);
	fwrite("\na\0b\nlast", 1, 9, file);
	rewind(file);
	is_next(file, TEXTLINE_READ, "one");
	is_next(file, TEXTLINE_READ, "");
	is_next(file, TEXTLINE_READ, "1234567");
	is_next(file, TEXTLINE_LONG, NULL);
	is_next(file, TEXTLINE_LONG, NULL);
	is_next(file, TEXTLINE_NUL, NULL);
	is_next(file, TEXTLINE_CUT, "last");
	is_next(file, TEXTLINE_END, NULL);
	fclose(file);
}

/* A file that is no text is not read to its end. */
static void
test_endless(char c, enum textline what)
{
	FILE *file = tmpfile();

	if (file == NULL)
		exit(1);
	fputs("one\n", file);
	repeat(file, c, 2 * MIB);
	fputs("\nnext\n", file);
	rewind(file);
	is_next(file, TEXTLINE_READ, "one");
	is_next(file, what, NULL);
	ok(feof(file) != 0, "the file is over");
	is_next(file, TEXTLINE_END, NULL);
	fclose(file);
}

int
main(void)
{
	test_lines();
	test_endless('x', TEXTLINE_LONG);
	test_endless('\0', TEXTLINE_NUL);
	return done();
}
