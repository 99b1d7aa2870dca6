/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/charts.c - rectangles, and words beside them.
 */
#include "config.h"

#include "ctl/charts.h"

#include <inttypes.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/html.h"

#define BAR_WIDTH 220
#define BAR_HEIGHT 14
#define LETTER 7.2    /* the width of one, of 12 pixels and fixed width */
#define LABEL_MAX 28  /* letters of a name in a chart */
#define CELL_LARGE 44 /* with figures in it */
#define CELL_SMALL 16
#define LARGE_MAX 16 /* lists: more get small cells */
#define HOUR_WIDTH 30
#define HOUR_HEIGHT 24
#define DAY_LABEL 40

static double
share(uint64_t part, uint64_t whole)
{
	return stats_percent(part, whole) / 100;
}

void
charts_bar(FILE *out, uint64_t decisive, uint64_t listed, uint64_t most)
{
	double all = BAR_WIDTH * share(listed, most), part = BAR_WIDTH * share(decisive, most);

	/* What is there at all is to be seen. */
	if (listed > 0 && all < 1)
		all = 1;
	if (decisive > 0 && part < 1)
		part = 1;
	fprintf(out,
	    "<svg class=\"bar\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%" PRIu64
	    " of %" PRIu64 " decisive\"><rect class=\"listed\" width=\"%.1f\" height=\"%d\"/>"
	    "<rect class=\"decisive\" width=\"%.1f\" height=\"%d\"/></svg>",
	    BAR_WIDTH, BAR_HEIGHT, decisive, listed, all, BAR_HEIGHT, part, BAR_HEIGHT);
}

/* A name, and what stands for its end where it is long. */
static void
write_label(FILE *out, const char *name)
{
	char text[LABEL_MAX + 1];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	strbuf_add(&sb, name);
	if (sb.cut)
		memcpy(text + LABEL_MAX - 3, "...", 3);
	html_text(out, text);
}

static size_t
longest_label(const struct stats *s, const int *order, int n)
{
	size_t longest = 0;

	for (int i = 0; i < n; i++) {
		size_t len = strlen(s->lists.name[order[i]]);

		if (len > longest)
			longest = len;
	}
	return longest < LABEL_MAX ? longest : LABEL_MAX;
}

/* One cell of a heat map, as strong as heat says, from 0 to 1; its title is left open. */
static void
begin_cell(FILE *out, double x, double y, double width, double height, double heat)
{
	fprintf(out,
	    "<g><rect class=\"cell\" x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\"/>"
	    "<rect class=\"heat\" x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" "
	    "fill-opacity=\"%.3f\"/><title>",
	    x, y, width - 2, height - 2, x, y, width - 2, height - 2, heat);
}

/* Dark letters cannot be read on a strong colour. */
static const char *
figure_class(double heat)
{
	return heat > 0.55 ? "figure strong" : "figure";
}

static void
write_overlap_cell(
    FILE *out, const struct stats *s, int row, int column, double x, double y, double cell)
{
	const struct list_stats *l = &s->list[row];
	double heat = share(l->shared[column], l->shared[row]);

	begin_cell(out, x, y, cell, cell, heat);
	html_text(out, s->lists.name[column]);
	fprintf(
	    out, " has listed %.0f%% (%" PRIu64 ") of what ", 100 * heat, l->shared[column]);
	html_text(out, s->lists.name[row]);
	fputs(" has listed</title>", out);
	if (cell >= CELL_LARGE && l->shared[column] > 0)
		fprintf(out, "<text class=\"%s\" x=\"%.0f\" y=\"%.0f\">%.0f</text>",
		    figure_class(heat), x + cell / 2 - 1, y + cell / 2 + 3, 100 * heat);
	fputs("</g>\n", out);
}

static void
write_overlap_row(FILE *out, const struct stats *s, const int *order, int n, int i, double left,
    double top, double cell)
{
	double y = top + i * cell;

	fprintf(out, "<text class=\"end\" x=\"%.0f\" y=\"%.0f\">", left - 6, y + cell / 2 + 3);
	write_label(out, s->lists.name[order[i]]);
	fputs("</text>\n", out);
	for (int j = 0; j < n; j++)
		if (i != j)
			write_overlap_cell(
			    out, s, order[i], order[j], left + j * cell, y, cell);
}

void
charts_overlap(FILE *out, const struct stats *s, const int *order, int n)
{
	double cell = n <= LARGE_MAX ? CELL_LARGE : CELL_SMALL;
	double left = LETTER * (double)longest_label(s, order, n) + 10, top = left * 0.72 + 14;
	double width = left * 1.72 + n * cell, height = top + n * cell;

	fprintf(out,
	    "<svg width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" "
	    "aria-label=\"overlap of lists\">\n",
	    width, height, width, height);
	for (int j = 0; j < n; j++) {
		double x = left + j * cell + cell / 2;

		fprintf(
		    out, "<text transform=\"translate(%.0f %.0f) rotate(-45)\">", x, top - 6);
		write_label(out, s->lists.name[order[j]]);
		fputs("</text>\n", out);
	}
	for (int i = 0; i < n; i++)
		write_overlap_row(out, s, order, n, i, left, top, cell);
	fputs("</svg>\n", out);
}

static uint64_t
highest(const uint64_t hour[STATS_WEEKDAYS][STATS_HOURS])
{
	uint64_t most = 0;

	for (int day = 0; day < STATS_WEEKDAYS; day++)
		for (int i = 0; i < STATS_HOURS; i++)
			if (hour[day][i] > most)
				most = hour[day][i];
	return most;
}

void
charts_week(FILE *out, const struct stats *s)
{
	static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	const uint64_t(*hour)[STATS_HOURS] = s->refused > 0 ? s->week_refused : s->week;
	uint64_t most = highest(hour);

	fprintf(out,
	    "<svg width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"hours of the week\">\n",
	    DAY_LABEL + STATS_HOURS * HOUR_WIDTH, (STATS_WEEKDAYS + 1) * HOUR_HEIGHT);
	for (int i = 0; i < STATS_HOURS; i++)
		fprintf(out, "<text class=\"figure\" x=\"%d\" y=\"16\">%02d</text>\n",
		    DAY_LABEL + i * HOUR_WIDTH + HOUR_WIDTH / 2, i);
	for (int day = 0; day < STATS_WEEKDAYS; day++) {
		int y = (day + 1) * HOUR_HEIGHT;

		fprintf(out, "<text x=\"0\" y=\"%d\">%s</text>\n", y + 16, days[day]);
		for (int i = 0; i < STATS_HOURS; i++) {
			begin_cell(out, DAY_LABEL + i * HOUR_WIDTH, y, HOUR_WIDTH, HOUR_HEIGHT,
			    share(hour[day][i], most));
			fprintf(out,
			    "%s %02d:00: %" PRIu64 " decisions, %" PRIu64
			    " refused</title></g>\n",
			    days[day], i, s->week[day][i], s->week_refused[day][i]);
		}
	}
	fputs("</svg>\n", out);
}
