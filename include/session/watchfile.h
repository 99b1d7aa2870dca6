/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/watchfile.h - what is known of our own addresses on lists, between a stop and the
 * next start: a text of a line for each row, list and change.  Blocks on files.
 */
#ifndef RELAYGUARD_SESSION_WATCHFILE_H
#define RELAYGUARD_SESSION_WATCHFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "session/watchrow.h"

#define WATCHFILE_NAME "watch.state" /* in the folder of the store */
#define WATCHFILE_ROWS_MAX ((size_t)WATCH_SUBJECTS_MAX * LISTS_MAX)

struct watchfile_list {
	char list[CHECKER_LABEL_MAX + 1];
	struct watch_silence silence;
};

struct watchfile {
	char series[REF_LEN + 1];
	uint64_t last; /* the number of the last change */
	size_t nrows, nlists, nnews;
	struct watch_row *row; /* without the last answer */
	struct watchfile_list list[LISTS_MAX];
	struct watch_news news[WATCH_NEWS_MAX];
};

/* Take what a text holds, which is cut into pieces; false: it is none of ours, or not all of
 * it is there.  To be cleared in any case. */
bool watchfile_read(struct watchfile *, char *text);

/* Read the file in a folder; false, and why, where there is none that is good: why is empty
 * where there is none at all. */
bool watchfile_load(struct watchfile *, const char *folder, char *why, size_t whysize);

/* Write it anew: who reads it has all of the old one or of the new one.  False, and why. */
bool watchfile_save(const struct watchfile *, const char *folder, char *why, size_t whysize);

/* Free what it holds. */
void watchfile_clear(struct watchfile *);

#endif
