/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/canaries.h - the listings of one list that wait to be proven.  I/O
 * thread only.
 *
 * A listing is proven by a canary (health/canary.h) that is sent after the listing came
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
struct proofs;

/* Whether a listing is proven. */
enum proof {
	PROOF_GOOD, /* the list does not hold everybody */
	PROOF_BAD,  /* it does */
	PROOF_NONE  /* it cannot be said: the listing is in doubt */
};

typedef void health_proof(void *arg, enum proof);

/* What it takes of the list's owner, and tells it. */
struct proofs_owner {
	/* Begin an exam; false: none began. */
	bool (*ask)(void *arg, const struct exam_plan *, exam_done *done, void *exam);
	/* A canary is listed; nothing is known of what that means. */
	void (*doubted)(void *arg, const struct exam_report *);
	/* It was of a block that the list holds as a whole. */
	void (*held)(void *arg, struct canary_block);
	/* The list has lied. */
	void (*lied)(void *arg, const struct exam_report *);
	void *arg;
};

/* NULL: out of memory.  The owner's functions are copied. */
struct proofs *proofs_new(struct loop *, const struct proofs_owner *);

/* Whoever waits is told PROOF_NONE; no exam is open.  NULL is fine. */
void proofs_free(struct proofs *);

/*
 * The list is this one from now on; it may be changed for one of the same id.  It
 * gets a canary in gap_ms at most often, or in 900 ms where that is less.
 */
void proofs_of(struct proofs *, const struct listing *, int64_t gap_ms);

/*
 * Prove a listing of that side that has come in by now, of that server.  done is
 * called exactly once, within some seconds, canaries lost or not; maybe from within
 * this call.
 */
void proofs_want(
    struct proofs *, enum canary_side, unsigned server, health_proof *done, void *arg);

/*
 * The blocks for the canaries of a timed test: one of each side, by chance, or every
 * one.  Those that the list holds are left out.
 */
void proofs_plan(const struct proofs *, bool every, struct exam_plan *);

/*
 * Judge the canaries of a timed test: PROOF_GOOD, none was listed; PROOF_BAD, every
 * one of a side was; PROOF_NONE: some were, and that is being looked into now, the
 * end of which the owner is told; or the list has other blocks by now.
 */
enum proof proofs_judge(struct proofs *, const struct exam_plan *, const struct exam_report *);

#endif
