/* SPDX-License-Identifier: BSD-2-Clause */
/* control/exposition.c - lines of Prometheus' text format. */
#include "config.h"

#include "control/exposition.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stddef.h>

#define BOUND_SIZE 24 /* "+Inf", or seconds */

void
exposition_family(struct exposition *e, const char *name, const char *type, const char *help)
{
	e->family = name;
	fprintf(e->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label: a backslash, a quote and the end of a line have a way of their own. */
static void
add_label(FILE *out, char before, const char *label, const char *value)
{
	fprintf(out, "%c%s=\"", before, label);
	for (; *value != '\0'; value++) {
		if (*value == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*value == '\\' || *value == '"')
			fputc('\\', out);
		fputc(*value, out);
	}
	fputc('"', out);
}

/* Up to two labels, in braces. */
static void
add_labels(
    FILE *out, const char *label1, const char *value1, const char *label2, const char *value2)
{
	if (label1 != NULL && value1 != NULL)
		add_label(out, '{', label1, value1);
	if (label2 != NULL && value2 != NULL)
		add_label(out, label1 != NULL ? ',' : '{', label2, value2);
	if (label1 != NULL || label2 != NULL)
		fputc('}', out);
}

void
exposition_number(struct exposition *e, const char *label1, const char *value1,
    const char *label2, const char *value2, uint64_t number)
{
	fputs(e->family, e->out);
	add_labels(e->out, label1, value1, label2, value2);
	fprintf(e->out, " %" PRIu64 "\n", number);
}

void
exposition_number3(struct exposition *e, const char *const label[3], const char *const value[3],
    uint64_t number)
{
	fputs(e->family, e->out);
	for (int i = 0; i < 3; i++)
		add_label(e->out, i == 0 ? '{' : ',', label[i], value[i]);
	fprintf(e->out, "} %" PRIu64 "\n", number);
}

/* Seconds, with as many digits as milliseconds need: no comma, whatever the locale. */
static void
write_seconds(char text[BOUND_SIZE], uint64_t ms)
{
	int n =
	    snprintf(text, BOUND_SIZE, "%" PRIu64 ".%03u", ms / 1000, (unsigned)(ms % 1000));

	while (n > 1 && text[n - 1] == '0')
		text[--n] = '\0';
	if (text[n - 1] == '.')
		text[n - 1] = '\0';
}

void
exposition_seconds(struct exposition *e, int64_t ms)
{
	char text[BOUND_SIZE];

	write_seconds(text, ms > 0 ? (uint64_t)ms : 0);
	fprintf(e->out, "%s %s\n", e->family, text);
}

void
exposition_histogram(struct exposition *e, const char *label, const char *value,
    const struct histogram *h, const struct histogram_bounds *bounds)
{
	uint64_t sum_ms = atomic_load_explicit(&h->sum_ms, memory_order_relaxed), count = 0;
	char text[BOUND_SIZE];

	/* The count is that of the buckets: one that comes meanwhile is in all, or in none. */
	for (unsigned i = 0; i <= bounds->n; i++) {
		count += atomic_load_explicit(&h->count[i], memory_order_relaxed);
		if (i < bounds->n)
			write_seconds(text, bounds->ms[i]);
		fprintf(e->out, "%s_bucket", e->family);
		add_labels(e->out, label, value, "le", i < bounds->n ? text : "+Inf");
		fprintf(e->out, " %" PRIu64 "\n", count);
	}
	write_seconds(text, sum_ms);
	fprintf(e->out, "%s_sum", e->family);
	add_labels(e->out, label, value, NULL, NULL);
	fprintf(e->out, " %s\n%s_count", text, e->family);
	add_labels(e->out, label, value, NULL, NULL);
	fprintf(e->out, " %" PRIu64 "\n", count);
}
