/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statshtml.c - first what to do about each list, then what that rests on.
 */
#include "config.h"

#include "ctl/statshtml.h"

#include <inttypes.h>

#include "base/strbuf.h"
#include "ctl/advice.h"
#include "ctl/charts.h"
#include "base/html.h"
#include "ctl/statstext.h"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" "
    "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<meta name=\"referrer\" content=\"no-referrer\">\n"
    "<title>relayguard report</title>\n<style>\n"
    ":root { color-scheme: light dark; --back: #fff; --text: #1b1f24; --dim: #59636e; "
    "--line: #d1d9e0; --cell: #f0f3f6; --heat: #b35900; --listed: #b8c4d0; "
    "--decisive: #0b5cad; --good: #1a7f37; --bad: #c9252d; --warn: #9a6700; }\n"
    "@media (prefers-color-scheme: dark) { :root { --back: #14181d; --text: #e6edf3; "
    "--dim: #9aa6b2; --line: #353d46; --cell: #20262d; --heat: #f0883e; --listed: #46535f; "
    "--decisive: #58a6ff; --good: #3fb950; --bad: #ff7b72; --warn: #d29922; } }\n"
    "body { background: var(--back); color: var(--text); font: 15px/1.45 system-ui, sans-serif; "
    "margin: 1.5rem auto; max-width: 76rem; padding: 0 1rem; }\n"
    "h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .2rem; }\n"
    "p { color: var(--dim); margin: .2rem 0 .7rem; max-width: 60rem; }\n"
    ".cards { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1rem 0; }\n"
    ".cards div { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .9rem; "
    "color: var(--dim); }\n"
    ".cards b { color: var(--text); display: block; font-size: 1.35rem; }\n"
    ".todo { display: flex; flex-wrap: wrap; font-size: 1.1rem; font-weight: 700; "
    "gap: .5rem 1.5rem; }\n"
    ".wide { overflow-x: auto; }\n"
    "table { border-collapse: collapse; } th { color: var(--dim); font-weight: 600; "
    "text-align: right; vertical-align: bottom; }\n"
    "th, td { border-bottom: 1px solid var(--line); padding: .35rem .6rem; }\n"
    "td { text-align: right; font-variant-numeric: tabular-nums; } "
    ".word { text-align: left; } .why { color: var(--dim); font-size: .87rem; }\n"
    ".badge { border: 1px solid; border-radius: 1em; display: inline-block; font-weight: 700; "
    "padding: 0 .7em; }\n"
    ".drop, .review { color: var(--back); background: var(--bad); border-color: var(--bad); }\n"
    ".repair { color: var(--back); background: var(--warn); border-color: var(--warn); }\n"
    ".keep, .allow { color: var(--good); } .trial { color: var(--decisive); } "
    ".idle, .few { color: var(--dim); }\n"
    ".alarm { color: var(--bad); font-weight: 700; }\n"
    "svg { display: block; } svg text { fill: var(--text); "
    "font: 12px ui-monospace, monospace; }\n"
    ".end { text-anchor: end; } .figure { text-anchor: middle; } "
    "svg .strong { fill: var(--back); font-weight: 700; }\n"
    ".cell { fill: var(--cell); } .heat { fill: var(--heat); } "
    ".listed { fill: var(--listed); } .decisive { fill: var(--decisive); }\n"
    ".key { border-radius: 2px; display: inline-block; height: .8em; width: 1.2em; }\n"
    ".key.listed { background: var(--listed); } .key.decisive { background: var(--decisive); }\n"
    "</style>\n</head>\n<body>\n";

static void
write_cards(FILE *out, const struct stats *s)
{
	char first[STATSTEXT_TIME_MAX], last[STATSTEXT_TIME_MAX];

	fputs("<h1>relayguard report</h1>\n", out);
	if (s->first > 0)
		fprintf(out, "<p>%s to %s, %s</p>\n", statstext_time(s->first, first),
		    statstext_time(s->last, last),
		    s->stored ? "counted by the store" : "from logs of mail");
	if (!stats_is_counted(s)) {
		fputs("<p>" STATSTEXT_UNCOUNTED "</p>\n", out);
		return;
	}
	fprintf(out,
	    "<div class=\"cards\"><div><b>%" PRIu64 "</b>decisions</div>"
	    "<div><b>%" PRIu64 " (%.1f%%)</b>refused, or would be</div>"
	    "<div><b>%" PRIu64 "</b>of these let through by shadow mode</div>"
	    "<div><b>%" PRIu64 "</b>made milder by doubt</div>",
	    s->decisions, s->refused, stats_percent(s->refused, s->decisions),
	    s->meant[ACTION_REFUSE] + s->meant[ACTION_DROP], s->softened);
	if (s->timed > 0)
		fprintf(out, "<div><b>%d ms, %d ms</b>clients waited: median, 95%%</div>",
		    stats_wait(s, 50), stats_wait(s, 95));
	fputs("</div>\n", out);
}

