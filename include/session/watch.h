/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/watch.h - our own addresses and names on other people's lists: asked about now and
 * then, like any client's, on a thread of its own.  Any thread; waits for a mutex that is
 * never held for long.
 *
 * The lists are those that policies name: they are tested all the time, so that it is known
 * when to believe them.  What is known is kept in memory, and learnt again after a start.
 */
#ifndef RELAYGUARD_SESSION_WATCH_H
#define RELAYGUARD_SESSION_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"
#include "conf/checker.h"
#include "lists/evidence.h"
#include "lists/listing.h"
#include "own/watched.h"

struct client_services;
struct tails;
struct watch;

/* Nothing is watched until watch_configure().  What it is given is borrowed.  NULL: out of
 * memory. */
struct watch *watch_new(const struct client_services *, struct tails *);

/* End, and wait for its thread, for some seconds unless lookups are hurried.  NULL is fine. */
void watch_free(struct watch *);

/* The running configuration is another one: what it says to watch that is not known is asked
 * about soon.  Main thread. */
void watch_configure(struct watch *);

/* What is known of one that is watched, by one list. */
struct watch_row {
	char subject[SUBJECT_NAME_SIZE]; /* an address or a name */
	char list[CHECKER_LABEL_MAX + 1];
	enum list_kind kind;
	enum scope scope;
	enum category category; /* of the last listing; CATEGORY_MAX: there was none */
	struct watched watched;
	struct fact fact; /* the last answer */
};

/* Row number i; false: there are no more.  Rows may move between two calls. */
bool watch_row(struct watch *, size_t i, struct watch_row *);

/* Since when a list has said nothing of anything; 0: it has, the last time.  False: there is
 * no list number i. */
bool watch_silence(struct watch *, size_t i, char list[CHECKER_LABEL_MAX + 1], int64_t *since);

/* "address", "range", "provider". */
const char *watch_scope_name(enum scope);

enum watch_event { WATCH_LISTED_NOW, WATCH_DELISTED, WATCH_UNKNOWN, WATCH_KNOWN };

/* "listed", "delisted", "unknown", "known". */
const char *watch_event_name(enum watch_event);

/* A change that is for good. */
struct watch_news {
	uint64_t number; /* 1, 2, ... */
	int64_t time;    /* in clock_wall() */
	enum watch_event event;
	char subject[SUBJECT_NAME_SIZE]; /* "": all that is watched */
	char list[CHECKER_LABEL_MAX + 1];
	const char *scope, *category; /* of a listing, or NULL */
};

/* The name of this series of numbers, which no other has. */
const char *watch_series(const struct watch *);

/* The number of the last change; 0: there was none. */
uint64_t watch_last(struct watch *);

/* The first change that is known behind that number; false: there is none. */
bool watch_next(struct watch *, uint64_t number, struct watch_news *);

#endif
