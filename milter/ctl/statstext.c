/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statstext.c - tables in fixed columns.  The lists come first, each with what may be done
 * about it: that is what a report is read for.
 */
#include "config.h"

#include "ctl/statstext.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/strbuf.h"
#include "ctl/advice.h"

#define OVERLAP_MAX 12 /* columns of that table: more are too wide for a terminal */
#define WIDTH_LEAST 16 /* of the column of names; ... */
#define WIDTH_MOST 40

const char *
statstext_time(int64_t seconds, char out[STATSTEXT_TIME_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, STATSTEXT_TIME_MAX, "%Y-%m-%d %H:%M", &tm) == 0)
		out[0] = '\0';
	return out;
}

/* The width of a column of names: a longer one than most is a row out of line. */
static int
width_of(const struct names *names)
{
	size_t width = WIDTH_LEAST;

	for (int i = 0; i < names->n; i++)
		if (strlen(names->name[i]) > width)
			width = strlen(names->name[i]);
	return width < WIDTH_MOST ? (int)width : WIDTH_MOST;
}

static void
write_head(FILE *out, const struct stats *s)
{
	char first[STATSTEXT_TIME_MAX], last[STATSTEXT_TIME_MAX];

	if (!stats_is_counted(s)) {
		fputs(STATSTEXT_UNCOUNTED "\n\n", out);
		return;
	}
	fprintf(out, "%" PRIu64 " decisions", s->decisions);
	if (s->stored)
		fputs(" counted by the store", out);
	if (s->first > 0)
		fprintf(out, ", %s to %s", statstext_time(s->first, first),
		    statstext_time(s->last, last));
	if (s->timed > 0)
		fprintf(out, "; clients waited %d ms (median), %d ms (95%%)", stats_wait(s, 50),
		    stats_wait(s, 95));
	fputc('\n', out);
	if (s->frugal > 0)
		fprintf(out,
		    "of %" PRIu64 " of them not all lists were asked: what is said of lists is "
		    "of the others\n",
		    s->frugal);
	fputc('\n', out);
}

static void
write_verdicts(FILE *out, const struct stats *s)
{
	fprintf(out, "%-*s %12s %7s %12s\n", WIDTH_LEAST, "VERDICT", "DONE", "", "MEANT");
	for (enum action action = ACTION_PASS; action < ACTIONS; action++)
		if (s->done[action] > 0 || s->meant[action] > 0)
			fprintf(out, "%-*s %12" PRIu64 " %6.1f%% %12" PRIu64 "\n", WIDTH_LEAST,
			    action_name(action), s->done[action],
			    stats_percent(s->done[action], s->decisions), s->meant[action]);
	fputc('\n', out);
}

/* A column; a dash for what is not known. */
static void
write_number(FILE *out, bool known, int64_t number)
{
	if (known && number >= 0)
		fprintf(out, " %9" PRId64, number);
	else
		fprintf(out, " %9s", "-");
}

static void
write_lists(FILE *out, const struct stats *s, const int *order, int n)
{
	int width = width_of(&s->lists);

	fprintf(out, "%-*s %9s %9s %9s %9s %9s %9s %9s\n", width, "LIST", "LISTED", "DECISIVE",
	    "SOLE", "SHADOWED", "CLIENTS", "GOOD", "NO-ANSWER");
	for (int i = 0; i < n; i++) {
		const struct list_stats *l = &s->list[order[i]];

		fprintf(out,
		    "%-*s %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64, width,
		    s->lists.name[order[i]], l->listed, l->decisive, l->sole, l->shadowed,
		    l->clients);
		write_number(out, !s->stored, (int64_t)l->clients_passed);
		fprintf(out, " %9" PRIu64 "\n", l->unknown + l->shadow_unknown);
	}
	fputc('\n', out);
}

