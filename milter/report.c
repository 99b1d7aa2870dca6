/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.c - where each value was written, and the lines that say what is wrong
 * with it.  A mistake is often found long after its line was read.
 */
#include "config.h"

#include "report.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#define TEXT_MAX 600
#define NOTES_FIRST 256

struct note {
	const void *thing;
	unsigned index;
	struct place place;
	const char *once;
};

struct report {
	FILE *stream;
	unsigned mistakes;
	struct note *notes; /* sorted once report_settle() was called */
	size_t n, room;
};

static void say(const struct report *, const struct place *, const char *, const char *,
    va_list) __attribute__((format(printf, 4, 0)));

struct report *
report_new(FILE *stream)
{
	struct report *report = calloc(1, sizeof(*report));

	if (report != NULL)
		report->stream = stream;
	return report;
}

void
report_free(struct report *report)
{
	if (report == NULL)
		return;
	free(report->notes);
	free(report);
}

static bool
make_room(struct report *report)
{
	size_t room = report->room > 0 ? 2 * report->room : NOTES_FIRST;
	struct note *notes;

	if (report->n < report->room)
		return true;
	if ((notes = reallocarray(report->notes, room, sizeof(*notes))) == NULL)
		return false;
	report->notes = notes;
	report->room = room;
	return true;
}

bool
report_note(struct report *report, const void *thing, unsigned index, const struct place *place,
    const char *once)
{
	if (!make_room(report))
		return false;
	report->notes[report->n++] = (struct note){thing, index, *place, once};
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

void
report_settle(struct report *report)
{
	size_t kept = 0;

	if (report->n == 0)
		return;
	qsort(report->notes, report->n, sizeof(struct note), compare_notes);
	for (size_t i = 1; i < report->n; i++) {
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
report_forget(struct report *report)
{
	report->n = 0;
}

void
report_find(const struct report *report, const void *thing, unsigned index, struct place *place)
{
	struct note key = {.thing = thing, .index = index};
	const struct note *found = NULL;

	if (report->n > 0)
		found = bsearch(
		    &key, report->notes, report->n, sizeof(struct note), compare_values);
	if (found != NULL)
		*place = found->place;
}

static void
say(const struct report *report, const struct place *at, const char *rank, const char *fmt,
    va_list ap)
{
	char text[TEXT_MAX], line[16] = "";

	vsnprintf(text, sizeof(text), fmt, ap);
	for (char *p = text; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	if (at->line > 0)
		snprintf(line, sizeof(line), "%u:", at->line);
	fprintf(report->stream, "%s:%s %s%s\n", at->file, line, rank, text);
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
report_no_memory(struct report *report)
{
	static const struct place nowhere = {"relayguard", 0};

	report_mistake(report, &nowhere, "out of memory");
}

unsigned
report_mistakes(const struct report *report)
{
	return report->mistakes;
}
