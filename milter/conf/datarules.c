/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/datarules.c - from words to feeds.  A file that is not there, or no good, is a warning:
 * a list that says nothing stops no mail, and a configuration that is not taken might.
 */
#include "config.h"

#include "conf/datarules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "conf/dataword.h"
#include "data/datafeeds.h"
#include "health/datacheck.h"

#define WHY_MAX 300
#define LINES_MAX 10 /* that are told of, of those that are left out of a list */
#define DAY_S 86400

/* The words beside "data" that say what is taken. */
static const char *const bounds[] = {
    "max_shrink", "max_grow", "max_size", "max_age", "suffixes"};

bool
datarules_given(const struct layers *l)
{
	return section_word(layers_pick(l, "data"), "data")->n > 0;
}

/* --- Building --- */

static bool
is_of_names(enum data_format format)
{
	return format == DATA_DNSET || format == DATA_GENERIC;
}

/* Whether a list of such a kind can have data in that format, and be asked about it. */
static void
check_format(const struct listing *list, enum data_format format, const struct place *place,
    struct report *report)
{
	bool domains = list->kind == KIND_DOMAIN;

	if (format != DATA_COMBINED && is_of_names(format) != domains)
		report_mistake(report, place, "data: %s is not for a list of %s",
		    data_format_name(format), domains ? "domains" : "addresses");
	else if (!domains && !list->ipv6 && (format == DATA_IP6TRIE || format == DATA_IP6TSET))
		report_warning(report, place,
		    "data: list \"%s\" is not asked about IPv6: set ipv6 = true", list->label);
}

/* What the data of the list is held against before it is taken. */
static void
describe_judge(struct datacheck_rules *judge, const struct listing *list, unsigned formats)
{
	const char *listed = list->test_listed != NULL ? list->test_listed : "";
	const char *clear = list->test_clear != NULL ? list->test_clear : "";

	memset(judge, 0, sizeof(*judge));
	judge->kind = list->kind;
	judge->formats = formats;
	judge->ipv4 = list->ipv4;
	judge->ipv6 = list->ipv6;
	judge->test_entry = list->test_entry;
	judge->suffixes = list->suffixes;
	ascii_copy_lower(judge->test_listed, listed, ascii_bare_length(listed));
	ascii_copy_lower(judge->test_clear, clear, ascii_bare_length(clear));
	judge->ncanaries = list->ncanaries;
	memcpy(judge->canary, list->canary, sizeof(judge->canary));
}

static void
open_feed(struct listing *list, const struct layers *l, const struct datafeed_rules *sets,
    unsigned formats, struct report *report)
{
	struct datafeed_rules rules = *sets;
	struct datacheck_rules judge;

	describe_judge(&judge, list, formats);
	rules.label = list->label;
	rules.shrink = 100 - (unsigned)layers_number(l, "max_shrink");
	rules.grow = 100 + (unsigned)layers_number(l, "max_grow");
	rules.max_age = layers_number(l, "max_age") / 1000;
	rules.judge = datacheck_judge;
	rules.judge_arg = &judge;
	rules.judge_size = sizeof(judge);
	list->data_drop = datafeed_unref;
	if ((list->data = datafeeds_open(&rules)) == NULL)
		report_no_memory(report);
}

/* The words of a list are read into those, one for each set. */
static void
build_sets(
    struct listing *list, const struct layers *l, struct dataword *words, struct report *report)
{
	const struct word *word = section_word(layers_pick(l, "data"), "data");
	unsigned before = report_mistakes(report), formats = 0;
	struct datafeed_rules rules = {0};
	char why[WHY_MAX];

	for (unsigned i = 0; i < word->n; i++) {
		/* What cannot be read has been said. */
		if (!dataword_parse(&words[i], word->values[i].text, why, sizeof(why)))
			return;
		check_format(list, words[i].source.format, &word->values[i].place, report);
		formats |= 1U << words[i].source.format;
		rules.set[rules.nsets] = words[i].source;
		rules.set[rules.nsets++].size_max = (uint64_t)layers_number(l, "max_size");
	}
	if (report_mistakes(report) == before)
		open_feed(list, l, &rules, formats, report);
}

/* Words that mean nothing without data. */
static void
check_bounds(const struct layers *l, struct report *report)
{
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		const struct section *sec = layers_pick(l, bounds[i]);
		struct place place = section_place(sec, bounds[i]);

		if (section_word(sec, bounds[i])->set)
			report_mistake(
			    report, &place, "%s: is for a list with data", bounds[i]);
	}
}

