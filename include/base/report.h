/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/report.h - mistakes in files, each with its file and line.  One
 * thread at a time.
 */
#ifndef RELAYGUARD_BASE_REPORT_H
#define RELAYGUARD_BASE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct place {
	const char *file; /* borrowed */
	unsigned line;    /* 0: not known */
};

struct report;

/* A report that writes to a stream; NULL when memory is out. */
struct report *report_new(FILE *);

/* Write what was reported, the lines of a file in their order, and free it. */
void report_free(struct report *);

/*
 * Note where value number index of a thing was written.  once is the name of
 * what may be written only once, else NULL, and a later place replaces an
 * earlier one.  False when memory is out.
 */
bool report_note(
    struct report *, const void *thing, unsigned index, const struct place *, const char *once);

/* How many notes there are. */
size_t report_notes(const struct report *);

/*
 * End the noting of all that came after so many notes, and report a mistake for what
 * was to be written only once; report_find() finds those.
 */
void report_settle(struct report *, size_t from);

/* Forget those: their things are about to be freed. */
void report_forget(struct report *, size_t from);

/* Where a value was written; *place stays as it is if that is not known. */
void report_find(const struct report *, const void *thing, unsigned index, struct place *place);

/*
 * Report one line: "file:line: text".  Bytes that are not printable ASCII become \xHH.
 * Lines are written in the end; the place need not last until then.
 */
void report_mistake(struct report *, const struct place *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void report_warning(struct report *, const struct place *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The mistake that a value is wrong, and why: "word: why: "value"".  word may be NULL. */
void report_value(struct report *, const struct place *, const char *word, const char *why,
    const char *value);

/* Report the mistake that memory is out, which is nobody's. */
void report_no_memory(struct report *);

/* How far a report has come, and to take back what was reported after that. */
struct report_mark {
	size_t lines;
	unsigned mistakes;
};

struct report_mark report_mark(const struct report *);
void report_rewind(struct report *, const struct report_mark *);

/* How many mistakes have been reported. */
unsigned report_mistakes(const struct report *);

#endif
