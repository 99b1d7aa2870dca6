/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * repute.h - what is thought of a list, by its tests and by what it says: its
 * standing.  Rank 3; one thread.
 */
#ifndef RELAYGUARD_REPUTE_H
#define RELAYGUARD_REPUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "ipaddr.h"
#include "listing.h"

#define REPUTE_REASON_MAX 32

struct watch;

struct repute {
	const struct listing *listing; /* borrowed; may be changed for one of the same id */
	struct watch *watch;
	unsigned failed, passed;        /* tests in a row */
	unsigned strikes;               /* tests failed gravely, in a row or not, ... */
	int64_t struck;                 /* ... since then */
	char reason[REPUTE_REASON_MAX]; /* of the suspension */
	bool told;                      /* it rests on the word of another node */
	bool watched;                   /* it rests on what was watched, not on tests */
	bool lied;                      /* what is kept of its listings may be wrong */
	int64_t since; /* of the suspension, or when the list was believed again */
};

/* Nothing is known yet, but the standing the listing has; false: out of memory. */
bool repute_init(struct repute *, const struct listing *);
void repute_clear(struct repute *);

enum standing repute_standing(const struct repute *);

/* Whether its word counts. */
bool repute_is_believed(const struct repute *);

/* Believe it without a test. */
void repute_believe(struct repute *);

/* A test was passed; so many in a row make up for a suspension. */
void repute_pass(struct repute *, unsigned passes);

/*
 * A test was not: so many in a row are too many, and of grave ones (it would have
 * refused the innocent) twice as many in an hour.
 */
void repute_fail(
    struct repute *, unsigned failures, bool grave, const char *reason, const char *evidence);

/* It has been silent for as long as the dead are. */
void repute_bury(struct repute *, const char *reason);

/* Another node has suspended it, for that reason; or has found it good. */
void repute_told_bad(struct repute *, const char *reason);
void repute_told_good(struct repute *);

/* What it says of an address, and that it holds a client who is known to be good. */
void repute_answer(struct repute *, const struct ipaddr *, bool listed);
void repute_good_client(struct repute *, const struct ipaddr *);

/* Whether what it says of late is odd enough to test it. */
bool repute_is_suspect(const struct repute *);

/* Whether what it says of late is not its way, so that it is not believed. */
bool repute_is_unusual(const struct repute *);

/* Whether it is to be asked about clients: one that was suspended for what it says
 * must be heard to come back. */
bool repute_is_heard(const struct repute *);

#endif