/* What is to be seen in ten seconds. */
static void
write_todo(FILE *out, const struct stats *s, const int *order, int n)
{
	static const enum advice todo[] = {ADVICE_DROP, ADVICE_REVIEW, ADVICE_REPAIR};
	bool any = false;

	fputs("<div class=\"todo\">", out);
	for (size_t i = 0; i < sizeof(todo) / sizeof(todo[0]); i++)
		for (int j = 0; j < n; j++) {
			if (advice_give(s, order[j]) != todo[i])
				continue;
			fprintf(out, "<span><span class=\"badge %s\">%s</span> ",
			    advice_name(todo[i]), advice_name(todo[i]));
			html_text(out, s->lists.name[order[j]]);
			fputs("</span>\n", out);
			any = true;
		}
	fprintf(out, "%s</div>\n", any ? "" : "No list stands out.");
}

/* A cell; a dash for what is not known. */
static void
write_number(FILE *out, const char *more, bool known, int64_t number)
{
	if (known && number >= 0)
		fprintf(out, "<td%s>%" PRId64 "</td>", more, number);
	else
		fputs("<td>&ndash;</td>", out);
}

static void
write_list(FILE *out, const struct stats *s, int list, uint64_t most)
{
	const struct list_stats *l = &s->list[list];
	const char *advice = advice_name(advice_give(s, list));
	char why[ADVICE_TEXT_MAX];
	struct strbuf sb;

	strbuf_init(&sb, why, sizeof(why));
	advice_explain(&sb, s, list);
	fprintf(out,
	    "<tr><td class=\"word\"><span class=\"badge %s\">%s</span></td>"
	    "<td class=\"word\"><b>",
	    advice, advice);
	html_text(out, s->lists.name[list]);
	fputs("</b><div class=\"why\">", out);
	html_text(out, why);
	fputs("</div></td><td>", out);
	charts_bar(out, l->decisive + l->shadow_acts, stats_listed(l), most);
	fprintf(out,
	    "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td><td>%" PRIu64
	    "</td>",
	    stats_listed(l), l->decisive + l->shadow_acts, l->sole, l->clients);
	write_number(out, advice_give(s, list) == ADVICE_REVIEW ? " class=\"alarm\"" : "",
	    !s->stored, (int64_t)l->clients_passed);
	fprintf(out, "<td>%" PRIu64 "</td><td>%" PRIu64 "</td>", l->unknown + l->shadow_unknown,
	    l->doubted + l->suspended);
	fputs("</tr>\n", out);
}

static void
write_lists(FILE *out, const struct stats *s, const int *order, int n)
{
	uint64_t most = n > 0 ? stats_listed(&s->list[order[0]]) : 0;

	fputs(
	    "<h2>Lists</h2>\n<p><span class=\"key listed\"></span> decisions in which the list "
	    "has listed the client, <span class=\"key decisive\"></span> of which so many would "
	    "have been milder without it (in shadow: more severe, if it counted). Good: clients "
	    "that it has listed, and that logged in, were allowed or known good within 7 "
	    "days. A dash: not known from that source.</p>\n"
	    "<div class=\"wide\"><table><tr><th class=\"word\">advice</th>"
	    "<th class=\"word\">list</th><th></th><th>listed</th><th>decisive</th>"
	    "<th>sole</th><th>clients</th><th>good</th><th>no answer</th>"
	    "<th>doubted or suspended</th></tr>\n",
	    out);
	for (int i = 0; i < n; i++)
		write_list(out, s, order[i], most);
	fputs(
	    "</table></div>\n<h2>Overlap</h2>\n<p>How many percent of what the list of a row has "
	    "listed, the list of the column has listed too. A row with a strong cell has little "
	    "of its own.</p>\n<div class=\"wide\">",
	    out);
	charts_overlap(out, s, order, n);
	fputs("</div>\n", out);
}