/* What each was asked in DNS, which only the daemon itself knows. */
static void
write_answers(FILE *out, const struct stats *s, const int *order, int n)
{
	int width = width_of(&s->lists);

	fprintf(out, "%-*s %9s %9s %9s %9s %9s %9s\n", width, "LIST", "ASKED", "ANSWERED",
	    "TIME-OUTS", "ERRORS", "50%,MS", "95%,MS");
	for (int i = 0; i < n; i++) {
		const struct list_stats *l = &s->list[order[i]];

		fprintf(out, "%-*s", width, s->lists.name[order[i]]);
		write_number(out, s->stored, (int64_t)stats_asked(l));
		write_number(out, s->stored, (int64_t)stats_answered(l));
		write_number(out, s->stored, (int64_t)l->answers[FACT_UNKNOWN]);
		write_number(out, s->stored, (int64_t)l->answers[FACT_ERROR]);
		write_number(out, s->stored, stats_latency(l, 50));
		write_number(out, s->stored, stats_latency(l, 95));
		fputc('\n', out);
	}
	fputc('\n', out);
}

static void
write_advice(FILE *out, const struct stats *s, const int *order, int n)
{
	int width = width_of(&s->lists);

	fprintf(out, "%-*s %-7s WHY\n", width, "LIST", "ADVICE");
	for (int i = 0; i < n; i++) {
		char text[ADVICE_TEXT_MAX];
		struct strbuf sb;

		strbuf_init(&sb, text, sizeof(text));
		advice_explain(&sb, s, order[i]);
		fprintf(out, "%-*s %-7s %s\n", width, s->lists.name[order[i]],
		    advice_name(advice_give(s, order[i])), text);
	}
	fputc('\n', out);
}

/* How many percent of what the list of a row has listed, that of the column, which has the
 * number of its row, has listed too. */
static void
write_overlap(FILE *out, const struct stats *s, const int *order, int n)
{
	int width = width_of(&s->lists);
	int columns = n < OVERLAP_MAX ? n : OVERLAP_MAX;

	fprintf(out, "   %-*s", width, "OVERLAP, %");
	for (int j = 0; j < columns; j++)
		fprintf(out, " %5d", j + 1);
	fputc('\n', out);
	for (int i = 0; i < n; i++) {
		const struct list_stats *l = &s->list[order[i]];

		fprintf(out, "%2d %-*s", i + 1, width, s->lists.name[order[i]]);
		for (int j = 0; j < columns; j++)
			if (i == j || l->shared[order[i]] == 0)
				fprintf(out, " %5s", "-");
			else
				fprintf(out, " %5.0f",
				    stats_percent(l->shared[order[j]], l->shared[order[i]]));
		fputc('\n', out);
	}
	fputc('\n', out);
}

static void
write_policies(FILE *out, const struct stats *s)
{
	int width = width_of(&s->policies);
	int order[STATS_POLICIES_MAX + 1], n = stats_order_policies(s, order);

	fprintf(out, "%-*s", width, "POLICY");
	for (enum action action = ACTION_PASS; action < ACTIONS; action++)
		fprintf(out, " %10s", action_name(action));
	fprintf(out, " %10s\n", "shadowed");
	for (int i = 0; i < n; i++) {
		const struct policy_stats *p = &s->policy[order[i]];

		fprintf(out, "%-*s", width, stats_policy_name(s, order[i]));
		for (enum action action = ACTION_PASS; action < ACTIONS; action++)
			fprintf(out, " %10" PRIu64, p->done[action]);
		fprintf(out, " %10" PRIu64 "\n", p->shadowed);
	}
	fputc('\n', out);
}

static void
write_reasons(FILE *out, const struct stats *s)
{
	int width = width_of(&s->reasons);
	int order[STATS_REASONS_MAX + 1], n = stats_order_reasons(s, order);

	fprintf(out, "%-*s %10s %10s\n", width, "REASON", "ALL", "REFUSED");
	for (int i = 0; i < n; i++)
		fprintf(out, "%-*s %10" PRIu64 " %10" PRIu64 "\n", width,
		    stats_reason_name(s, order[i]), s->reason[order[i]].all,
		    s->reason[order[i]].refused);
}

void
statstext_write(FILE *out, const struct stats *s)
{
	int order[LISTS_MAX], n = stats_order_lists(s, order);

	write_head(out, s);
	if (s->decisions == 0)
		return;
	if (n > 0) {
		write_advice(out, s, order, n);
		write_lists(out, s, order, n);
		if (s->stored)
			write_answers(out, s, order, n);
		write_overlap(out, s, order, n);
	}
	write_verdicts(out, s);
	write_policies(out, s);
	write_reasons(out, s);
}
