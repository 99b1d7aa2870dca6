/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/reportverb.c - from options to figures: the files are read once, in the order of what
 * is in them.
 */
#include "config.h"

#include "ctl/reportverb.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "ctl/logmerge.h"
#include "ctl/progress.h"
#include "ctl/stats.h"
#include "ctl/statshtml.h"
#include "ctl/statsjson.h"
#include "ctl/statstext.h"
#include "ctl/words.h"

#define DAYS_MAX 36500
#define DAY_S 86400

struct options {
	bool json;
	int64_t days;      /* 0: all */
	const char *html;  /* the file, or NULL */
	char *const *file; /* a NULL ends them */
};

/* Options stand before the files: "--days 7" or "--days=7".  False: they are none. */
static bool
take_options(struct options *o, char *const *word)
{
	const char *days = NULL;

	for (; *word != NULL && words_is_option(*word); word++) {
		const char **to = words_is(*word, "days") ? &days : &o->html;

		if (strcmp(*word, "--") == 0) {
			word++;
			break;
		}
		if (to == &o->html && !words_is(*word, "html"))
			return false;
		if ((*to = words_value(&word)) == NULL)
			return false;
	}
	o->file = word;
	if (days == NULL)
		return *word != NULL;
	o->days = number_plain(&days, DAYS_MAX);
	return o->days > 0 && *days == '\0' && *word != NULL;
}

/* The time of day here, as logs have it: as if it were UTC. */
static int64_t
local_now(void)
{
	time_t now = (time_t)clock_wall();
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		return clock_wall();
	return logentry_seconds(
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static void
tick(const struct logmerge *merge, void *progress)
{
	progress_show(progress, logmerge_percent(merge), (int64_t)logmerge_decisions(merge));
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

/* Say what is missing from the figures; EX_DATAERR where files are not whole. */
static int
tell_gaps(const struct stats *stats, const struct logmerge *merge, uint64_t undated)
{
	const char *path, *why;
	int status = EX_OK;

	for (size_t i = 0; logmerge_error(merge, i, &path, &why); i++)
		if (why != NULL) {
			fprintf(stderr, "relayguardctl: %s: %s\n", path, why);
			status = EX_DATAERR;
		}
	say("decisions without a time are left out: --days needs one", undated);
	say("lines begin as a decision, but cannot be read", logmerge_bad(merge));
	say("times a list found no room: there are too many labels", stats->unlisted);
	say("pairs of client and list found no room: clients and good are too low",
	    clients_left_out(stats->clients));
	return status;
}

/* Write the page beside the file and move it there, so that nobody sees half of it. */
static int
write_page(const char *path, const struct stats *stats)
{
	char beside[4096];
	struct strbuf sb;
	FILE *out;
	bool good;

	strbuf_init(&sb, beside, sizeof(beside));
	strbuf_addf(&sb, "%s.new", path);
	(void)remove(beside); /* of a run that was ended; "x" follows no link */
	errno = ENAMETOOLONG;
	if (sb.cut || (out = fopen(beside, "wxe")) == NULL) {
		fprintf(stderr, "relayguardctl: %s: %s\n", beside, strerror(errno));
		return EX_CANTCREAT;
	}
	statshtml_write(out, stats);
	good = fflush(out) == 0 && !ferror(out);
	good = fclose(out) == 0 && good;
	if (good && rename(beside, path) == 0)
		return EX_OK;
	fprintf(stderr, "relayguardctl: %s: %s\n", path, strerror(errno));
	(void)remove(beside);
	return EX_IOERR;
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
complain(const char *path)
{
	if (path == NULL) {
		fprintf(stderr, "relayguardctl: out of memory\n");
		return EX_OSERR;
	}
	fprintf(stderr, "relayguardctl: %s: %s\n", path, strerror(errno));
	return errno == EACCES || errno == EPERM ? EX_NOPERM : EX_NOINPUT;
}

int
reportverb_run(bool json, char *const *word)
{
	struct options o = {.json = json};
	int64_t now = local_now();
	struct progress progress;
	struct logmerge *merge;
	struct stats *stats;
	const char *bad;
	int status;

	if (!take_options(&o, word))
		return EX_USAGE;
	progress_begin(&progress);
	if ((merge = logmerge_open(o.file, now, tick, &progress, &bad)) == NULL)
		return complain(bad);
	if ((stats = stats_new()) != NULL) {
		uint64_t undated = count(stats, merge, o.days > 0 ? now - o.days * DAY_S : 0);

		progress_end(&progress);
		status = show(&o, stats, tell_gaps(stats, merge, undated));
	} else {
		status = complain(NULL);
	}
	stats_free(stats);
	logmerge_close(merge);
	return status;
}
