/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/testverb.c - two configurations are read, and then the store. */
#include "config.h"

#include "ctl/testverb.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "conf/conf.h"
#include "ctl/changes.h"
#include "ctl/changesshow.h"
#include "ctl/fileerror.h"
#include "ctl/storelog.h"
#include "ctl/words.h"

#define VERB "test-config"
#define DIFFERENT 1

struct options {
	bool json;
	int64_t days; /* 0: all */
	struct storelog_place place;
	const char *file; /* that is tried */
};

/* Options stand on either side of the file.  False: they are none. */
static bool
take_options(struct options *o, char *const *word)
{
	const char *days = NULL;
	const struct words_option options[] = {
	    {"days", &days},
	    {"store", &o->place.folder},
	    {"conf", &o->place.conf},
	    {"lists", &o->place.registry},
	    {NULL, NULL},
	};

	if (!words_take(VERB, &word, options))
		return false;
	if (*word == NULL)
		return words_wrong(VERB, NULL, WORDS_TOO_FEW);
	o->file = *word++;
	if (!words_take(VERB, &word, options))
		return false;
	if (*word != NULL)
		return words_wrong(VERB, *word, WORDS_TOO_MANY);
	return days == NULL || words_number(VERB, "--days", days, STORELOG_DAYS_MAX, &o->days);
}

/* What the rows are given to. */
struct trying {
	struct changes *changes;
	struct replay replay;
};

static void
add_row(void *arg, const struct store_row *row)
{
	struct trying *t = arg;

	changes_add(t->changes, &t->replay, row);
}

static void
add_count(void *arg, const struct dayfile_count *count)
{
	struct trying *t = arg;

	changes_add_hour(t->changes, count);
}

/* The status of what was read and found. */
static int
show(const struct options *o, const struct changes *c, int status)
{
	if (c->bad > 0)
		fprintf(stderr, "relayguardctl: %llu rows of the store cannot be read\n",
		    (unsigned long long)c->bad);
	if (status == EX_OK && c->differ > 0)
		status = DIFFERENT;
	else if (status == EX_OK && !changes_replayed(c))
		status = EX_NOINPUT;
	if (!o->json)
		changesshow_text(stdout, c);
	else if (!changesshow_json(stdout, c, o->file, status))
		status = EX_OSERR;
	return status;
}

static int
try(const struct options *o, const struct conf *then, const struct conf *now)
{
	struct trying t = {.changes = changes_new(), .replay = {then, now}};
	const struct dayfile_reader reader = {add_row, add_count, &t};
	char folder[PATH_MAX];
	int status;

	if (t.changes == NULL)
		return fileerror_open(NULL);
	if ((status = storelog_find(&o->place, then, folder)) == EX_OK) {
		status = storelog_read(folder, storelog_since(o->days), &reader);
		if (storelog_is_readable(status))
			status = show(o, t.changes, status);
	}
	changes_free(t.changes);
	return status;
}

int
testverb_run(bool json, char *const *word)
{
	struct options o = {.json = json};
	struct storelog_place now;
	struct conf *conf[2];
	int status = EX_CONFIG;

	if (!take_options(&o, word))
		return EX_USAGE;
	now = o.place;
	now.conf = o.file;
	conf[0] = storelog_conf(&o.place, NULL);
	conf[1] = conf[0] != NULL ? storelog_conf(&now, stderr) : NULL;
	if (conf[1] != NULL)
		status = try(&o, conf[0], conf[1]);
	conf_unref(&conf[1]);
	conf_unref(&conf[0]);
	return status;
}
