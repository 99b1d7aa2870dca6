/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/state.h - what is thought of a list, by its tests and by what it says: its
 * standing.  One thread.
 */
#ifndef RELAYGUARD_HEALTH_STATE_H
#define RELAYGUARD_HEALTH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "lists/listing.h"

#define REPUTE_REASON_MAX 32

struct watch;

struct repute {
	const struct listing *listing; /* borrowed; may be changed for one of the same id */
	struct watch *watch;
	unsigned failed, passed;        /* tests in a row */
	unsigned strikes;               /* lies it was caught at, in a row or not, ... */
	int64_t struck;                 /* ... within a day of then */
	int64_t doubtful;               /* for a lie it stays in doubt until then */
	char reason[REPUTE_REASON_MAX]; /* of the suspension */
	bool watched;                   /* it rests on what was watched, not on tests */
	bool lied;                      /* what is kept of its listings may be wrong */
	int64_t since; /* of the suspension, or when the list was believed again */
};

/* Why a list is not believed, as the log says it; what is NULL is not said. */
struct cause {
	const char *reason;   /* a word */
	const char *evidence; /* the answer that showed it */
	const char *hint;     /* what is probably wrong */
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

/* Something is odd: a refusal that needs the list is put off from now on, ... */
void repute_doubt(struct repute *, const struct cause *);

/* ... but there is an explanation for it. */
void repute_clear_up(struct repute *);

/*
 * A test was not passed: so many in a row are too many.
 */
void repute_fail(struct repute *, unsigned failures, const struct cause *);

/*
 * The list was caught at a lie, by which the innocent would be refused: it is a test
 * not passed, it keeps the list in doubt for so long, and twice as many as failures
 * within a day are too many.
 */
void repute_strike(struct repute *, unsigned failures, int64_t doubt_ms, const struct cause *);

/* How many lies are held against it now. */
unsigned repute_strikes(const struct repute *);

/* It has been silent for as long as the dead are. */
void repute_bury(struct repute *, const char *reason);

/* What it says of an address, and that it holds a client whom somebody vouches for. */
void repute_answer(struct repute *, const struct ipaddr *, bool listed);
void repute_good_client(
    struct repute *, const struct ipaddr *voter, const struct ipaddr *client);

/* Whether what it says of late is odd enough to test it. */
bool repute_is_suspect(const struct repute *);

/* Whether what it says of late is not its way, so that it is not believed. */
bool repute_is_unusual(const struct repute *);

/* Whether it is to be asked about clients: one that was suspended for what it says
 * must be heard to come back. */
bool repute_is_heard(const struct repute *);

#endif
