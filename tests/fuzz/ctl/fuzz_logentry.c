/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_logentry.c - lines of a mail log, whoever wrote them: what is read lies in the line, is
 * printable, and is counted within bounds; and what somebody says in another program's line is
 * never a decision.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/advice.h"
#include "ctl/logentry.h"
#include "ctl/stats.h"
#include "fuzz/fuzz.h"

#define LINE_MAX 4000
#define NOW 1795914000

static void
check_entry(const struct logentry *e, const char *line)
{
	const char *end = line + strlen(line);

	MUST(e->verdict < ACTIONS && e->meant < ACTIONS && e->client.bits != 0);
	MUST(e->time >= 0 && e->ms >= -1);
	for (enum logkey key = LOGKEY_REF; key < LOGKEYS; key++) {
		const struct slice *v = &e->value[key];

		MUST(v->at == NULL || (v->at >= line && v->at + v->len <= end));
		for (size_t i = 0; i < v->len; i++)
			MUST((v->at[i] >= ' ' && v->at[i] <= '~') || v->at[i] == '\r');
	}
}

/* What is said of lists lies in the line, too, and comes to an end. */
static void
check_lists(const struct logentry *e)
{
	for (enum logkey key = LOGKEY_LISTS; key <= LOGKEY_UNASKED; key++) {
		struct slice rest = e->value[key];
		const char *end = rest.at + rest.len;
		struct logitem item;
		uint32_t code;

		while (logitem_next(&rest, &item)) {
			size_t codes = item.codes.len;

			MUST(item.label.len > 0 && item.label.at + item.label.len <= end);
			MUST(item.role.len == 0 || item.role.at + item.role.len <= end);
			MUST(item.codes.len == 0 || item.codes.at + item.codes.len <= end);
			while (logitem_code(&item.codes, &code)) {
				MUST(item.codes.len < codes);
				codes = item.codes.len;
			}
		}
	}
}

static void
count_line(struct stats *stats, const char *line)
{
	struct logentry e;

	if (logentry_parse(&e, line, NOW) != LOGMERGE_ENTRY)
		return;
	check_entry(&e, line);
	check_lists(&e);
	stats_add(stats, &e);
}

/* The same text, said by somebody. */
static void
try_said(const char *line)
{
	static const char before[] = "Nov  9 01:12:00 mx postfix/smtpd[1]: reject: helo=<";
	char *said = malloc(sizeof(before) + strlen(line));
	struct logentry e;

	MUST(said != NULL);
	memcpy(said, before, sizeof(before));
	strcat(said, line);
	MUST(logentry_parse(&e, said, NOW) == LOGMERGE_OTHER);
	free(said);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct stats *stats = stats_new();

	MUST(stats != NULL);
	while (in.left > 0) {
		char *line = input_text(&in, LINE_MAX);

		count_line(stats, line);
		try_said(line);
		free(line);
	}
	for (int i = 0; i < stats->lists.n; i++) {
		const struct list_stats *l = &stats->list[i];

		MUST(l->sole <= l->against && l->decisive <= l->against);
		MUST(l->seen <= stats->decisions && stats_listed(l) >= l->shadowed);
		MUST(l->clients_passed <= l->clients);
		MUST(advice_give(stats, i) < ADVICES);
	}
	stats_free(stats);
	return 0;
}
