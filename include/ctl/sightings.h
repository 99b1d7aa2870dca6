/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/sightings.h - what was seen here of a client, as the daemon's verb local tells it.  Pure.
 * What only operators have said of it is no evidence that another network can use.
 */
#ifndef RELAYGUARD_CTL_SIGHTINGS_H
#define RELAYGUARD_CTL_SIGHTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "own/locallist.h"

#define SIGHTINGS_HITS_MAX 16
#define SIGHTINGS_TEXT_SIZE 256 /* of what is shown, with what is escaped in it */
#define SIGHTINGS_TIME_SIZE 24

/* One thing that it was seen to do. */
struct sighting_hit {
	enum local_reason reason;
	char time[SIGHTINGS_TIME_SIZE]; /* "2026-11-29T10:00:00Z" */
	char what[SIGHTINGS_TEXT_SIZE]; /* the form of a recipient; empty for others */
	char name[SIGHTINGS_TEXT_SIZE], helo[SIGHTINGS_TEXT_SIZE], sender[SIGHTINGS_TEXT_SIZE];
	char ref[SIGHTINGS_TEXT_SIZE]; /* of the decision */
};

/* How often it was seen to do things of a kind. */
struct sighting_count {
	int64_t times; /* 0: never */
	char first[SIGHTINGS_TIME_SIZE], last[SIGHTINGS_TIME_SIZE];
};

struct sightings {
	char contact[SIGHTINGS_TEXT_SIZE]; /* of ours; or empty */
	struct sighting_count count[LOCAL_REASONS];
	size_t nhits;
	struct sighting_hit hit[SIGHTINGS_HITS_MAX]; /* the last first */
};

/* Take a line of the reply; its status if it is the last one, else -1.  What is none of
 * these is left out. */
int sightings_take(struct sightings *, const char *line);

/* Whether there is any. */
bool sightings_is_there(const struct sightings *);

/* When the first and the last of it was, of all kinds; there is some. */
const char *sightings_first(const struct sightings *);
const char *sightings_last(const struct sightings *);

/* How often, in all. */
int64_t sightings_times(const struct sightings *);

#endif
