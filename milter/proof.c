/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof.c - canaries, one at a time.  Who asks for a proof waits for the next
 * one that is sent: the one under way may be older than the listing.
 */
#include "config.h"

#include "proof.h"

#include <stdlib.h>

#include "loop.h"

#define PROOF_MS 7000 /* a resolver has given up by then */

/* Somebody who waits for the proof of a listing. */
struct prover {
	struct prover *next;
	health_proof *done;
	void *arg;
};

struct canary {
	struct canary *next;
	struct proofs *all;
	struct prover *provers; /* who waits for it, if anybody yet */
};

static void send_canary(struct proofs *);

static void
tell(struct prover *provers, enum proof proof)
{
	struct prover *next;

	for (; provers != NULL; provers = next) {
		next = provers->next;
		provers->done(provers->arg, proof);
		free(provers);
	}
}

static void
canary_free(struct canary *c)
{
	struct canary **at = &c->all->canaries;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	free(c);
}

/* Wait for the canary under way no more; returns who did. */
static struct prover *
end_wait(struct proofs *all)
{
	struct prover *provers = all->canary->provers;

	all->canary->provers = NULL;
	all->canary = NULL;
	timer_stop(all->patience);
	return provers;
}

/* One that comes too late proves nothing any more, but may still have found a lie. */
static void
on_canary(void *arg, enum exam_result result, const char *evidence)
{
	struct canary *c = arg;
	struct proofs *all = c->all;
	struct prover *provers = all->canary == c ? end_wait(all) : NULL;

	canary_free(c);
	if (result == EXAM_GOOD) {
		tell(provers, PROOF_GOOD);
	} else if (result == EXAM_SILENT) {
		tell(provers, PROOF_NONE);
	} else {
		all->lied(all->arg, result, evidence);
		tell(provers, PROOF_BAD);
	}
	send_canary(all);
}

/* An answer that never comes must not keep a listing waiting. */
static void
on_patience(void *arg)
{
	struct proofs *all = arg;

	tell(end_wait(all), PROOF_NONE);
	send_canary(all);
}

/* Send the next one, if somebody waits for it, and nobody for the one before. */
static void
send_canary(struct proofs *all)
{
	struct prover *waiting = all->waiting;
	struct canary *c;

	if (waiting == NULL || all->canary != NULL)
		return;
	all->waiting = NULL;
	if ((c = malloc(sizeof(*c))) == NULL) {
		tell(waiting, PROOF_NONE);
		return;
	}
	*c = (struct canary){all->canaries, all, waiting};
	all->canary = all->canaries = c;
	timer_start(all->patience, PROOF_MS);
	if (!all->send(all->arg, on_canary, c))
		on_canary(c, EXAM_SILENT, NULL);
}

void
proofs_want(struct proofs *all, health_proof *done, void *arg)
{
	struct prover *prover = malloc(sizeof(*prover));

	if (prover == NULL) {
		done(arg, PROOF_NONE);
		return;
	}
	*prover = (struct prover){all->waiting, done, arg};
	all->waiting = prover;
	send_canary(all);
}

bool
proofs_init(struct proofs *all, struct loop *loop,
    bool (*send)(void *arg, exam_done *done, void *canary),
    void (*lied)(void *arg, enum exam_result, const char *evidence), void *arg)
{
	*all = (struct proofs){.send = send, .lied = lied, .arg = arg};
	all->patience = timer_new(loop, on_patience, all);
	return all->patience != NULL;
}

void
proofs_free(struct proofs *all)
{
	while (all->canaries != NULL) {
		tell(all->canaries->provers, PROOF_NONE);
		canary_free(all->canaries);
	}
	tell(all->waiting, PROOF_NONE);
	timer_free(all->patience);
}
