/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/canaries.h - the listings of one list that wait for a confirmation.  I/O
 * thread only.
 * A listing is confirmed by a canary (health/canary.h) that is sent after the listing came
 * in, to the server that gave it.  One canary does for all listings that came
 * before it was sent (group commit).  One that is listed is looked into: a block
 * that the list holds as a whole, and rightly so, is not used for it any more.
 */
#ifndef RELAYGUARD_HEALTH_CANARIES_H
#define RELAYGUARD_HEALTH_CANARIES_H

#include <stdbool.h>
#include <stdint.h>

#include "health/canary.h"
#include "health/selftest.h"

struct loop;
struct canaries;

/* Whether a listing is confirmed. */
enum confirmation_result {
	CONFIRMED,  /* the list does not hold everybody */
	REFUTED,    /* it does */
	UNCONFIRMED /* it cannot be said: the listing is in doubt */
};

typedef void health_confirmed(void *arg, enum confirmation_result);

/* What it takes of the list's owner, and tells it. */
struct canaries_owner {
	/* Begin a self-test; false: none began. */
	bool (*ask)(
	    void *arg, const struct selftest_plan *, selftest_done *done, void *selftest);
	/* A canary is listed; nothing is known of what that means. */
	void (*doubted)(void *arg, const struct selftest_report *);
	/* It was of a block that the list holds as a whole. */
	void (*held)(void *arg, struct canary_block);
	/* The list has lied. */
	void (*lied)(void *arg, const struct selftest_report *);
	void *arg;
};

/* NULL: out of memory.  The owner's functions are copied. */
struct canaries *canaries_new(struct loop *, const struct canaries_owner *);

/* Whoever waits is told UNCONFIRMED; no self-test is open.  NULL is fine. */
void canaries_free(struct canaries *);

/*
 * The list is this one from now on; it may be changed for one of the same id.  It
 * gets a canary in gap_ms at most often, or in 900 ms where that is less; or one for
 * twenty questions, where these are asked in less.
 */
void canaries_of(struct canaries *, const struct listing *, int64_t gap_ms);

/* The list is asked a question about a client. */
void canaries_asked(struct canaries *);

/* Confirm a listing of that side that has come in by now, of that server.  done is
 * called exactly once, within some seconds, canaries lost or not; maybe from within
 * this call.
 */
void canaries_confirm(
    struct canaries *, enum canary_side, unsigned server, health_confirmed *done, void *arg);

/*
 * The blocks for the canaries of a timed test: one of each side, by chance, or every
 * one.  Those that the list holds are left out.
 */
void canaries_plan(const struct canaries *, bool every, struct selftest_plan *);

/*
 * Judge the canaries of a timed test: CONFIRMED, none was listed; REFUTED, every
 * one of a side was; UNCONFIRMED: some were, and that is being looked into now, the
 * end of which the owner is told; or the list has other blocks by now.
 */
enum confirmation_result canaries_judge(
    struct canaries *, const struct selftest_plan *, const struct selftest_report *);

#endif