void
datarules_build(struct listing *list, const struct layers *l, struct report *report)
{
	const struct section *sec = layers_pick(l, "data");
	const struct word *word = section_word(sec, "data");
	struct place place = section_place(sec, "data");
	struct dataword *words;

	if (word->n == 0) {
		check_bounds(l, report);
		return;
	}
	list->data_at = (struct listing_place){place.line, sec == l->base};
	if (word->n > DATAFEED_SETS_MAX) {
		report_mistake(report, &place, "data: %d at most", DATAFEED_SETS_MAX);
		return;
	}
	if ((words = calloc(word->n, sizeof(*words))) == NULL)
		report_no_memory(report);
	else
		build_sets(list, l, words, report);
	free(words);
}

/* --- Looking --- */

/* A list whose files are read for the first time. */
struct reading {
	const struct listing *list;
	struct place place; /* where its data is named */
	struct report *report;
	unsigned lines; /* that were left out */
};

static void
on_complaint(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	struct reading *r = arg;
	struct place place = {file, line};

	if (fatal || ++r->lines > LINES_MAX)
		return;
	report_warning(r->report, &place, "list \"%s\": this line is left out: it %s",
	    r->list->label, why);
}

/* Why the files are not in use. */
static const char *
name_fault(enum datafeed_news news)
{
	static const char *const names[DATAFEED_NEWS] = {
	    [DATAFEED_MISSING] = "is not there",
	    [DATAFEED_UNREADABLE] = "cannot be read",
	    [DATAFEED_LARGE] = "is too large",
	    [DATAFEED_CUT] = "ends too early",
	    [DATAFEED_EMPTY] = "has no entry",
	    [DATAFEED_REFUSED] = "is not believed",
	};

	return names[news];
}

static void
warn_of_fault(
    const struct reading *r, enum datafeed_news news, const struct datafeed_figures *figures)
{
	char line[24] = "";

	if (figures->line > 0)
		snprintf(line, sizeof(line), ":%u", figures->line);
	report_warning(r->report, &r->place, "data: %s%s %s%s%s: %s", figures->file, line,
	    name_fault(news), figures->why[0] != '\0' ? ": " : "", figures->why,
	    r->list->zone[0] != '\0' ? "the list is asked in DNS meanwhile"
				     : "nobody is on the list meanwhile");
}

/* What was taken may be too old already. */
static void
warn_of_age(const struct reading *r, int64_t now)
{
	struct datafeed_state state;

	datafeed_state(r->list->data, now, &state);
	if (!state.known)
		report_warning(r->report, &r->place, "data: %s is %lld days old, and over: %s",
		    state.oldest, (long long)((now - state.written) / DAY_S),
		    r->list->zone[0] != '\0' ? "the list is asked in DNS meanwhile"
					     : "nobody is on the list meanwhile");
}

static void
look(struct reading *r)
{
	int64_t now = clock_wall();
	struct datafeed_figures figures;
	enum datafeed_news news =
	    datafeed_look(r->list->data, now, false, on_complaint, r, &figures);

	if (r->lines > LINES_MAX)
		report_warning(r->report, &r->place,
		    "data: list \"%s\": %u more lines are left out", r->list->label,
		    r->lines - LINES_MAX);
	if (news == DATAFEED_TAKEN)
		warn_of_age(r, now);
	else if (news != DATAFEED_SAME)
		warn_of_fault(r, news, &figures);
}

static bool
is_new(const struct listing *list)
{
	struct datafeed_state state = {.looked = true};

	if (list->data != NULL)
		datafeed_state(list->data, clock_wall(), &state);
	return !state.looked;
}

void
datarules_look(
    const struct roster *roster, const char *path, const char *known, struct report *report)
{
	for (unsigned i = 0; i < roster->n; i++) {
		const struct listing *list = roster->list[i];
		struct reading r = {
		    list, {list->data_at.known ? known : path, list->data_at.line}, report, 0};

		if (is_new(list))
			look(&r);
	}
}

static void
each_file(
    const struct datafeed_rules *rules, void (*fn)(void *arg, const char *path), void *arg)
{
	for (unsigned set = 0; set < rules->nsets; set++)
		for (unsigned i = 0; i < rules->set[set].nfiles; i++)
			fn(arg, rules->set[set].file[i]);
}

void
datarules_files(const struct roster *roster, void (*fn)(void *arg, const char *path), void *arg)
{
	for (unsigned i = 0; i < roster->n; i++)
		if (roster->list[i]->data != NULL && !roster_repeats(roster, i))
			each_file(datafeed_rules(roster->list[i]->data), fn, arg);
}
