/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/state.h - what is thought of a list, by its tests and by what it says: its
 * health state (rise and fall).  One thread.
 */
#ifndef RELAYGUARD_HEALTH_STATE_H
#define RELAYGUARD_HEALTH_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "lists/listing.h"

#define HEALTH_STATE_REASON_MAX 32

struct tripwire;

struct health_state {
	const struct listing *listing; /* borrowed; may be changed for one of the same id */
	const char *source; /* what is thought of, for the log: "data"; NULL: the list in DNS */
	struct tripwire *tripwire;
	unsigned failed, passed;              /* tests in a row */
	unsigned lies;                        /* lies it was caught at, in a row or not, ... */
	int64_t lied_at;                      /* ... within a day of then */
	int64_t doubtful;                     /* for a lie it stays in doubt until then */
	char reason[HEALTH_STATE_REASON_MAX]; /* of the suspension */
	bool watched;                         /* it rests on what was watched, not on tests */
	bool lied;                            /* what is kept of its listings may be wrong */
	int64_t since; /* of the suspension, or when the list was believed again */
};

/* Why a list is not believed, as the log says it; what is NULL is not said. */
struct cause {
	const char *reason;   /* a word */
	const char *evidence; /* the answer that showed it */
	const char *hint;     /* what is probably wrong */
};

/* Nothing is known yet, but the state the listing has; false: out of memory. */
bool health_state_init(struct health_state *, const struct listing *);
void health_state_clear(struct health_state *);

enum list_state health_state_of(const struct health_state *);

/* Whether its word counts. */
bool health_state_is_believed(const struct health_state *);

/* Believe it without a test. */
void health_state_believe(struct health_state *);

/* A test was passed; so many in a row make up for a suspension. */
void health_state_pass(struct health_state *, unsigned passes);

/* Something is odd: a refusal that needs the list is put off from now on, ... */
void health_state_doubt(struct health_state *, const struct cause *);

/* ... but there is an explanation for it. */
void health_state_clear_up(struct health_state *);

/*
 * A test was not passed: so many in a row are too many.
 */
void health_state_fail(struct health_state *, unsigned failures, const struct cause *);

/*
 * The list was caught at a lie, by which the innocent would be refused: it is a test
 * not passed, it keeps the list in doubt for so long, and twice as many as failures
 * within a day are too many.
 */
void health_state_lie(
    struct health_state *, unsigned failures, int64_t doubt_ms, const struct cause *);

/* How many lies are held against it now. */
unsigned health_state_lies(const struct health_state *);

/* It has been silent for as long as the dead are. */
void health_state_unreachable(struct health_state *, const struct cause *);

/* What it says of an address, and that it holds a client whom somebody vouches for. */
void health_state_answer(struct health_state *, const struct ipaddr *, bool listed);
void health_state_vouched(
    struct health_state *, const struct ipaddr *voter, const struct ipaddr *client);

/* Whether what it says of late is odd enough to test it. */
bool health_state_is_suspect(const struct health_state *);

/* Whether what it says of late is not its way, so that it is not believed. */
bool health_state_is_unusual(const struct health_state *);

/* Whether it is to be asked about clients: one that was suspended for what it says
 * must be heard to come back. */
bool health_state_is_heard(const struct health_state *);

#endif
