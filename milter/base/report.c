/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/report.c - where each value was written, and the lines that say what is wrong
 * with it.  A mistake is often found long after its line was read.
 */
#include "config.h"

#include "base/report.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/strbuf.h"

#define TEXT_MAX 600
#define VALUE_MAX 80 /* bytes of a value that are shown */

struct note {
	const void *thing;
	unsigned index;
	struct place place;
	const char *once;
};

/* A line that waits for the end. */
struct line {
	char *file, *text;
	size_t rank; /* of the file: the first line of it that was reported */
	unsigned number;
	size_t order; /* of arrival */
};

struct report {
	FILE *stream;
	unsigned mistakes;
	struct note *notes; /* those from settled on are sorted, once they are settled */
	size_t n, settled;
	struct line *lines;
	size_t nlines;
};

static void say(struct report *, const struct place *, const char *, const char *, va_list)
    __attribute__((format(printf, 4, 0)));

struct report *
report_new(FILE *stream)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report != NULL)
		report->stream = stream;
	return report;
}

static int
compare_lines(const void *va, const void *vb)
{
	const struct line *a = va, *b = vb;

	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static void
write_line(FILE *stream, const char *file, unsigned line, const char *text)
{
	if (line > 0)
		fprintf(stream, "%s:%u: %s\n", file, line, text);
	else
		fprintf(stream, "%s: %s\n", file, text);
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	if (report->nlines > 0)
		qsort(report->lines, report->nlines, sizeof(struct line), compare_lines);
	for (size_t i = 0; i < report->nlines; i++) {
		struct line *line = &report->lines[i];

		write_line(report->stream, line->file, line->number, line->text);
		free(line->file);
		free(line->text);
	}
	free(report->lines);
	free(report->notes);
	free(report);
}

bool
report_note(struct report *report, const void *thing, unsigned index, const struct place *place,
    const char *once)
{
	struct note *notes = bulk_next(report->notes, report->n, sizeof(*notes));

	if (notes == NULL)
		return false;
	report->notes = notes;
	notes[report->n++] = (struct note){thing, index, *place, once};
	return true;
}

static int
compare_values(const void *va, const void *vb)
{
	const struct note *a = va, *b = vb;

	if (a->thing != b->thing)
		return (uintptr_t)a->thing < (uintptr_t)b->thing ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static int
compare_notes(const void *va, const void *vb)
{
	const struct note *a = va, *b = vb;
	int order = compare_values(a, b);

	return order != 0 ? order
			  : (a->place.line > b->place.line) - (a->place.line < b->place.line);
}

size_t
report_notes(const struct report *report)
{
	return report->n;
}

void
report_settle(struct report *report, size_t from)
{
	size_t kept = from;

	report->settled = from;
	if (report->n == from)
		return;
	qsort(&report->notes[from], report->n - from, sizeof(struct note), compare_notes);
	for (size_t i = from + 1; i < report->n; i++) {
		struct note *last = &report->notes[kept], *new = &report->notes[i];

		if (compare_values(last, new) != 0)
			kept++;
		else if (new->once != NULL)
			report_mistake(report, &new->place, "%s is set twice, first in line %u",
			    new->once, last->place.line);
		report->notes[kept] = *new;
	}
	report->n = kept + 1;
}

void
report_forget(struct report *report, size_t from)
{
	report->n = from;
}

void
report_find(const struct report *report, const void *thing, unsigned index, struct place *place)
{
	struct note key = {.thing = thing, .index = index};
	const struct note *found = NULL;

	if (report->n > report->settled)
		found = bsearch(&key, &report->notes[report->settled],
		    report->n - report->settled, sizeof(struct note), compare_values);
	if (found != NULL)
		*place = found->place;
}

/* Lines of a file come one after the other: the last is looked at first. */
static size_t
rank_of(const struct report *report, const char *file)
{
	for (size_t i = report->nlines; i > 0; i--)
		if (strcmp(report->lines[i - 1].file, file) == 0)
			return report->lines[i - 1].rank;
	return report->nlines;
}

static bool
keep_line(struct report *report, const struct place *at, const char *text)
{
	struct line *lines = bulk_next(report->lines, report->nlines, sizeof(*lines));
	struct line line = {.number = at->line};

	if (lines == NULL)
		return false;
	report->lines = lines;
	line.file = strdup(at->file);
	line.text = strdup(text);
	if (line.file == NULL || line.text == NULL) {
		free(line.file);
		free(line.text);
		return false;
	}
	line.rank = rank_of(report, at->file);
	line.order = report->nlines;
	lines[report->nlines++] = line;
	return true;
}

static void
say(struct report *report, const struct place *at, const char *rank, const char *fmt,
    va_list ap)
{
	char text[TEXT_MAX], shown[TEXT_MAX];
	int len = snprintf(text, sizeof(text), "%s", rank);
	struct strbuf sb;

	vsnprintf(text + len, sizeof(text) - (size_t)len, fmt, ap);
	strbuf_init(&sb, shown, sizeof(shown));
	strbuf_add_visible(&sb, text);
	/* Better out of order than not at all. */
	if (!keep_line(report, at, shown))
		write_line(report->stream, at->file, at->line, shown);
}

void
report_mistake(struct report *report, const struct place *at, const char *fmt, ...)
{
	va_list ap;

	report->mistakes++;
	va_start(ap, fmt);
	say(report, at, "", fmt, ap);
	va_end(ap);
}

void
report_warning(struct report *report, const struct place *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(report, at, "warning: ", fmt, ap);
	va_end(ap);
}

void
report_value(struct report *report, const struct place *at, const char *word, const char *why,
    const char *value)
{
	report_mistake(report, at, "%s%s%s: \"%.*s%s\"", word != NULL ? word : "",
	    word != NULL ? ": " : "", why, VALUE_MAX, value,
	    strlen(value) > VALUE_MAX ? "..." : "");
}

void
report_no_memory(struct report *report)
{
	static const struct place nowhere = {"relayguard", 0};

	report_mistake(report, &nowhere, "out of memory");
}

struct report_mark
report_mark(const struct report *report)
{
	return (struct report_mark){report->nlines, report->mistakes};
}

void
report_rewind(struct report *report, const struct report_mark *mark)
{
	while (report->nlines > mark->lines) {
		struct line *line = &report->lines[--report->nlines];

		free(line->file);
		free(line->text);
	}
	report->mistakes = mark->mistakes;
}

unsigned
report_mistakes(const struct report *report)
{
	return report->mistakes;
}
