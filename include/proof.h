/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof.h - the listings of one list that wait to be proven.  Rank 5; I/O
 * thread only.
 *
 * A listing is proven by a canary, a question about an unused address that is
 * sent after the listing came in.  One canary does for all that wait for it.
 */
#ifndef RELAYGUARD_PROOF_H
#define RELAYGUARD_PROOF_H

#include <stdbool.h>

#include "exam.h"

struct canary;
struct loop;
struct prover;
struct timer;

/* Whether a listing is proven. */
enum proof {
	PROOF_GOOD, /* the list does not hold everybody */
	PROOF_BAD,  /* it does */
	PROOF_NONE  /* it cannot be said: the listing is in doubt */
};

typedef void health_proof(void *arg, enum proof);

struct proofs {
	struct prover *waiting;  /* for the next canary */
	struct canary *canaries; /* all that have not come back, ... */
	unsigned awaited;        /* ... of which so many are waited for */
	struct timer *patience;  /* with these */
	struct timer *haste;     /* to the next canary; runs if hasty */
	bool hasty;
	bool (*send)(void *arg, exam_done *done, void *canary); /* an exam; false: none began */
	void (*lied)(
	    void *arg, enum exam_result, const char *evidence); /* a canary is listed */
	void *arg;
};

/* False: out of memory; to be freed all the same. */
bool proofs_init(struct proofs *, struct loop *,
    bool (*send)(void *arg, exam_done *done, void *canary),
    void (*lied)(void *arg, enum exam_result, const char *evidence), void *arg);

/* Whoever waits is told PROOF_NONE; no exam is open. */
void proofs_free(struct proofs *);

/*
 * Prove a listing that has come in by now.  done is called exactly once, within
 * some seconds, canaries lost or not; maybe from within this call.
 */
void proofs_want(struct proofs *, health_proof *done, void *arg);

#endif
