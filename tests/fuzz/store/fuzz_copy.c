/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_copy.c - a value that anybody may have put into Redis: it is a decision of that
 * reference in plain text, or none; and written again it names nobody.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/logfield.h"
#include "fuzz/fuzz.h"
#include "store/copy.h"

#define REF "7F3K2Q9M"

static void
check_row(const struct store_row *row)
{
	MUST(row->time >= 0 && row->copied);
	MUST(strncmp(row->line, "ref=" REF " ", strlen("ref=" REF " ")) == 0);
	MUST(fuzz_printable(row->line));
	MUST(row->policy == NULL || fuzz_printable(row->policy));
	MUST(row->conf == NULL || fuzz_printable(row->conf));
	MUST(row->at == NULL || fuzz_printable(row->at));
}

static void
check_nobody(const char *line)
{
	char key[LOGFIELD_KEY_MAX], value[LOG_LINE_MAX];

	while (logfield_next(&line, key, value, sizeof(value)))
		if (strcmp(key, "from") == 0 || strcmp(key, "to") == 0)
			MUST(value[0] == '@' || strcmp(value, "<>") == 0);
}

/* Written and read again, it names nobody, and is the same from then on. */
static void
check_written(const struct store_row *row)
{
	char value[STORE_COPY_VALUE_MAX], again[STORE_COPY_VALUE_MAX];
	char text[STORE_COPY_VALUE_MAX];
	struct store_row other = {0};

	if (!store_copy_write(value, row))
		return;
	memcpy(text, value, sizeof(text));
	if (!store_copy_read(text, REF, &other))
		return;
	check_nobody(other.line);
	MUST(store_copy_write(again, &other) && strcmp(value, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct store_row row = {0};

	if (text == NULL)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	if (store_copy_read(text, REF, &row)) {
		check_row(&row);
		check_written(&row);
	}
	free(text);
	return 0;
}
