/* SPDX-License-Identifier: BSD-2-Clause */
/* session/watchrow.h - what is known of one that is watched, and what has changed.  Pure. */
#ifndef RELAYGUARD_SESSION_WATCHROW_H
#define RELAYGUARD_SESSION_WATCHROW_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/checker.h"
#include "lists/evidence.h"
#include "lists/listing.h"
#include "own/watched.h"

#define WATCH_NEWS_MAX 64 /* changes that are kept */

/* What is known of one that is watched, by one list. */
struct watch_row {
	char subject[SUBJECT_NAME_SIZE]; /* an address or a name */
	char list[CHECKER_LABEL_MAX + 1];
	enum list_kind kind;
	enum scope scope;
	bool seldom;            /* no policy names the list */
	enum category category; /* of the last listing; CATEGORY_MAX: there was none */
	struct watched watched;
	struct fact fact; /* the last answer */
};

enum watch_event { WATCH_LISTED_NOW, WATCH_DELISTED, WATCH_UNKNOWN, WATCH_KNOWN };

/* A change that is for good. */
struct watch_news {
	uint64_t number; /* 1, 2, ... */
	int64_t time;    /* in clock_wall() */
	enum watch_event event;
	char subject[SUBJECT_NAME_SIZE]; /* "": all that is watched */
	char list[CHECKER_LABEL_MAX + 1];
	const char *scope, *category; /* of a listing, or NULL */
};

/* "address", "range", "provider". */
const char *watch_scope_name(enum scope);

/* "listed", "delisted", "unknown", "known". */
const char *watch_event_name(enum watch_event);

#endif
