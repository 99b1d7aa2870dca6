/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/storelog.c - one file after the other; how far it is, is shown by days.
 */
#include "config.h"

#include "ctl/storelog.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/fileerror.h"
#include "ctl/progress.h"
#include "store/days.h"
#include "store/hours.h"

#define TIME_LAST INT64_C(253402300799) /* of the year 9999: what is later is no time */
#define DAY_S 86400
#define CONF_FILE SYSCONFDIR "/relayguard.conf"
#define REGISTRY_FILE PKGDATADIR "/lists.conf"

struct conf *
storelog_conf(const struct storelog_place *place, FILE *warnings)
{
	char *complaints = NULL;
	size_t len;
	FILE *out = open_memstream(&complaints, &len);
	struct conf *conf;

	if (out == NULL) {
		(void)fileerror_open(NULL);
		return NULL;
	}
	conf = conf_load_without_data(place->registry != NULL ? place->registry : REGISTRY_FILE,
	    place->conf != NULL ? place->conf : CONF_FILE, out);
	if (conf == NULL)
		warnings = stderr;
	if (fclose(out) == 0 && warnings != NULL)
		fputs(complaints, warnings);
	free(complaints);
	return conf;
}

static int
copy_folder(const char *path, char folder[PATH_MAX])
{
	if (path != NULL && strbuf_copy(folder, PATH_MAX, path))
		return EX_OK;
	fprintf(stderr, "relayguardctl: %s\n",
	    path != NULL ? strerror(ENAMETOOLONG)
			 : "there is no store (store in relayguard.conf): see --store");
	return EX_NOINPUT;
}

int
storelog_find(
    const struct storelog_place *place, const struct conf *conf, char folder[PATH_MAX])
{
	struct conf *own = NULL;
	int status = EX_CONFIG;

	if (place->folder != NULL)
		return copy_folder(place->folder, folder);
	if (conf == NULL)
		conf = own = storelog_conf(place, NULL);
	if (conf != NULL)
		status = copy_folder(conf->store.path, folder);
	conf_unref(&own);
	return status;
}

int64_t
storelog_since(int64_t days)
{
	int64_t since = clock_wall() - days * DAY_S;

	return days > 0 && since > 0 ? since - since % HOUR_S : 0;
}

bool
storelog_is_readable(int status)
{
	return status == EX_OK || status == EX_DATAERR || status == EX_NOPERM;
}

/* Whom the rows and counts go to, with how far it is shown on the way. */
struct telling {
	const struct dayfile_reader *reader;
	struct progress progress;
	unsigned percent;
	uint64_t rows, counts; /* of the file */
	uint64_t decisions;
};

static void
tell_row(void *arg, const struct store_row *row)
{
	struct telling *t = arg;

	t->rows++;
	progress_show(&t->progress, (int)t->percent, ++t->decisions, "decisions");
	t->reader->row(t->reader->arg, row);
}

static void
tell_count(void *arg, const struct dayfile_count *count)
{
	struct telling *t = arg;

	t->counts++;
	t->reader->count(t->reader->arg, count);
}

/* Read the file of a day; one that is gone by now has been too old. */
static int
read_day(const char *folder, int day, int64_t since, struct telling *t)
{
	const struct dayfile_reader reader = {tell_row, tell_count, t};
	const char *error = NULL;
	char path[PATH_MAX];

	days_name(folder, day, path, sizeof(path));
	if (access(path, R_OK) != 0)
		return errno == ENOENT ? EX_OK : fileerror_open(path);
	t->rows = t->counts = 0;
	if (dayfile_read(folder, day, since, &reader, &error) != DATABASE_GOOD) {
		fprintf(stderr, "relayguardctl: %s: %s\n", path, error);
		return EX_DATAERR;
	}
	if (t->rows > 0 && t->counts == 0)
		fprintf(
		    stderr, "relayguardctl: %s: nothing is counted by the hour in it\n", path);
	return EX_OK;
}

/* Those that end on .corrupt alone have a day, too. */
static unsigned
keep_readable(const char *folder, int *day, unsigned n)
{
	unsigned kept = 0;
	char path[PATH_MAX];

	for (unsigned i = 0; i < n; i++) {
		days_name(folder, day[i], path, sizeof(path));
		if (access(path, F_OK) == 0)
			day[kept++] = day[i];
	}
	return kept;
}

int
storelog_read(const char *folder, int64_t since, const struct dayfile_reader *reader)
{
	struct telling t = {.reader = reader};
	int day[DAYS_MAX], status = EX_OK, first = since > 0 ? days_of(since) : 0;
	unsigned n;

	if (access(folder, R_OK | X_OK) != 0)
		return fileerror_open(folder);
	if ((n = keep_readable(folder, day, days_list(folder, day))) == 0) {
		fprintf(stderr, "relayguardctl: %s: no store is here\n", folder);
		return EX_NOINPUT;
	}
	progress_begin(&t.progress);
	for (unsigned i = n; i-- > 0;) {
		int code = day[i] < first ? EX_OK : read_day(folder, day[i], since, &t);

		t.percent = (n - i) * 100 / n;
		if (status == EX_OK)
			status = code;
	}
	progress_end(&t.progress);
	return status;
}

bool
storelog_entry(struct logentry *entry, const struct store_row *row)
{
	if (row->time <= 0 || row->time > TIME_LAST ||
	    logentry_parse(entry, row->line, row->time) != LOGMERGE_ENTRY)
		return false;
	entry->time = row->time + storelog_offset(row->time);
	return true;
}

int64_t
storelog_offset(int64_t time)
{
	time_t t = (time_t)time;
	struct tm tm;

	return localtime_r(&t, &tm) != NULL ? (int64_t)tm.tm_gmtoff : 0;
}
