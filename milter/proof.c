/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proof.c - canaries.  Who asks for a proof waits for one that is sent after the
 * listing came in: the one under way may be older.  The next is sent when that is
 * back, or in a few milliseconds, so that a slow list costs one answer more and
 * not two.
 */
#include "config.h"

#include "proof.h"

#include <stdlib.h>

#include "clock.h"
#include "loop.h"

#define PROOF_MS 7000 /* a resolver has given up by then */
#define HASTE_MS 5    /* until the next is sent, although one is under way */
#define AWAITED_MAX 8 /* that are waited for at once */

/* Somebody who waits for the proof of a listing. */
struct prover {
	struct prover *next;
	health_proof *done;
	void *arg;
};

struct canary {
	struct canary *next;
	struct proofs *all;
	struct prover *provers; /* who waits for it; NULL: nobody any more */
	int64_t due;            /* until then */
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

/* Wait for a canary no more; returns who did. */
static struct prover *
end_wait(struct canary *c)
{
	struct prover *provers = c->provers;

	c->provers = NULL;
	if (provers != NULL && --c->all->awaited == 0)
		timer_stop(c->all->patience);
	return provers;
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

/* Send the next one for those who wait: at once if none is awaited, else soon. */
static void
hasten(struct proofs *all)
{
	if (all->waiting == NULL)
		return;
	if (all->awaited == 0) {
		send_canary(all);
	} else if (!all->hasty && all->awaited < AWAITED_MAX) {
		all->hasty = true;
		timer_start(all->haste, HASTE_MS);
	}
}

static void
on_haste(void *arg)
{
	struct proofs *all = arg;

	all->hasty = false;
	if (all->waiting != NULL)
		send_canary(all);
}

/* One that comes too late proves nothing any more, but may still have found a lie. */
static void
on_canary(void *arg, enum exam_result result, const char *evidence)
{
	struct canary *c = arg;
	struct proofs *all = c->all;
	struct prover *provers = end_wait(c);

	canary_free(c);
	if (result == EXAM_GOOD) {
		tell(provers, PROOF_GOOD);
	} else if (result == EXAM_SILENT) {
		tell(provers, PROOF_NONE);
	} else {
		all->lied(all->arg, result, evidence);
		tell(provers, PROOF_BAD);
	}
	hasten(all);
}

/* The first of the awaited that is to be waited for no more; or NULL. */
static struct canary *
find_overdue(const struct proofs *all)
{
	int64_t now = clock_ms();

	for (struct canary *c = all->canaries; c != NULL; c = c->next)
		if (c->provers != NULL && c->due <= now)
			return c;
	return NULL;
}

static void
watch_patience(struct proofs *all)
{
	int64_t due = INT64_MAX;

	for (const struct canary *c = all->canaries; c != NULL; c = c->next)
		if (c->provers != NULL && c->due < due)
			due = c->due;
	if (due != INT64_MAX)
		timer_start(all->patience, due - clock_ms());
}

/* An answer that never comes must not keep a listing waiting. */
static void
on_patience(void *arg)
{
	struct proofs *all = arg;
	struct canary *c;

	while ((c = find_overdue(all)) != NULL)
		tell(end_wait(c), PROOF_NONE);
	watch_patience(all);
	hasten(all);
}

static void
send_canary(struct proofs *all)
{
	struct prover *waiting = all->waiting;
	struct canary *c = malloc(sizeof(*c));

	all->waiting = NULL;
	if (c == NULL) {
		tell(waiting, PROOF_NONE);
		return;
	}
	*c = (struct canary){all->canaries, all, waiting, clock_ms() + PROOF_MS};
	all->canaries = c;
	if (all->awaited++ == 0)
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
	hasten(all);
}

bool
proofs_init(struct proofs *all, struct loop *loop,
    bool (*send)(void *arg, exam_done *done, void *canary),
    void (*lied)(void *arg, enum exam_result, const char *evidence), void *arg)
{
	*all = (struct proofs){.send = send, .lied = lied, .arg = arg};
	all->patience = timer_new(loop, on_patience, all);
	all->haste = timer_new(loop, on_haste, all);
	return all->patience != NULL && all->haste != NULL;
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
	timer_free(all->haste);
}
