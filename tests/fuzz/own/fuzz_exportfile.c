/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_exportfile.c - a file that is said to be an export: what is taken for one has the
 * networks that it says, and is the same when it is written and read once more.
 */
#include "config.h"

#include <stdlib.h>

#include "fuzz/fuzz.h"
#include "own/exportformat.h"

#define WHY_MAX 300
#define NOW 1795914000

static bool
read_back(
    const struct export_format *format, char *text, size_t len, struct export_reading *reading)
{
	FILE *in = fmemopen(text, len, "r");
	char why[WHY_MAX] = "";
	bool good;

	MUST(in != NULL);
	good = exportformat_read(in, format, reading, why, sizeof(why));
	(void)fclose(in);
	MUST(good == (why[0] == '\0'));
	return good;
}

static void
write_again(const struct export_format *format, const struct export_list *list)
{
	const struct export_document doc = {.list = list,
	    .limits = {24, 48, 9},
	    .now = NOW,
	    .until = NOW + 60,
	    .serial = 5,
	    .name = "a",
	    .contact = "a@b.example",
	    .server = {"ns.example"}};
	struct export_reading got;
	struct export_change change;
	struct paper paper;

	paper_open(&paper);
	exportformat_write(paper.stream, format, &doc);
	paper_read(&paper);
	MUST(read_back(format, paper.text, paper.len, &got));
	change = exportlist_compare(list, &got.list, NULL, NULL);
	MUST(change.added == 0 && change.gone == 0 && got.serial == 5);
	exportlist_clear(&got.list);
	paper_close(&paper);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct export_format *format;
	struct input in = {data, size};
	struct export_reading reading;
	size_t formats = 0;
	char *text;
	bool good;

	while (exportformat_at(formats) != NULL)
		formats++;
	format = exportformat_at(input_byte(&in) % formats);
	if (in.left == 0)
		return 0;
	text = fuzz_copy(in.at, in.left);
	good = read_back(format, text, in.left, &reading);
	/* Networks alone are read: a zone has codes. */
	for (size_t i = 0; i < reading.list.n; i++)
		reading.list.entry[i].reasons = 1;
	if (good)
		write_again(format, &reading.list);
	exportlist_clear(&reading.list);
	free(text);
	return 0;
}
