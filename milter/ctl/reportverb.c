/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/reportverb.c - from options to figures: logs are read once, in the order of what is in
 * them; or, where none is named, the store.
 */
#include "config.h"

#include "ctl/reportverb.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "base/clock.h"
#include "ctl/fileerror.h"
#include "ctl/logmerge.h"
#include "ctl/logstamp.h"
#include "ctl/newfile.h"
#include "ctl/progress.h"
#include "ctl/stats.h"
#include "ctl/statshtml.h"
#include "ctl/statshours.h"
#include "ctl/statsjson.h"
#include "ctl/statstext.h"
#include "ctl/storelog.h"
#include "ctl/words.h"

#define VERB "report"
#define DAY_S 86400

struct options {
	bool json;
	int64_t days;                /* 0: all */
	const char *html;            /* the file, or NULL */
	struct storelog_place place; /* of the store; unless there are files */
	char *const *file;           /* a NULL ends them */
};

/* Options stand before the files: "--days 7" or "--days=7".  False: they are none. */
static bool
take_options(struct options *o, char *const *word)
{
	const char *days = NULL;
	const struct words_option options[] = {
	    {"days", &days},
	    {"html", &o->html},
	    {"store", &o->place.folder},
	    {"conf", &o->place.conf},
	    {"lists", &o->place.registry},
	    {NULL, NULL},
	};

	if (!words_take(VERB, &word, options))
		return false;
	o->file = word;
	if (*word != NULL && o->place.folder != NULL)
		return words_wrong(VERB, "--store", "is not for files of the log");
	return days == NULL || words_number(VERB, "--days", days, STORELOG_DAYS_MAX, &o->days);
}

static void
tick(const struct logmerge *merge, void *progress)
{
	progress_show(progress, logmerge_percent(merge), logmerge_entries(merge), "decisions");
}

/* Count what is not older than since, where that is not 0; how many have no stamp to tell. */
static uint64_t
count(struct stats *stats, struct logmerge *merge, int64_t since)
{
	const struct logentry *entry;
	uint64_t undated = 0;

	while ((entry = logmerge_next(merge)) != NULL)
		if (since > 0 && entry->time < since)
			undated += entry->time == 0;
		else
			stats_add(stats, entry);
	return undated;
}

static void
say(const char *what, uint64_t n)
{
	if (n > 0)
		fprintf(stderr, "relayguardctl: %" PRIu64 " %s\n", n, what);
}

/* What found no room in the figures. */
static void
tell_crowd(const struct stats *stats)
{
	say("times a list found no room: there are too many labels", stats->unlisted);
	say("pairs of client and list found no room: clients and good are too low",
	    clients_left_out(stats->clients));
}

/* Say what is missing from the figures; EX_DATAERR where files are not whole. */
static int
tell_gaps(const struct stats *stats, const struct logmerge *merge, uint64_t undated)
{
	int status = logmerge_tell(merge);

	say("decisions without a time are left out: --days needs one", undated);
	say("lines begin as a decision, but cannot be read", logmerge_bad(merge));
	tell_crowd(stats);
	return status;
}

static int
write_page(const char *path, const struct stats *stats)
{
	struct newfile file;
	int status = newfile_begin(&file, path);

	if (status != EX_OK)
		return status;
	statshtml_write(file.out, stats);
	return newfile_end(&file, true);
}

static int
show(const struct options *o, const struct stats *stats, int status)
{
	int written = o->html != NULL ? write_page(o->html, stats) : EX_OK;

	if (written != EX_OK)
		status = written;
	if (!o->json)
		statstext_write(stdout, stats);
	else if (!statsjson_write(stdout, stats, status))
		status = EX_OSERR;
	return status;
}

static int
report_logs(const struct options *o)
{
	int64_t now = logstamp_now();
	struct logmerge *merge;
	struct progress progress;
	struct stats *stats;
	const char *bad;
	int status;

	progress_begin(&progress);
	if ((merge = logmerge_open(logentry_kind(), o->file, now, tick, &progress, &bad)) ==
	    NULL)
		return fileerror_open(bad);
	if ((stats = stats_new()) != NULL) {
		uint64_t undated = count(stats, merge, o->days > 0 ? now - o->days * DAY_S : 0);

		progress_end(&progress);
		status = show(o, stats, tell_gaps(stats, merge, undated));
	} else {
		status = fileerror_open(NULL);
	}
	stats_free(stats);
	logmerge_close(merge);
	return status;
}

/* --- From the store --- */

/* What rows and counts are added to. */
struct adding {
	struct stats *stats;
	uint64_t bad; /* rows that are no decision */
};

static void
add_row(void *arg, const struct store_row *row)
{
	struct adding *a = arg;
	struct logentry entry;

	if (storelog_entry(&entry, row))
		stats_add_client(a->stats, &entry);
	else
		a->bad++;
}

static void
add_count(void *arg, const struct dayfile_count *count)
{
	struct adding *a = arg;

	statshours_add(a->stats, count, storelog_offset(count->hour));
}

static int
report_store(const struct options *o)
{
	struct adding adding = {.stats = stats_new()};
	const struct dayfile_reader reader = {add_row, add_count, &adding};
	char folder[PATH_MAX];
	int status;

	if (adding.stats == NULL)
		return fileerror_open(NULL);
	adding.stats->stored = true;
	if ((status = storelog_find(&o->place, NULL, folder)) == EX_OK)
		status = storelog_read(folder, storelog_since(o->days), &reader);
	if (storelog_is_readable(status)) {
		say("rows of the store cannot be read", adding.bad);
		tell_crowd(adding.stats);
		status = show(o, adding.stats, status);
	}
	stats_free(adding.stats);
	return status;
}

int
reportverb_run(bool json, char *const *word)
{
	struct options o = {.json = json};

	if (!take_options(&o, word))
		return EX_USAGE;
	return o.file[0] != NULL ? report_logs(&o) : report_store(&o);
}