/* What each was asked in DNS, which only the daemon itself knows. */
static void
write_answers(FILE *out, const struct stats *s, const int *order, int n)
{
	fputs(
	    "<h2>Answers</h2>\n<p>What each list was asked in DNS, and how long it took: half "
	    "of the answers, and 95 of a hundred, came within so many milliseconds.</p>\n"
	    "<div class=\"wide\"><table><tr><th class=\"word\">list</th><th>asked</th>"
	    "<th>answered</th><th>time-outs</th><th>errors</th><th>50%, ms</th>"
	    "<th>95%, ms</th></tr>\n",
	    out);
	for (int i = 0; i < n; i++) {
		const struct list_stats *l = &s->list[order[i]];

		fputs("<tr><td class=\"word\">", out);
		html_text(out, s->lists.name[order[i]]);
		fputs("</td>", out);
		write_number(out, "", s->stored, (int64_t)stats_asked(l));
		write_number(out, "", s->stored, (int64_t)stats_answered(l));
		write_number(out, "", s->stored, (int64_t)l->answers[FACT_UNKNOWN]);
		write_number(out, "", s->stored, (int64_t)l->answers[FACT_ERROR]);
		write_number(out, "", s->stored, stats_latency(l, 50));
		write_number(out, "", s->stored, stats_latency(l, 95));
		fputs("</tr>\n", out);
	}
	fputs("</table></div>\n", out);
}

static void
write_policies(FILE *out, const struct stats *s)
{
	int order[STATS_POLICIES_MAX + 1], n = stats_order_policies(s, order);

	fputs(
	    "<h2>Policies</h2>\n<div class=\"wide\"><table><tr><th class=\"word\">policy</th>",
	    out);
	for (enum action action = ACTION_PASS; action < ACTIONS; action++)
		fprintf(out, "<th>%s</th>", action_name(action));
	fputs("<th>passed by shadow mode</th></tr>\n", out);
	for (int i = 0; i < n; i++) {
		const struct policy_stats *p = &s->policy[order[i]];

		fputs("<tr><td class=\"word\">", out);
		html_text(out, stats_policy_name(s, order[i]));
		fputs("</td>", out);
		for (enum action action = ACTION_PASS; action < ACTIONS; action++)
			fprintf(out, "<td>%" PRIu64 "</td>", p->done[action]);
		fprintf(out, "<td>%" PRIu64 "</td></tr>\n", p->shadowed);
	}
	fputs("</table></div>\n", out);
}

static void
write_reasons(FILE *out, const struct stats *s)
{
	int order[STATS_REASONS_MAX + 1], n = stats_order_reasons(s, order);

	fputs("<h2>Reasons</h2>\n<div class=\"wide\"><table><tr><th class=\"word\">reason</th>"
	      "<th>decisions</th><th>refused</th></tr>\n",
	    out);
	for (int i = 0; i < n; i++) {
		fputs("<tr><td class=\"word\">", out);
		html_text(out, stats_reason_name(s, order[i]));
		fprintf(out, "</td><td>%" PRIu64 "</td><td>%" PRIu64 "</td></tr>\n",
		    s->reason[order[i]].all, s->reason[order[i]].refused);
	}
	fputs("</table></div>\n", out);
}

void
statshtml_write(FILE *out, const struct stats *s)
{
	int order[LISTS_MAX], n = stats_order_lists(s, order);

	fputs(head, out);
	write_cards(out, s);
	if (n > 0) {
		write_todo(out, s, order, n);
		write_lists(out, s, order, n);
		if (s->stored)
			write_answers(out, s, order, n);
	}
	if (s->first > 0) {
		fprintf(out,
		    "<h2>Hours of the week</h2>\n<p>%s, by the time %s.</p>\n"
		    "<div class=\"wide\">",
		    s->refused > 0 ? "Refused, or would be" : "Decisions",
		    s->stored ? "of this host" : "in the log");
		charts_week(out, s);
		fputs("</div>\n", out);
	}
	write_policies(out, s);
	write_reasons(out, s);
	fputs("</body>\n</html>\n", out);
}
